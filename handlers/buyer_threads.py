"""Threads about a buyer and no order: opened with their first touches, and begun anew once they were closed."""

from __future__ import annotations

from dataclasses import replace

from followup.decide import decide_opening
from followup.events import buyer_thread_id
from followup.facts import no_order
from followup.model import Chat, Instant, Segment, State, Thread
from handlers.carry_out import carry_out
from handlers.deps import Deps
from handlers.order_changed import case_of
from store.tx import Tx


def thread_about(shop: str, buyer: str, kind: str, tx: Tx) -> Thread | None:
    """The buyer's thread of that kind, open or closed."""
    id_ = buyer_thread_id(shop, buyer, kind)
    return next((thread for thread in tx.every_thread_of(shop, buyer) if thread.id == id_), None)


def open_about(chat: Chat, kind: str, acted_at: Instant, tx: Tx, deps: Deps, now: Instant) -> Thread:
    """Open a thread of that kind about the buyer of a chat; what he read in an earlier one he does not read again."""
    before = thread_about(chat.shop, chat.buyer, kind, tx)
    segment = Segment.RETURNING if tx.has_paid_before(chat.shop, chat.buyer, "") else Segment.NEW
    thread = Thread(
        id=buyer_thread_id(chat.shop, chat.buyer, kind),
        shop=chat.shop,
        order_id="",
        kind=kind,
        buyer=chat.buyer,
        chat=chat.id,
        state=State.OPEN,
        opened_at=now,
        acted_at=acted_at,
        segment=segment,
        matter=f"{now:%Y-%m-%dT%H:%M:%S}",
    )
    if before is not None:
        thread = replace(thread, said=before.said)
    tx.save(thread)
    case = case_of(thread, no_order(thread), tx, deps)
    return carry_out(decide_opening(case, deps.policy(chat.shop), now), thread, tx, deps, now)
