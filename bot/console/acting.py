"""Acting from the console: the same commands as in the group and on the command line, by who is logged in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from bot.console.desk import Desk, Visit
from bot.console.hints import without_hints
from bot.console.sessions import did
from followup.desk.verbs import Verb
from followup.events import Commanded
from followup.model import Segment
from handlers.desk.commanded import commanded, wanted
from handlers.desk.told import Told


async def obeyed(desk: Desk, visit: Visit, verb: Verb, thread: str = "", task: str = "", **more: Any) -> Told:
    """What came of a command; `more` are the other fields of `Commanded` (to, until, word, text)."""
    event = Commanded(
        verb, visit.person.id, desk.clock.now(), f"console/{uuid4().hex[:16]}", thread, task, lang=visit.lang, **more
    )
    await did(desk, visit, verb, thread or task)
    return await desk.store.transact(lambda tx: commanded(event, tx, desk.deps), wanted(event))


def answer(desk: Desk, visit: Visit, told: Told) -> str:
    """What the bot answers him, in his language, without what he would type in chat."""
    said = desk.deps.scripts.render(told.script, visit.lang, told.facts, Segment.NEW, (), told.about)
    return without_hints(said.text)
