"""Words of ours that have waited in the outbox are judged again before they go: the night may have come since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from followup.effects import Withhold
from followup.kinds import KINDS
from followup.model import Chat, Decision, Instant, Outgoing, OutgoingState, Role, Thread, Verdict
from followup.politeness import Touch, judge
from handlers.carry_out import carry_out
from handlers.delivery_result import count_from, expire, thread_of
from handlers.deps import Deps
from store.tx import Tx

FRESH = timedelta(minutes=1)


def has_waited(message: Outgoing, now: Instant) -> bool:
    """Whether the decision that let it go is too old to count."""
    return message.role in (Role.NUDGE, Role.NOTICE) and now - message.created_at > FRESH


def may_still_go(id_: str, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Judge a waiting message afresh: it goes now, waits for a polite hour, or never goes.

    Of two nudges that waited for one buyer only the newer goes, and the next is counted from when it does.
    """
    message = tx.get(Outgoing, id_)
    if message is None or message.state is not OutgoingState.DUE:
        return False
    if message.role is Role.NUDGE and tx.buyer(message.shop, message.buyer).nudged_by not in ("", id_):
        expire(id_, tx, deps, now)
        return False
    decision = _judge(message, tx, deps, now)
    if decision.verdict is Verdict.SENT:
        count_from(now, message, tx)
        return True
    _hold(message, decision, tx, deps, now)
    return False


def _judge(message: Outgoing, tx: Tx, deps: Deps, now: Instant) -> Decision:
    """As a notice, for its nudge is the one that the cap counts."""
    thread, chat = tx.get(Thread, message.thread), tx.get(Chat, message.chat)
    assert chat is not None, f"message {message.id} has no chat"
    step = KINDS[thread.kind].steps.get(message.step) if thread else None
    touch = Touch(Role.NOTICE, expires_at=message.expires_at, about_review=step is not None and step.about_review)
    return judge(touch, tx.buyer(message.shop, message.buyer), chat, deps.policy(message.shop), now)


def _hold(message: Outgoing, decision: Decision, tx: Tx, deps: Deps, now: Instant) -> None:
    if decision.retry_at is None:
        tx.save(replace(message, state=OutgoingState.CANCELLED, error=decision.verdict.value))
    else:
        tx.save(replace(message, due_at=decision.retry_at))
        count_from(decision.retry_at, message, tx)
    carry_out([Withhold(message.step, message.id, decision)], thread_of(message, tx), tx, deps, now)
