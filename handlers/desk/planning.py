"""A planned touch that a person sends now, drops or moves: politeness decides about it as ever (rules 43, 111)."""

from __future__ import annotations

from dataclasses import replace

from followup.decide import decide_reminder, decide_skipped
from followup.effects import Effect, Say, Withhold
from followup.kinds import Case
from followup.model import MOVED, SKIPPED, Decision, Instant, Outgoing, Reason, Reminder, ReminderState, Thread, Verdict
from followup.ports import WordsExhausted
from followup.promises import STEPS as OF_PROMISES
from followup.reach import HELD, PLATFORM
from handlers.carry_out import carry_out
from handlers.chats import ways_to
from handlers.deps import Deps
from handlers.desk.call import Call
from handlers.desk.told import Told
from handlers.order_changed import case_of
from handlers.outgoing import first_of
from handlers.reminder_due import fire
from handlers.scene import Scene
from store.tx import Tx

Planned = tuple[Reminder, Thread]


def now(call: Call) -> Told:
    """It is due at once: it goes, waits until it may, or is dropped, and he is told which and why."""
    planned = _meant(call)
    if isinstance(planned, Told):
        return planned
    reminder, mark = planned[0], call.tx.mark()
    try:
        effects = fire(reminder, call.tx, call.deps, call.now)
    except WordsExhausted:
        call.tx.back_to(mark)
        return call.not_done("now_used_up")
    call.note(f"now {reminder.step}")
    return _came_of(effects, reminder, call)


def skip(call: Call) -> Told:
    """It is never said, and its id never comes back; what comes after it is planned as if it had been said."""
    planned = _meant(call)
    if isinstance(planned, Told):
        return planned
    (reminder, thread), tx, deps = planned, call.tx, call.deps
    case = _case(thread, tx, deps)
    if case is None:
        return call.not_done("nothing_planned")
    tx.save(replace(reminder, state=ReminderState.CANCELLED, error=SKIPPED))
    why = Decision(Verdict.SETTLED, (Reason(Verdict.SETTLED, False, (("outcome", SKIPPED),)),))
    Scene(thread, tx, deps, call.now).decided(reminder.step, reminder.id, why)
    call.note(f"skip {reminder.step} {call.event.text}")
    carry_out(decide_skipped(case, reminder, deps.policy(thread.shop), call.now), thread, tx, deps, call.now)
    return call.told("skipped", at=call.local(reminder.due_at))


def move(call: Call) -> Told:
    """It is due at another time, to come and while it is of use; he is told if it would have to wait there."""
    until = call.event.until
    if until is None or until <= call.now:
        return call.not_done("expected_move")
    planned = _meant(call)
    if isinstance(planned, Told):
        return planned
    reminder, thread = planned
    if reminder.expires_at is not None and until >= reminder.expires_at:
        return call.not_done("move_too_late", until=call.local(reminder.expires_at))
    moved = replace(reminder, due_at=until, error=MOVED)
    call.tx.save(moved)
    call.note(f"move {reminder.step} {call.local(until):%m-%d %H:%M} {call.event.text}")
    carry_out((), thread, call.tx, call.deps, call.now)
    waits = _waits(verdict_at(moved, thread, call.tx, call.deps, until), call)
    return call.told("moved", at=call.local(reminder.due_at), until=call.local(until), **waits)


def _waits(decision: Decision | None, call: Call) -> dict[str, object]:
    """Why it could not go at its new time, as far as one can tell, and when it would."""
    if decision is None or decision.verdict is Verdict.SENT:
        return {}
    why = {"why": call.called(f"verdict.{decision.verdict}")}
    later = decision.retry_at if decision.verdict not in HELD else None
    return {**why, "later": call.local(later)} if later else {**why}


def verdict_at(reminder: Reminder, thread: Thread, tx: Tx, deps: Deps, when: Instant) -> Decision | None:
    """What politeness would say of a planned touch at a moment, as everything stands now; None for a touch that says
    nothing or whose facts are gone."""
    case = _case(thread, tx, deps)
    if case is None:
        return None
    ways = ways_to(case.buyer, thread, tx, deps)
    effects = decide_reminder(case, reminder, deps.policy(thread.shop), when, ways)
    first = effects[0] if effects else None
    return first.decision if isinstance(first, Say | Withhold) else None


def _case(thread: Thread, tx: Tx, deps: Deps) -> Case | None:
    facts = tx.facts_of(thread)
    return case_of(thread, facts, tx, deps) if facts else None


def _meant(call: Call) -> Planned | Told:
    """The planned touch of that id or step, by default the next one; what to say where there is none, or where it has
    gone meanwhile. The word of a promise is kept by who promised."""
    thread, word = call.thread, call.event.word
    if thread is None or not thread.kind:
        return call.not_done("not_followed")
    steps = Scene(thread, call.tx, call.deps, call.now).movable
    waiting = sorted(call.tx.pending(thread.id), key=lambda each: (each.due_at, each.id))
    if call.tx.facts_of(thread) is None:
        return call.not_done("nothing_planned")
    for reminder in waiting:
        if reminder.step in steps and word in ("", reminder.id, reminder.step):
            return reminder, thread
    if not word:
        return call.not_done("nothing_planned")
    if any(word in (each.id, each.step) and each.step in OF_PROMISES for each in waiting):
        return call.not_done("planned_promise")
    return _gone(word, call)


def _gone(word: str, call: Call) -> Told:
    """It is not planned any more: it went, stands in the outbox, or was dropped."""
    said = [each for each in call.tx.every_message_of(call.about) if word in (first_of(each.id), each.step)]
    last = max(said, key=lambda each: each.created_at, default=None)
    return call.not_done("planned_gone", **({"at": call.local(last.created_at)} if last else {}))


def _came_of(effects: list[Effect], reminder: Reminder, call: Call) -> Told:
    message, first = call.tx.get(Outgoing, reminder.id), effects[0] if effects else None
    if message is not None and isinstance(first, Say):
        pasted = {"pasted": "yes"} if message.channel == PLATFORM else {}
        return call.told("now_goes", text=message.text, **pasted)
    decision = first.decision if isinstance(first, Say | Withhold) else None
    if decision is None or decision.verdict is Verdict.SENT:
        return call.told("now_dropped", why=call.called(f"verdict.{Verdict.QUOTA_USED}"))
    why = call.called(f"verdict.{decision.verdict}")
    if decision.verdict in HELD:
        return call.told("now_held", why=why)
    if decision.retry_at is None:
        return call.told("now_dropped", why=why)
    return call.told("now_waits", why=why, until=call.local(decision.retry_at))
