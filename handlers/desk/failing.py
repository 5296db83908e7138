"""What a person wrote to a buyer does not arrive: its topic hears that, for there silence means that it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from followup.model import Instant, Outgoing, OutgoingState, Segment, Verdict
from handlers.deps import Deps
from handlers.desk.posting import post
from handlers.outgoing import first_of
from handlers.promised import SAYS
from scripts_library.catalogue import load_catalogue
from store.tx import Tx

SLOW = 3
"""So many attempts in vain are told, once."""


def not_arrived(message: Outgoing, verdict: Verdict, error: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """A person's words will never arrive."""
    facts = {"text": message.text, "why": verdict_named(verdict, deps), "error": error}
    _tell("desk.said_failed", f"{first_of(message.id)}/failed", facts, message, tx, deps, now)


def not_changed(message: Outgoing, state: OutgoingState, error: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """What went before stays as it is: keep that the change of it never goes."""
    tx.save(replace(message, state=state, error=error))
    facts = {"text": message.text, "error": error}
    _tell("desk.edit_refused", f"{message.id}/failed", facts, message, tx, deps, now)


def goes_slowly(message: Outgoing, error: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """A person's words have not gone yet: they are tried on, and nobody has to write them again."""
    if message.attempts == SLOW:
        facts = {"text": message.text, "error": error}
        _tell("desk.said_slow", f"{message.id}/slow", facts, message, tx, deps, now)


def _tell(
    script: str, key: str, facts: Mapping[str, object], message: Outgoing, tx: Tx, deps: Deps, now: Instant
) -> None:
    if message.step == SAYS and message.shop in deps.places:
        text = deps.scripts.render(script, deps.agent_lang, facts, Segment.NEW, (), key).text
        post(message.thread, "answer", key, text, tx, deps, now, message.shop)


def verdict_named(verdict: Verdict, deps: Deps) -> str:
    """What a verdict is called among the shop's people; "" for one that has no name."""
    script = f"verdict.{verdict}"
    known = script in load_catalogue()
    return deps.scripts.render(script, deps.agent_lang, {}, Segment.NEW, (), "").text if known else ""
