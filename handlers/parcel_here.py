"""A person has the parcel of an order in his hands: nobody looks for it on its way any more (rules 59, 60)."""

from __future__ import annotations

from followup.effects import CancelReminders, SetThread
from followup.events import CaseMoved, Move, thread_id
from followup.kinds.stuck_parcel import STUCK_PARCEL
from followup.model import State, Thread
from handlers.carry_out import carry_out
from handlers.deps import Deps
from store.tx import Tx

CAME_BACK = "parcel_returned"


def parcel_here(event: CaseMoved, tx: Tx, deps: Deps) -> None:
    """Settle the follow-up of a stuck parcel, if the move says that it came back."""
    thread = tx.get(Thread, thread_id(event.shop, event.order_id, STUCK_PARCEL.name))
    if thread is None or thread.state.closed or event.move not in (Move.UNINVITED, Move.RECALLED):
        return
    carry_out([CancelReminders(CAME_BACK), SetThread(State.SETTLED, CAME_BACK)], thread, tx, deps, event.at)
