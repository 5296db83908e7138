"""A shop whose people type commands at their desk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from followup.desk.command import Asked
from followup.desk.people import Person, Rank, Roster
from followup.events import Commanded, thread_id
from followup.model import Note, Segment, Task
from followup.promises import Promise
from handlers.desk import commanded
from handlers.desk.told import Told
from handlers.desk.typed import as_command, typed
from tests.stories.offering import OfferingShop
from tests.stories.shop import SHOP

LI, WANG, BOSS = "li", "wang", "boss"
PEOPLE = {
    LI: Person(LI, "小李", Rank.AGENT, "101"),
    WANG: Person(WANG, "王姐", Rank.SUPERVISOR, "102"),
    BOSS: Person(BOSS, "老板", Rank.OWNER, "103"),
    "chen": Person("chen", "小陈", Rank.AGENT, "104"),
    "far": Person("far", "远方", Rank.OWNER, "105", shops=frozenset({"other"})),
}


class Desk(OfferingShop):
    """小李 and 小陈 are agents, 王姐 is their supervisor, 老板 the owner; `answer` is what was told last."""

    answer: Told

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.deps = replace(self.deps, roster=Roster(PEOPLE))
        self._commands = 0

    def types(self, who: str, text: str, kind: str = "unpaid_order", order: str = "1001", about: str = "") -> Self:
        """Somebody types a command about a thread (or about a chat, or about nothing: "-")."""
        asked = typed(text, self.clock.now(), self.policy.zone)
        assert isinstance(asked, Asked), f"{text} is no command: {asked}"
        self._commands += 1
        thread = "" if about == "-" else about or thread_id(SHOP, order, kind)
        return self.commands(as_command(asked, who, self.clock.now(), f"k{self._commands}", thread))

    def commands(self, event: Commanded) -> Self:
        """A command arrives."""
        self.answer = self.store.run(lambda tx: commanded.commanded(event, tx, self.deps), commanded.wanted(event))
        return self._settle()

    def told(self, lang: str = "zh-CN") -> str:
        """The answer as it reads."""
        told = self.answer
        return self.deps.scripts.render(told.script, lang, told.facts, Segment.NEW, (), "").text

    def notes(self, *without: str) -> list[str]:
        """Who noted what, without what these noted."""
        notes = (line for line in self.store.lines if isinstance(line, Note))
        return [f"{note.who}: {note.text}" for note in notes if note.who not in ("buyer", "huifang", *without)]

    def promises(self, who: str) -> list[Promise]:
        """What somebody promised."""
        return [promise for promise in self._all(Promise) if promise.said_by == who]

    def open_tasks(self) -> list[Task]:
        """What waits for a person."""
        return [task for task in self._all(Task) if task.state.value == "open"]
