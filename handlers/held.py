"""What is held for want of an open chat: it waits for the buyer to open one, unless a person tells him meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from followup.kinds import KINDS, STEPS
from followup.model import Instant, Outgoing, Reminder, ReminderState, Role, Task, Thread, Verdict
from followup.politeness import DAY
from followup.reach import NO_WAY
from handlers.outgoing import first_of
from store.tx import Tx

CALM = timedelta(hours=1)
AGAIN = "@again"


def resume(shop: str, buyer: str, tx: Tx, now: Instant) -> None:
    """A chat is open again: what waited for one is due, notices at once, nudges when the buyer has had his answers."""
    _due_again(shop, buyer, NO_WAY, tx, now)


def resume_paused(shop: str, buyer: str, tx: Tx, now: Instant) -> int:
    """The bot may speak to the buyer again: what waited for that is due, as after a chat opened; returns how much."""
    return _due_again(shop, buyer, (Verdict.PAUSED,), tx, now)


def _due_again(shop: str, buyer: str, verdicts: Collection[Verdict], tx: Tx, now: Instant) -> int:
    held = [each for each in tx.pending_of(shop, buyer) if each.error in verdicts]
    for reminder in held:
        when = now + CALM if _is_nudge(reminder) else now
        tx.save(replace(reminder, due_at=min(when, reminder.due_at)))
    return len(held)


def hold(message: Outgoing, verdict: Verdict, thread: Thread, tx: Tx, now: Instant) -> None:
    """Words that solve a matter were not taken: they are planned once more, for when the buyer opens a chat."""
    planned = first_of(message.id).removesuffix(f"@{message.channel}")
    expires = message.expires_at
    if planned.endswith(AGAIN) or nobody_knows(message) or (expires is not None and expires <= now):
        return
    shop, buyer, due = message.shop, thread.buyer, expires or now + DAY
    again = Reminder(planned + AGAIN, thread.id, shop, buyer, message.step, due, expires, error=verdict.value)
    tx.save(replace(again, priority=KINDS[thread.kind].priority))


def nobody_knows(message: Outgoing) -> bool:
    """Whether the buyer may have it, for all we know."""
    return any(word.startswith(("unsure", "restored")) for word in message.history)


def told_by_a_person(task: Task, tx: Tx, now: Instant) -> None:
    """A person did what a held touch was for: a notice is dropped, a nudge waits a day more."""
    about = task.id.removeprefix(f"{task.thread}/{task.reason}/")
    for reminder in tx.pending(task.thread):
        if reminder.error not in NO_WAY or not about.startswith(reminder.id.removesuffix(AGAIN)):
            continue
        if _is_nudge(reminder):
            tx.save(replace(reminder, due_at=now + DAY, error=""))
        else:
            tx.save(replace(reminder, state=ReminderState.CANCELLED))


def _is_nudge(reminder: Reminder) -> bool:
    return STEPS[reminder.step].role is Role.NUDGE
