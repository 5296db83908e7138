"""A source told us about an order: keep the facts, settle what is over, open what begins."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from followup.decide import decide_opening, decide_order_changed
from followup.desk.erased import is_erased
from followup.events import LOOK, OrderChanged, reminder_id, thread_id
from followup.facts import merge, news_of
from followup.kinds import KINDS, Case, Kind, Opening
from followup.kinds.after_sales import AFTER_SALES
from followup.kinds.kind import never
from followup.model import Buyer, Chat, Facts, Instant, Order, Reminder, Segment, State, Thread
from followup.restored import as_of
from handlers.carry_out import carry_out
from handlers.chats import chat_of, under_his_name
from handlers.deps import Deps
from handlers.desk.nameless import nameless
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
    deps.policy(event.order.shop)
    old = tx.facts(event.order.shop, event.order.id)
    facts = merge(old, nameless(event, old, tx))
    if old is not None and facts == old:
        return Change.SAME
    _save_new(old, facts, tx)
    for kind in (kind for kind in KINDS.values() if kind.of_order):
        follow_up(kind, facts, tx, deps, now, old)
    tell_others(facts, tx, deps, now)
    return Change.NEW if old is None else Change.CHANGED


def follow_up(kind: Kind, facts: Facts, tx: Tx, deps: Deps, now: Instant, old: Facts | None = None) -> None:
    """Settle or refresh the order's open thread of this kind, open one if a matter has begun, and plan to look again.

    `old` is what was known of the order when it was last followed up, if that is why there may be a look already.
    """
    if is_erased(facts.order.buyer):
        return
    thread = tx.get(Thread, thread_id(facts.order.shop, facts.order.id, kind.name))
    if thread is not None and not thread.state.closed:
        case, policy = case_of(thread, facts, tx, deps), deps.policy(thread.shop)
        since = as_of(policy.gaps, news_of(old, facts), now) if old and policy.gaps else now
        carry_out(decide_order_changed(case, policy, since), thread, tx, deps, now)
    opening = kind.opens(facts, deps.policy(facts.order.shop), now)
    if opening is not None:
        _open_if_new(kind, opening, facts, tx, deps, now)
    if kind.looks is not never:
        _look_again(kind, facts, old, tx, deps, now)


def tell_others(facts: Facts, tx: Tx, deps: Deps, now: Instant) -> None:
    """What is open of the buyer without an order hears of this one: who asked has ordered."""
    shop, buyer = facts.order.shop, under_his_name(facts.order, tx).buyer
    for thread in tx.threads_of(shop, buyer):
        if not thread.order_id:
            effects = decide_order_changed(case_of(thread, facts, tx, deps), deps.policy(shop), now)
            carry_out(effects, thread, tx, deps, now)


def case_of(thread: Thread, facts: Facts, tx: Tx, deps: Deps) -> Case:
    """The case of a thread, with its buyer and chat."""
    chat = tx.get(Chat, thread.chat) or chat_of(thread.shop, thread.buyer, tx, deps)
    return Case(
        thread,
        facts,
        tx.buyer(thread.shop, thread.buyer),
        chat,
        deps.can(chat.channel),
        tx.sale(thread.id),
        tx.grants_of(thread.id),
        tx.evidence_of(thread.id),
        tx.promises_of(thread.id),
        busy=not thread.order_id and is_busy(thread, tx),
        said_at=tx.last_said(thread.id) if thread.kind == AFTER_SALES.name else None,
    )


def is_busy(thread: Thread, tx: Tx) -> bool:
    """Whether something else of the thread's buyer is open."""
    others = (each for each in tx.every_thread_of(thread.shop, thread.buyer) if each.id != thread.id)
    return any(not each.state.closed for each in others)


def _open_if_new(kind: Kind, opening: Opening, facts: Facts, tx: Tx, deps: Deps, now: Instant) -> None:
    """Open a thread for a matter that the facts show, unless it has one."""
    thread = tx.get(Thread, thread_id(facts.order.shop, facts.order.id, kind.name))
    if _begins(kind, thread, opening):
        open_thread(kind, opening, facts, tx, deps, now)


def _look_again(kind: Kind, facts: Facts, old: Facts | None, tx: Tx, deps: Deps, now: Instant) -> None:
    """Where time alone can begin a matter, plan to look whether it did, unless an earlier look is planned already: it
    plans the next one itself. The buyer needs a chat, by which a due look is found and locked."""
    order, policy = facts.order, deps.policy(facts.order.shop)
    when = kind.looks(facts, policy, now)
    planned = kind.looks(old, policy, now) if old else None
    if when is None or (planned is not None and planned <= when):
        return
    thread = thread_id(order.shop, order.id, kind.name)
    id_ = reminder_id(thread, LOOK, f"{when:%Y-%m-%dT%H:%M:%S}")
    if tx.get(Reminder, id_) is None:
        owner = under_his_name(order, tx).buyer
        chat_of(order.shop, owner, tx, deps)
        tx.save(Reminder(id_, thread, order.shop, owner, LOOK, when, priority=kind.priority))


def _begins(kind: Kind, thread: Thread | None, opening: Opening) -> bool:
    return thread is None or (thread.state.closed and kind.again(thread, opening))


def open_thread(kind: Kind, opening: Opening, facts: Facts, tx: Tx, deps: Deps, now: Instant) -> Thread:
    """Open a thread about an order and plan its first touches; one that was closed begins anew with its matter."""
    before = tx.get(Thread, thread_id(facts.order.shop, facts.order.id, kind.name))
    order = under_his_name(facts.order, tx)
    chat = chat_of(order.shop, order.buyer, tx, deps)
    known = tx.get(Buyer, order.shop, order.buyer)
    if known is None or (order.buyer_name and not known.name):
        tx.save(replace(tx.buyer(order.shop, order.buyer), name=order.buyer_name))
    thread = _thread(kind.name, opening, order, chat, now)
    if _is_returning(order, tx):
        thread = replace(thread, segment=Segment.RETURNING)
    if before is not None:
        thread = replace(thread, said=before.said)
    tx.save(thread)
    case, policy = case_of(thread, facts, tx, deps), deps.policy(order.shop)
    since = as_of(policy.gaps, opening.acted_at, now)
    return carry_out(decide_opening(case, policy, since), thread, tx, deps, now)


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
    known = set() if old is None else {*old.refunds, *old.reviews, *old.parcels}
    for item in (*facts.refunds, *facts.reviews, *facts.parcels):
        if item not in known:
            tx.save(item)
