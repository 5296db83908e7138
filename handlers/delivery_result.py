"""What a channel said of a message: sent, refused, to be tried again, or nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from followup.effects import AlertAgent
from followup.events import DeliveryResult, Outcome
from followup.model import Instant, Outgoing, OutgoingState, TaskState, Verdict
from followup.politeness import next_polite, zone_of
from handlers.budget import give_back
from handlers.carry_out import carry_out
from handlers.deps import Deps
from handlers.desk.failing import goes_slowly, not_changed
from handlers.desk.undelivered import is_for_us, undelivered
from handlers.refused import because, never, refused
from handlers.waiting import OWN_WORDS, count_from, thread_of
from store.codec import to_micros
from store.tx import Tx
from store.wanted import Wanted

_OPEN = (OutgoingState.UNSURE, OutgoingState.DUE)
UNSURE = "unsure"
PAUSES = tuple(timedelta(minutes=m) for m in (0, 0, 1, 2, 5, 15, 60))


def wanted(event: DeliveryResult) -> Wanted:
    """The message with its thread; a plain success needs no more than the message."""
    return Wanted(outgoing=(event.outgoing,))


def delivery_result(event: DeliveryResult, tx: Tx, deps: Deps) -> None:
    """Record the outcome of an attempt. A result for a message that is not being sent changes nothing."""
    message = tx.get(Outgoing, event.outgoing)
    if message is None or message.state is not OutgoingState.SENDING:
        return
    message = replace(message, history=(*message.history, f"{event.outcome.value}@{to_micros(event.at)}"))
    match event.outcome:
        case Outcome.ACCEPTED:
            tx.save(
                replace(message, state=OutgoingState.SENT, sent_at=event.at, external_id=event.external_id, error="")
            )
        case Outcome.RETRY:
            _again(message, event, tx, deps)
        case Outcome.REFUSED if message.edits:
            not_changed(message, OutgoingState.FAILED, event.error, tx, deps, event.at)
        case Outcome.REFUSED if is_for_us(message):
            undelivered(message, OutgoingState.FAILED, event.error, tx, deps, event.at)
        case Outcome.REFUSED:
            give_back(message, tx)
            refused(message, event.refusal, event.error, tx, deps, event.at)
        case Outcome.UNSURE:
            unsure(message, event, tx, deps)


def settled(event: DeliveryResult, tx: Tx, deps: Deps) -> None:
    """The outcome of an attempt of which nobody seemed to know any more: who was asked to look need not."""
    message = tx.get(Outgoing, event.outgoing)
    if message is None or message.state not in _OPEN or event.outcome is Outcome.UNSURE:
        return
    if not message.history[-1:] or not message.history[-1].startswith(Outcome.UNSURE.value):
        return
    asked = "/".join(part for part in (message.thread, UNSURE, message.id) if part)
    for task in tx.open_tasks(message.thread):
        if task.id == asked:
            tx.save(
                replace(task, state=TaskState.CANCELLED, closed_at=event.at, answer=f"it was {event.outcome.value}")
            )
    tx.save(replace(message, state=OutgoingState.SENDING))
    delivery_result(event, tx, deps)


def unsure(message: Outgoing, event: DeliveryResult, tx: Tx, deps: Deps) -> None:
    """Nobody knows whether the buyer has it: an own word of ours is shown to a person and never sent again blindly;
    a reply, an alert, or a message of a channel that refuses repeats is due again."""
    if message.role not in OWN_WORDS or deps.can(message.channel).idempotent:
        _again(message, event, tx, deps)
        return
    tx.save(replace(message, state=OutgoingState.UNSURE, error=event.error))
    alert = AlertAgent(UNSURE, message.id, {"text": message.text, "step": message.step})
    carry_out([alert], thread_of(message, tx), tx, deps, event.at)


def expire(id_: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """A waiting message is too late: it is not sent, and that is remembered."""
    message = tx.get(Outgoing, id_)
    if message is None or message.state is not OutgoingState.DUE:
        return
    if is_for_us(message):
        undelivered(message, OutgoingState.EXPIRED, "", tx, deps, now)
        return
    tx.save(replace(message, state=OutgoingState.EXPIRED))
    give_back(message, tx)
    never(message, because(Verdict.EXPIRED, "waited too long"), tx, deps, now)


def _again(message: Outgoing, event: DeliveryResult, tx: Tx, deps: Deps) -> None:
    when = _next_try(message, event, tx, deps)
    if message.expires_at is None or when < message.expires_at:
        tx.save(replace(message, state=OutgoingState.DUE, due_at=when, error=event.error))
        count_from(when, message, tx)
        goes_slowly(message, event.error, tx, deps, event.at)
        return
    if is_for_us(message):
        undelivered(message, OutgoingState.EXPIRED, event.error, tx, deps, event.at)
        return
    tx.save(replace(message, state=OutgoingState.EXPIRED, error=event.error))
    if event.outcome is Outcome.RETRY:
        give_back(message, tx)
    never(message, because(Verdict.EXPIRED, event.error), tx, deps, event.at)


def _next_try(message: Outgoing, event: DeliveryResult, tx: Tx, deps: Deps) -> Instant:
    """When the channel said, else after a pause that grows; words of our own wait out the quiet hours."""
    when = event.retry_at or event.at + PAUSES[min(message.attempts, len(PAUSES) - 1)]
    if message.role not in OWN_WORDS:
        return when
    policy = deps.policy(message.shop)
    return next_polite(when, zone_of(tx.buyer(message.shop, message.buyer), policy), policy.quiet)
