"""Buyers who agreed to be visited once a month (rule 106): a person of the shop puts them on the list or takes them
off it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from followup.effects import AddNote
from followup.facts import no_order
from followup.kinds.vip_visit import ended
from followup.model import Buyer, Instant
from handlers.buyer_threads import open_about, thread_about
from handlers.carry_out import carry_out
from handlers.chats import chat_of
from handlers.deps import Deps
from handlers.order_changed import case_of
from store.tx import Tx
from store.wanted import Wanted

KIND = "vip_visit"


@dataclass(frozen=True, slots=True)
class Listed:
    """A person of the shop says that a buyer agreed to be visited, or wants it no more."""

    shop: str
    buyer: str
    who: str
    at: Instant


class NotVisited(LookupError):
    """This buyer cannot be visited, or is not: the message says why."""


def wanted(event: Listed) -> Wanted:
    """The buyer with his chats and threads."""
    return Wanted(buyers=((event.shop, event.buyer),))


def add(event: Listed, tx: Tx, deps: Deps) -> bool:
    """Visit a buyer every month from now on; False if he is visited already.

    Raises UnknownShop, and NotVisited for a buyer whom nobody has met or who wants to hear nothing.
    """
    deps.policy(event.shop)
    buyer = _met(event, tx)
    if buyer.opted_out_at is not None:
        raise NotVisited(f"{event.buyer} said stop and hears nothing automatic any more")
    if buyer.visits_at is not None:
        return False
    tx.save(replace(buyer, visits_at=event.at))
    thread = open_about(chat_of(event.shop, event.buyer, tx, deps), KIND, event.at, tx, deps, event.at)
    carry_out([AddNote("visits agreed", event.who)], thread, tx, deps, event.at)
    return True


def remove(event: Listed, tx: Tx, deps: Deps) -> None:
    """Visit a buyer no more. Raises UnknownShop and NotVisited."""
    deps.policy(event.shop)
    buyer = tx.buyer(event.shop, event.buyer)
    if buyer.visits_at is None:
        raise NotVisited(f"{event.buyer} is not visited; `huifang vip list` shows who is")
    thread = thread_about(event.shop, event.buyer, KIND, tx)
    if thread is None or thread.state.closed:
        tx.save(replace(buyer, visits_at=None))
        return
    case = case_of(thread, no_order(thread), tx, deps)
    carry_out([AddNote("visits ended", event.who), *ended(case)], thread, tx, deps, event.at)


def _met(event: Listed, tx: Tx) -> Buyer:
    """The buyer as he is known, by a chat or by an order that he paid."""
    buyer = tx.get(Buyer, event.shop, event.buyer)
    if buyer is not None:
        return buyer
    order = next(iter(tx.orders_of(event.shop, event.buyer)), None)
    if order is None:
        raise NotVisited(f"there is no buyer {event.buyer!r} in the shop {event.shop}")
    return Buyer(event.shop, event.buyer, name=order.buyer_name)
