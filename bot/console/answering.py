"""Answering a buyer from the console: the words are read first, and who was quicker is told before both answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from bot.console.desk import Desk, Visit
from bot.console.matter import where_meant
from bot.console.sessions import did
from followup.desk.verbs import Verb
from followup.events import AgentSpoke, Commanded
from followup.model import Attachment, Note, Segment
from handlers.agent_says import NobodyToTell, Said, agent_says
from handlers.desk.commanded import beside, commanded, wanted
from handlers.desk.told import Told
from scripts_library.catalogue import load_catalogue
from scripts_library.lint import Finding
from store.console.thread import SAYS, said_by_people
from store.sql_tx import SqlTx
from store.tx import Tx
from store.wanted import Wanted

T = TypeVar("T")
JUST_NOW = timedelta(minutes=2)


class AnsweredMeanwhile(ValueError):
    """Somebody else has just written to this buyer: `who`, and `text` what."""

    def __init__(self, note: Note, desk: Desk) -> None:
        super().__init__("somebody else has just answered")
        person = desk.deps.roster.people.get(note.who)
        self.who = (person.name or person.id) if person else note.who
        self.text = note.text.removeprefix(SAYS)
        self.at = note.at


async def say(
    desk: Desk,
    visit: Visit,
    thread: str,
    text: str,
    attachments: tuple[Attachment, ...] = (),
    again: bool = False,
    all_the_same: bool = False,
) -> Said:
    """Write to the buyer of a thread; `again` allows the same words within a minute, `all_the_same` a second answer.
    Raises AnsweredMeanwhile, NobodyToTell, NotSayable and SaidAMomentAgo."""
    if not visit.sees(thread.partition("/")[0]):
        raise NobodyToTell(f"there is no thread or chat {thread!r}")
    event = AgentSpoke(visit.person.id, desk.clock.now(), text, thread, again=again, attachments=attachments)
    said = await _unless_answered(
        desk, visit, thread, lambda tx: agent_says(where_meant(event, tx), tx, desk.deps), beside(thread), all_the_same
    )
    await did(desk, visit, "say", thread)
    return said


async def send(desk: Desk, visit: Visit, thread: str, script: str, all_the_same: bool = False) -> Told:
    """Say a script to the buyer, as `/send`. Raises AnsweredMeanwhile."""
    key = f"console/{uuid4().hex[:16]}"
    event = Commanded(Verb.SEND, visit.person.id, desk.clock.now(), key, thread, word=script, lang=visit.lang)
    told = await _unless_answered(
        desk, visit, thread, lambda tx: commanded(event, tx, desk.deps), wanted(event), all_the_same
    )
    await did(desk, visit, Verb.SEND.value, thread)
    return told


def sentence(finding: Finding, desk: Desk, visit: Visit) -> str:
    """A rule by the name that people have for it, with the words that it is about."""
    script = f"manner.{finding.rule}"
    rule = finding.message
    if script in load_catalogue():
        rule = desk.deps.scripts.render(script, visit.lang, {}, Segment.NEW, (), "").text
    return f"{rule} “{finding.words}”" if finding.words else rule


async def _unless_answered(
    desk: Desk, visit: Visit, thread: str, speak: Callable[[Tx], T], locked: Wanted, all_the_same: bool
) -> T:
    """Behind the lock of the buyer's chats, so that of two who answer at once one is told."""
    since = desk.clock.now() - JUST_NOW

    def run(tx: Tx) -> T:
        assert isinstance(tx, SqlTx)
        mine = visit.person.id
        others = [note for note in said_by_people(tx.connection, [thread], since) if note.who != mine]
        if others and not all_the_same:
            raise AnsweredMeanwhile(others[-1], desk)
        return speak(tx)

    return await desk.store.transact(run, replace(locked, alone=True))
