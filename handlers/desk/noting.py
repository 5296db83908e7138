"""What people write down for each other."""

from __future__ import annotations

from handlers.desk import clocks
from handlers.desk.call import Call
from handlers.desk.told import Told


def note(call: Call) -> Told:
    """A note stays inside: the buyer never sees it."""
    text = call.event.text.strip()
    if not text:
        return call.not_done("expected_note")
    call.note(f"note {text}")
    extended = call.thread is not None and clocks.noted(text, call.thread, call.tx, call.deps, call.now)
    return call.told("noted_extended" if extended else "noted")
