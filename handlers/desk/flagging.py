"""The flag on an order's note, and the line that stands beside it (rules 98, 99)."""

from __future__ import annotations

from dataclasses import replace

from followup.after_sales.branch import has_left
from followup.desk.flags import NO_FLAG, NUMBERS, Flag, memo, misfit, needs_reason
from handlers.desk.call import Call
from handlers.desk.told import Told


def flag(call: Call) -> Told:
    """Remember the colour, and tell the line for the order's page, ready to copy."""
    thread, colour = call.thread, _colour(call.event.word)
    facts = call.tx.facts_of(thread) if thread else None
    if colour is None:
        return call.not_done("expected_flag")
    if thread is None or facts is None or not thread.order_id:
        return call.not_done("no_order")
    if needs_reason(colour) and not call.event.text.strip():
        return call.not_done("expected_reason")
    if wrong := misfit(colour, has_left(facts)):
        return call.not_done(f"flag_{wrong}")
    call.tx.save(replace(thread, flag=colour.value))
    if colour is Flag.NONE:
        call.note("unflag")
        return call.told("unflagged", order=thread.order_id, number=NUMBERS[colour])
    line = memo(colour, call.written(f"memo.{colour}"), call.event.text, call.name(call.person.id), call.today)
    call.note(f"flag {line}")
    name = call.called(f"flag.{colour}")
    return call.told("flagged", order=thread.order_id, flag=name, number=NUMBERS[colour], memo=line)


def _colour(word: str) -> Flag | None:
    try:
        return Flag.NONE if word == NO_FLAG else Flag(word or "?")
    except ValueError:
        return None
