"""A person tells the desk what he promised the buyer, so that its clock runs (rules 7, 119)."""

from __future__ import annotations

from handlers.desk import clocks
from handlers.desk.call import Call
from handlers.desk.told import Told
from handlers.promised import open_clock
from handlers.scene import Scene


def promise(call: Call) -> Told:
    """Open the clock of a promise; it does not tell the buyer of it, for he was told."""
    event, thread = call.event, call.thread
    if event.until is None or event.until <= call.now or not event.text.strip():
        return call.not_done("expected_promise")
    if thread is None or not thread.kind or thread.state.closed:
        return call.not_done("not_followed")
    scene = Scene(thread, call.tx, call.deps, call.now)
    call.tx.pending(thread.id)
    open_clock(f"{thread.id}/promised/{event.key}", call.person.id, event.text.strip(), event.until, scene)
    clocks.answered(thread.id, call.tx, call.deps, call.now)
    call.note(f"promise {call.local(event.until):%m-%d %H:%M} {event.text}")
    return call.told("promised", until=call.local(event.until), text=event.text)
