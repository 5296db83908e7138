"""Words that wait to go to a buyer for whom the bot is paused: they are kept back, or left to a person."""

from __future__ import annotations

from dataclasses import replace

from followup.effects import AlertAgent, Effect, Withhold
from followup.model import Decision, Instant, Outgoing, OutgoingState, Reason, Role, Thread, Verdict
from followup.politeness import DAY
from followup.reach import show
from handlers.budget import give_back
from handlers.carry_out import carry_out, no_thread
from handlers.deps import Deps
from handlers.held import CALM
from handlers.outgoing import first_of, is_first
from handlers.promised import never_heard
from handlers.waiting import BY_PERSON, OWN_WORDS, thread_of
from store.tx import Tx

PAUSED = Verdict.PAUSED.value


def keep_back(message: Outgoing, decision: Decision, tx: Tx, deps: Deps, now: Instant) -> None:
    """A reminder waits in the outbox until the bot may speak again; an answer would come too late then, so a person
    gets to know of it."""
    more: list[Effect] = []
    if message.role in OWN_WORDS:
        decision = replace(decision, retry_at=message.expires_at or now + DAY)
        tx.save(replace(message, due_at=decision.retry_at or now, error=PAUSED))
    else:
        tx.save(replace(message, state=OutgoingState.CANCELLED, error=PAUSED))
        give_back(message, tx)
        if is_first(message.id):
            never_heard(message, tx, now)
        more = [AlertAgent(PAUSED, first_of(message.id), {"step": message.step, "text": message.text})]
    withheld = Withhold(message.step, message.id, decision, message.chat)
    carry_out([withheld, *more], thread_of(message, tx), tx, deps, now)


def stop_all(shop: str, buyer: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """The bot was just paused for a buyer: keep back whatever of its own waits to go to him."""
    why = Decision(Verdict.PAUSED, (Reason(Verdict.PAUSED, False, (("since", show(now)),)),))
    for message in _waiting(shop, buyer, tx, now):
        if message.role is not Role.ALERT and message.step not in BY_PERSON:
            keep_back(message, why, tx, deps, now)


def go_on(shop: str, buyer: str, tx: Tx, now: Instant) -> int:
    """The bot may speak again: what it kept back is due, nudges in a while; returns how many messages that are."""
    kept = [message for message in _waiting(shop, buyer, tx, now) if message.error == PAUSED]
    for message in kept:
        when = now + CALM if message.role is Role.NUDGE else now
        tx.save(replace(message, due_at=min(when, message.due_at), error=""))
    return len(kept)


def _waiting(shop: str, buyer: str, tx: Tx, now: Instant) -> list[Outgoing]:
    outside = (no_thread(chat, now) for chat in tx.chats_of(shop, buyer))
    threads: tuple[Thread, ...] = (*tx.every_thread_of(shop, buyer), *outside)
    return [message for thread in threads for message in tx.unsent(thread.id)]
