"""Somebody wrote in the group of the shop's people: a command, a note, or words that the buyer is to read.

Only who is listed is heard. What others write there does nothing, and is answered by nothing.
"""

from __future__ import annotations

from dataclasses import replace

from followup.desk.codes import code_of
from followup.desk.command import Asked, Misread
from followup.desk.verbs import Verb
from followup.events import DeskSaid
from followup.model import Instant
from handlers.deps import Deps
from handlers.desk.commanded import commanded
from handlers.desk.commanded import wanted as wanted_by
from handlers.desk.editing import edited
from handlers.desk.spot import Spot, answer, spot_of
from handlers.desk.talking import talk
from handlers.desk.told import Told
from handlers.desk.typed import as_command, typed
from store.tx import Tx
from store.wanted import Wanted


def wanted(event: DeskSaid) -> Wanted:
    """The topic and the message that is answered, with the thread or chat that they are about."""
    topics = ((event.desk, event.topic),) if event.topic else ()
    return Wanted(topics=topics, receipts=((event.desk, event.replies_to),) if event.replies_to else ())


def desk_said(event: DeskSaid, tx: Tx, deps: Deps, now: Instant) -> None:
    """Do what one of the shop's people wants; of anybody else nothing is heard."""
    spot = spot_of(event, tx, deps)
    if spot is None:
        return
    asked = typed(event.text, event.at, deps.policy(spot.shop).zone)
    if isinstance(asked, Asked) and asked.verb is Verb.SAY:
        spot, asked = replace(spot, event=replace(event, text=asked.text)), None
        if not spot.about:
            answer([Told("desk.which_matter", done=False)], spot, tx, deps, now)
    if event.button:
        _tapped(spot, tx, deps, now)
    elif event.edits:
        edited(asked, spot, tx, deps, now)
    elif isinstance(asked, Misread):
        answer([Told(asked.script, asked.facts, done=False)], spot, tx, deps, now)
    elif asked is None:
        talk(spot, tx, deps, now)
    else:
        _obey(asked, spot, tx, deps, now)


def _tapped(spot: Spot, tx: Tx, deps: Deps, now: Instant) -> None:
    """A button stands for the command that it would be if it were typed."""
    verb, _, rest = spot.event.button.partition(":")
    code, _, argument = rest.partition(":")
    if verb not in set(Verb):
        answer([Told("desk.button_unknown", done=False)], spot, tx, deps, now)
    elif code and not _is_open(code, spot, tx):
        answer([Told("desk.button_over", done=False)], spot, tx, deps, now)
    else:
        asked = typed(f"/{verb} {argument}".rstrip(), spot.event.at, deps.policy(spot.shop).zone)
        asked = asked if isinstance(asked, Asked) else Asked(Verb(verb), word=argument)
        _obey(replace(asked, task=code), spot, tx, deps, now)


def _is_open(code: str, spot: Spot, tx: Tx) -> bool:
    """Whether nobody has answered the task of a code: of the thread, else any."""
    here = [task.id for task in tx.open_tasks(spot.about)] if spot.about else []
    return code in map(code_of, here) or code in map(code_of, tx.open_task_ids())


def _obey(asked: Asked, spot: Spot, tx: Tx, deps: Deps, now: Instant) -> None:
    """Carry a command out, about the task of its code or the thread of the topic, and say what came of it."""
    command = as_command(asked, spot.person.id, spot.event.at, spot.key, spot.about)
    tx.load(wanted_by(command))
    answer([commanded(command, tx, deps)], spot, tx, deps, now)
