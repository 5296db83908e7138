"""Somebody changes what he wrote in a topic: what went to the buyer is changed there too, where that can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from followup.desk.command import Asked, Misread
from followup.desk.verbs import Verb
from followup.events import AgentSpoke
from followup.model import Attachment, Instant, Note, Outgoing, OutgoingState
from followup.ports import Capabilities
from followup.split import length, storable
from handlers.agent_changes import agent_changes
from handlers.agent_says import NotSayable
from handlers.budget import give_back
from handlers.deps import Deps
from handlers.desk.spot import Spot, answer
from handlers.desk.talking import files_of, forbidden, not_gone, noticed, say, spoken_as, tell_lost, words_of
from handlers.desk.told import Told
from handlers.outgoing import is_first
from handlers.promised import never_heard
from store.tx import Tx


def edited(asked: Asked | Misread | None, spot: Spot, tx: Tx, deps: Deps, now: Instant) -> None:
    """Change what his message became, if it became words to a buyer; of a note or a command it is only noted."""
    if not spot.about:
        return
    said = [each for each in spoken_as(spot, spot.event.edits, tx) if not each.state.unheard]
    whole = [each for each in said if not each.edits]
    if not whole and asked is None and _is_first_to_go(spot):
        say(words_of(spot, tx), spot, tx, deps, now)
    elif not whole:
        if not spot.event.joins:  # the answer to the first photo is that to the album
            _only_note(asked, spot, tx, deps, now)
    elif all(each.state is OutgoingState.DUE for each in whole):
        _say_anew(asked, whole, spot, tx, deps, now)
    elif asked is not None:
        answer([Told("desk.edit_went", done=False)], spot, tx, deps, now)
    else:
        _change(said, whole, spot, tx, deps, now)


def _is_first_to_go(spot: Spot) -> bool:
    """Whether it is a photo of an album of which nothing before could be had."""
    event = spot.event
    return not event.text and len(event.attachments) > 1 and files_of(spot) == event.attachments[-1:]


def _only_note(asked: Asked | Misread | None, spot: Spot, tx: Tx, deps: Deps, now: Instant) -> None:
    """Nothing of it went to a buyer; who means it for one has to write anew."""
    tx.add(Note(spot.about, now, spot.person.id, f"edits {spot.event.text}"))
    if not (isinstance(asked, Asked) and asked.verb is Verb.NOTE):
        answer([Told("desk.edit_of_nothing", done=False)], spot, tx, deps, now)


def _say_anew(
    asked: Asked | Misread | None, waiting: Sequence[Outgoing], spot: Spot, tx: Tx, deps: Deps, now: Instant
) -> None:
    """Nothing has gone yet: the old words never go, the new ones in their place; none if it is a note now."""
    for each in waiting:
        tx.save(replace(each, state=OutgoingState.CANCELLED, error="edited"))
        give_back(each, tx)
        if is_first(each.id):
            never_heard(each, tx, now)
    if asked is None:
        say(words_of(spot, tx), spot, tx, deps, now)
    else:
        _only_note(asked, spot, tx, deps, now)


def _change(said: Sequence[Outgoing], whole: Sequence[Outgoing], spot: Spot, tx: Tx, deps: Deps, now: Instant) -> None:
    """It has gone: other words are put in the place of the old ones; more photos of its album follow."""
    spoke = words_of(spot, tx)
    versions = _versions(said, whole)
    if storable(spoke.text) != versions[-1].text:
        _put_in_place(replace(spoke, attachments=()), versions, spot, tx, deps, now)
    known = {each.ref for message in whole for each in message.attachments}
    more: tuple[Attachment, ...] = tuple(each for each in spoke.attachments if each.ref not in known)
    if more:
        say(replace(spoke, text="", attachments=more), spot, tx, deps, now)
    tell_lost("desk.said_without_files", spot, tx, deps, now)


def _versions(said: Sequence[Outgoing], whole: Sequence[Outgoing]) -> list[Outgoing]:
    """The words as they went first, and as they were changed since."""
    first = next((each for each in whole if each.text), whole[0])
    return [first, *sorted((each for each in said if each.edits), key=lambda each: each.created_at)]


def _put_in_place(
    spoke: AgentSpoke, versions: Sequence[Outgoing], spot: Spot, tx: Tx, deps: Deps, now: Instant
) -> None:
    first, can = versions[0], deps.can(versions[0].channel)
    key = f"{first.id}/edit/{sha256(spot.key.encode()).hexdigest()[:16]}"
    if not can.edits:
        told = [Told("desk.edit_not_here", done=False)]
    elif not _is_one(spoke.text, first, can, tx):
        told = [Told("desk.edit_too_long", done=False)]
    else:
        try:
            done = agent_changes(spoke, versions, key, tx, deps)
            told = list(noticed(done, spot, deps)) if done.went else [not_gone(done.decision.verdict, deps)]
        except NotSayable as error:
            told = [forbidden(error.findings, deps), Told("desk.edit_not_done", done=False)]
    answer(told, spot, tx, deps, now)


def _is_one(text: str, first: Outgoing, can: Capabilities, tx: Tx) -> bool:
    """Whether the words went in one message, and one is enough for the new ones."""
    in_parts = tx.get(Outgoing, f"{first.id}#2") is not None or not is_first(first.id)
    return bool(text) and not in_parts and length(text, can.measure) <= can.longest_text
