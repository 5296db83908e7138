"""What stands in the outbox: whose it is, whether it may still go, and from when the next nudge is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from followup.kinds import KINDS, Step
from followup.model import Decision, Instant, Outgoing, Role, State, Thread
from followup.politeness import Touch, judge_ways
from followup.reach import Way
from followup.replies import GOODBYE, HANDOFF
from handlers.deps import Deps
from handlers.promised import SAYS
from store.tx import Tx

OWN_WORDS = (Role.NUDGE, Role.NOTICE)
BY_PERSON = frozenset((SAYS, GOODBYE, HANDOFF))


def thread_of(message: Outgoing, tx: Tx) -> Thread:
    """The thread of a message; for one outside all threads, a stand-in that is never stored."""
    thread = tx.get(Thread, message.thread)
    if thread is not None:
        return thread
    now = message.created_at
    return Thread(message.thread, message.shop, "", "", message.buyer, message.chat, State.OPEN, now, now)


def step_said_by(message: Outgoing, tx: Tx) -> Step | None:
    """The step of its kind that a message says; None for a reply."""
    kind = KINDS.get(thread_of(message, tx).kind)
    return kind.steps.get(message.step) if kind else None


def judge_waiting(message: Outgoing, ways: Sequence[Way], tx: Tx, deps: Deps, now: Instant) -> tuple[Way, Decision]:
    """Whether a message may go at `now`, and on which of the ways: a nudge as a notice, for it is the very one that the
    cap counts; an answer whenever its chat is open, for a goodbye comes after the stop."""
    step, buyer = step_said_by(message, tx), tx.buyer(message.shop, message.buyer)
    if message.role is Role.REPLY:
        buyer = replace(buyer, opted_out_at=None)
    touch = Touch(
        Role.REPLY if message.role is Role.REPLY else Role.NOTICE,
        expires_at=message.expires_at,
        about_review=step is not None and step.about_review,
        solves=message.step == GOODBYE or (step is not None and step.solves),
        permitted=bool(message.code),
        by_person=message.step in BY_PERSON,
    )
    return judge_ways(touch, buyer, ways, deps.policy(message.shop), now)


def count_from(when: Instant, message: Outgoing, tx: Tx) -> None:
    """The day until the next nudge begins when this one goes."""
    buyer = tx.buyer(message.shop, message.buyer)
    if message.role is Role.NUDGE and buyer.nudged_at is not None:
        tx.save(replace(buyer, nudged_at=max(when, buyer.nudged_at)))
