"""A command with the person who gave it and the matter that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from followup.desk.codes import code_of
from followup.desk.people import Person
from followup.events import Commanded
from followup.model import Choice, Instant, Note, Segment, Task, Thread
from handlers.deps import Deps
from handlers.desk.told import Told
from store.tx import Tx


@dataclass(frozen=True, slots=True)
class Call:
    """`thread` is what the command is about, where only a chat is known one without a kind that stands for it, and None
    where nothing was named; `task` is the task that it names."""

    event: Commanded
    person: Person
    thread: Thread | None
    task: Task | None
    tx: Tx
    deps: Deps

    @property
    def now(self) -> Instant:
        """When it was given."""
        return self.event.at

    @property
    def about(self) -> str:
        """The id of the thread or chat, "" for neither."""
        if self.thread is not None:
            return self.thread.id
        return self.task.thread if self.task else ""

    @property
    def shop(self) -> str:
        """Whose matter it is, "" where nothing was named."""
        of = self.thread or self.task
        return of.shop if of else ""

    @property
    def tasks(self) -> list[Task]:
        """The task that it names, else all that are open in the thread."""
        if self.task is not None:
            return [self.task]
        return self.tx.open_tasks(self.thread.id) if self.thread else []

    @property
    def code(self) -> str:
        """The code of the task that it names, for a button; "" if it names none."""
        return code_of(self.task.id) if self.task else ""

    def note(self, text: str) -> None:
        """Remember who did what and when; nothing is noted that is about no thread, chat or task."""
        if self.about:
            self.tx.add(Note(self.about, self.now, self.person.id, text.strip()))

    def told(self, script: str, *choices: Choice, **facts: object) -> Told:
        """It was done."""
        return Told(f"desk.{script}", facts, choices, about=self.about)

    def not_done(self, script: str, *choices: Choice, **facts: object) -> Told:
        """It was not done: nothing has changed."""
        return Told(f"desk.{script}", facts, choices, done=False, about=self.about)

    def name(self, who: str) -> str:
        """What the others call somebody."""
        person = self.deps.roster.people.get(who) if who else None
        return (person.name or person.id) if person else who

    @property
    def lang(self) -> str:
        """What he reads the answer in."""
        return self.event.lang or self.deps.agent_lang

    def called(self, script: str, **facts: object) -> str:
        """A few words of the agents' own, for the answer."""
        return self.deps.scripts.render(script, self.lang, facts, Segment.NEW, (), self.event.key).text

    def written(self, script: str) -> str:
        """The same for what is kept, which all of them read."""
        return self.deps.scripts.render(script, self.deps.agent_lang, {}, Segment.NEW, (), self.event.key).text

    def local(self, when: Instant) -> datetime:
        """A moment by the shop's clock."""
        return when.astimezone(self.deps.policy(self.shop).zone)

    @property
    def today(self) -> date:
        """The day it is in the shop."""
        return self.local(self.now).date()
