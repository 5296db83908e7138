"""Planned touches whose time has come: each is decided afresh, and one that fails does not hold up the rest."""

from __future__ import annotations

from dataclasses import replace

import structlog

from followup.decide import decide_reminder
from followup.effects import Effect, Say, Withhold
from followup.events import LOOK, looked_at
from followup.kinds import KINDS
from followup.model import Instant, Reminder, ReminderState, Task, Thread, Verdict
from followup.reach import HELD
from handlers.carry_out import carry_out
from handlers.chats import under_his_name, ways_to
from handlers.deps import Deps
from handlers.desk.giving import give
from handlers.order_changed import case_of, follow_up
from store.log_ids import about
from store.tx import Tx

log = structlog.get_logger(__name__)
BATCH = 100


def fire_due(tx: Tx, deps: Deps, now: Instant, limit: int = BATCH, shop: str = "") -> int:
    """Fire up to `limit` due reminders (of a shop), and whatever else is due for the same buyers; returns how many.

    Of nudges due together for one buyer the most urgent kind goes first, and within it the thread that has said
    least, so that two refunds take turns; the cap then holds the others.
    """
    due = sorted(tx.claim_due(now, limit, shop), key=lambda r: (r.priority, _said(r, tx), r.due_at, r.id))
    for planned in due:
        reminder = tx.get(Reminder, planned.id) or planned
        if reminder.state is not ReminderState.PENDING or reminder.due_at > now:
            continue
        mark = tx.mark()
        try:
            fire(reminder, tx, deps, now)
        except Exception as error:  # noqa: BLE001 - a poisonous reminder is put aside and shown to a person
            tx.back_to(mark)
            with about(thread=reminder.thread, reminder=reminder.id):
                _put_aside(reminder, error, tx, deps, now)
    return len(due)


def _said(reminder: Reminder, tx: Tx) -> int:
    thread = tx.get(Thread, reminder.thread)
    return thread.touches if thread else 0


def fire(reminder: Reminder, tx: Tx, deps: Deps, now: Instant) -> list[Effect]:
    """Decide one due reminder and carry it out; returns what was decided. Raises LookupError if its facts are gone."""
    if reminder.step == LOOK:
        _look(reminder, tx, deps, now)
        return []
    thread = tx.get(Thread, reminder.thread)
    facts = tx.facts_of(thread) if thread else None
    if thread is None or facts is None:
        raise LookupError(f"reminder {reminder.id}: its thread or order is gone")
    case = case_of(thread, facts, tx, deps)
    effects = decide_reminder(case, reminder, deps.policy(thread.shop), now, ways_to(case.buyer, thread, tx, deps))
    tx.save(_after(reminder, effects))
    carry_out(effects, thread, tx, deps, now)
    return effects


def _look(reminder: Reminder, tx: Tx, deps: Deps, now: Instant) -> None:
    """Look whether the matter of an order has begun by now. An order that went over to another person is looked at
    under his name, for it is his chats that have to be locked."""
    order_id, kind = looked_at(reminder)
    facts = tx.facts(reminder.shop, order_id)
    owner = under_his_name(facts.order, tx).buyer if facts else reminder.buyer
    if owner != reminder.buyer:
        tx.save(replace(reminder, buyer=owner))
        return
    tx.save(replace(reminder, state=ReminderState.FIRED))
    if facts is not None:
        follow_up(KINDS[kind], facts, tx, deps, now)


def _after(reminder: Reminder, effects: list[Effect]) -> Reminder:
    match effects[0] if effects else None:
        case Withhold(decision=decision) if decision.retry_at is not None:
            waits_for = decision.verdict.value if decision.verdict in HELD else ""
            return replace(reminder, due_at=decision.retry_at, error=waits_for)
        case Withhold(decision=decision) if decision.verdict is Verdict.EXPIRED:
            return replace(reminder, state=ReminderState.EXPIRED)
        case Withhold():
            return replace(reminder, state=ReminderState.CANCELLED)
        case Say() | _:
            return replace(reminder, state=ReminderState.FIRED, error="")


def _put_aside(reminder: Reminder, error: Exception, tx: Tx, deps: Deps, now: Instant) -> None:
    why = f"{type(error).__name__}: {error}"
    log.error("reminder_put_aside", error=type(error).__name__)
    tx.save(replace(reminder, state=ReminderState.PUT_ASIDE, error=why))
    give(Task(f"{reminder.id}/put_aside", reminder.shop, reminder.thread, "put_aside", why, now), tx, deps)
