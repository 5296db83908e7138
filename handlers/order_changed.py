"""A source told us about an order: keep the facts, settle what is over, open what begins."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from followup.decide import decide_opening, decide_order_changed
from followup.events import OrderChanged, thread_id
from followup.facts import merge
from followup.kinds import KINDS, Case, Kind, Opening
from followup.model import Buyer, Chat, Facts, Instant, Order, Segment, State, Thread
from handlers.carry_out import carry_out
from handlers.chats import chat_of, under_his_name
from handlers.deps import Deps
from store.tx import Tx
from store.wanted import Wanted


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


def wanted(event: OrderChanged) -> Wanted:
    """The buyer's chats and the order with its threads."""
    order = event.order
    return Wanted(buyers=((order.shop, order.buyer),), orders=((order.shop, order.id),))


def order_changed(event: OrderChanged, tx: Tx, deps: Deps, now: Instant) -> Change:
    """Join the event to what is known and follow up; the same facts again change nothing. Raises UnknownShop."""
    policy = deps.policy(event.order.shop)
    old = tx.facts(event.order.shop, event.order.id)
    facts = merge(old, event)
    if old is not None and facts == old:
        return Change.SAME
    _save_new(old, facts, tx)
    for kind in KINDS.values():
        thread = tx.get(Thread, thread_id(facts.order.shop, facts.order.id, kind.name))
        if thread is not None and not thread.state.closed:
            case = case_of(thread, facts, tx, deps)
            thread = carry_out(decide_order_changed(case, policy, now), thread, tx, deps, now)
        opening = kind.opens(facts, policy, now)
        if opening is not None and _begins(thread, opening):
            _open(kind, opening, facts, thread, tx, deps, now)
    return Change.NEW if old is None else Change.CHANGED


def case_of(thread: Thread, facts: Facts, tx: Tx, deps: Deps) -> Case:
    """The case of a thread, with its buyer and chat."""
    chat = tx.get(Chat, thread.chat) or chat_of(thread.shop, thread.buyer, tx, deps)
    return Case(thread, facts, tx.buyer(thread.shop, thread.buyer), chat, deps.can(chat.channel))


def _begins(thread: Thread | None, opening: Opening) -> bool:
    return thread is None or (thread.state.closed and thread.matter != opening.matter)


def _open(kind: Kind, opening: Opening, facts: Facts, before: Thread | None, tx: Tx, deps: Deps, now: Instant) -> None:
    order = under_his_name(facts.order, tx)
    chat = chat_of(order.shop, order.buyer, tx, deps)
    if tx.get(Buyer, order.shop, order.buyer) is None:
        tx.save(Buyer(order.shop, order.buyer, name=order.buyer_name))
    thread = _thread(kind.name, opening, order, chat, now)
    if _is_returning(order, tx):
        thread = replace(thread, segment=Segment.RETURNING)
    if before is not None:
        thread = replace(thread, said=before.said)
    tx.save(thread)
    case = case_of(thread, facts, tx, deps)
    carry_out(decide_opening(case, deps.policy(order.shop), now), thread, tx, deps, now)


def _thread(kind: str, opening: Opening, order: Order, chat: Chat, now: Instant) -> Thread:
    return Thread(
        id=thread_id(order.shop, order.id, kind),
        shop=order.shop,
        order_id=order.id,
        kind=kind,
        buyer=order.buyer,
        chat=chat.id,
        state=State.OPEN,
        opened_at=now,
        acted_at=opening.acted_at,
        matter=opening.matter,
    )


def _is_returning(order: Order, tx: Tx) -> bool:
    return tx.has_paid_before(order.shop, order.buyer, order.id)


def _save_new(old: Facts | None, facts: Facts, tx: Tx) -> None:
    if old is None or facts.order is not old.order:
        tx.save(facts.order)
    known = set() if old is None else {*old.refunds, *old.reviews}
    for item in (*facts.refunds, *facts.reviews):
        if item not in known:
            tx.save(item)
