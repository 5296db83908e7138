"""Words that have waited in the outbox are judged again before they go: the night may have come since, or the window
closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from followup.effects import Withhold
from followup.model import Chat, Decision, Instant, Outgoing, OutgoingState, Role, Verdict
from followup.reach import NO_WAY, Way
from handlers.budget import give_back
from handlers.carry_out import carry_out
from handlers.delivery_result import expire
from handlers.deps import Deps
from handlers.desk.failing import not_arrived, not_changed
from handlers.desk.stopped import keep_back
from handlers.outgoing import first_of, is_first
from handlers.promised import never_heard
from handlers.refused import never
from handlers.waiting import count_from, judge_waiting, thread_of
from store.tx import Tx

FRESH = timedelta(minutes=1)


def has_waited(message: Outgoing, now: Instant) -> bool:
    """Whether the decision that let it go is too old to count."""
    return message.role is not Role.ALERT and now - message.created_at > FRESH


def may_still_go(id_: str, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Judge a waiting message afresh: it goes now, waits for a polite hour, or never goes.

    Of two nudges that waited for one buyer only the newer goes, and the next is counted from when it does.
    """
    message = tx.get(Outgoing, id_)
    if message is None or message.state is not OutgoingState.DUE:
        return False
    newest = tx.buyer(message.shop, message.buyer).nudged_by
    if message.role is Role.NUDGE and newest not in ("", first_of(id_)):
        expire(id_, tx, deps, now)
        return False
    decision = _judge(message, tx, deps, now)
    if decision.verdict is Verdict.SENT:
        count_from(now, message, tx)
        return True
    _hold(message, decision, tx, deps, now)
    return False


def _judge(message: Outgoing, tx: Tx, deps: Deps, now: Instant) -> Decision:
    """It has its place in the chat's quota already."""
    chat = tx.get(Chat, message.chat)
    assert chat is not None, f"message {message.id} has no chat"
    without = replace(chat, used=max(0, chat.used - 1))
    return judge_waiting(message, [Way(without, deps.can(chat.channel))], tx, deps, now)[1]


def _hold(message: Outgoing, decision: Decision, tx: Tx, deps: Deps, now: Instant) -> None:
    if message.edits:
        not_changed(message, OutgoingState.CANCELLED, decision.verdict.value, tx, deps, now)
        return
    if decision.verdict is Verdict.PAUSED:
        keep_back(message, decision, tx, deps, now)
        return
    if decision.retry_at is not None:
        tx.save(replace(message, due_at=decision.retry_at))
        count_from(decision.retry_at, message, tx)
    else:
        tx.save(replace(message, state=OutgoingState.CANCELLED, error=decision.verdict.value))
        give_back(message, tx)
    if decision.verdict in NO_WAY:
        never(message, decision, tx, deps, now)
    else:
        if decision.retry_at is None and is_first(message.id):
            never_heard(message, tx, now)
            not_arrived(message, decision.verdict, "", tx, deps, now)
        withheld = Withhold(message.step, message.id, decision, message.chat)
        carry_out([withheld], thread_of(message, tx), tx, deps, now)
