"""An open case speaks for its order: a late order that is to be cancelled is no longer spoken of as late (rule 22)."""

from __future__ import annotations

from dataclasses import replace

from followup.after_sales.model import Branch
from followup.effects import CancelReminders, SetThread
from followup.events import thread_id
from followup.kinds.late_shipment import CANCEL, LATE_SHIPMENT
from followup.model import Instant, Order, State, Thread
from followup.understood import Intent, Understood
from handlers.carry_out import carry_out
from handlers.deps import Deps
from store.tx import Tx


def as_a_wish(heard: Understood, thread: Thread | None, named: str) -> Understood:
    """A tap that asks for the end of a late order, as the choice that begins the case of just that order; `named` is
    what the ids of such choices begin with."""
    if thread is None or thread.kind != LATE_SHIPMENT.name or heard.choice != CANCEL:
        return heard
    return replace(heard, choice=f"{named}:{Intent.CANCEL}:{thread.order_id}")


def leave_to_case(order: Order, branch: Branch, tx: Tx, deps: Deps, now: Instant) -> None:
    """The case of an order that was not shipped begins: whatever was planned to be said of its delay is dropped."""
    late = tx.get(Thread, thread_id(order.shop, order.id, LATE_SHIPMENT.name))
    if branch is Branch.NOT_SHIPPED and late is not None and not late.state.closed:
        carry_out([CancelReminders("case"), SetThread(State.CLOSED, "case")], late, tx, deps, now)
