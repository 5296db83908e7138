"""What somebody does about a thread on its page: commands as in the group, with what they ask for in a dialog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from bot.console.acting import answer, obeyed
from bot.console.asking import Field, ask, sure
from bot.console.desk import Desk, Visit
from bot.console.labels import Labels
from followup.causes import Cause
from followup.desk.flags import NO_FLAG, Flag
from followup.desk.people import Rank
from followup.desk.verbs import Verb
from followup.model import Instant, Segment, Task
from handlers.desk.told import Told
from handlers.desk.typed import until

LATER = "30m"


@dataclass(frozen=True)
class Acts:
    """What can be done about one thread by who looks at it; dialogs open in `room`, which nothing redraws."""

    desk: Desk
    visit: Visit
    thread: str
    shop: str
    room: ui.element

    @property
    def say(self) -> Labels:
        """The page's words."""
        return self.visit.labels("thread")

    async def do(self, verb: Verb, task: str = "", **more: Any) -> Told:
        """Have a command obeyed, and show the answer."""
        told = await obeyed(self.desk, self.visit, verb, self.thread, task, **more)
        self.tell(answer(self.desk, self.visit, told), told.done)
        return told

    def tell(self, text: str, is_good: bool = True) -> None:
        """Show a word in a corner, longer where something did not go."""
        with self.room:
            ui.notify(
                text,
                type="positive" if is_good else "warning",
                timeout=6000 if is_good else 12000,
                position="bottom-left",
                close_button=self.say("close"),
                multi_line=True,
                classes="ht-words",
            )

    async def take(self) -> None:
        """The matter is his."""
        await self.do(Verb.TAKE)

    async def note(self) -> None:
        """A note that stays inside."""
        if given := await self.ask(self.say("note"), Field(self.say("note_text"), kind="textarea")):
            await self.do(Verb.NOTE, text=given[0])

    async def flag(self) -> None:
        """A flag on the order, with its reason (rule 98)."""
        colours = {flag.value or NO_FLAG: self.say(f"flags.{flag.value or NO_FLAG}") for flag in Flag}
        fields = (Field(self.say("colour"), Flag.YELLOW.value, colours), Field(self.say("reason")))
        if given := await self.ask(self.say("flag"), *fields):
            await self.do(Verb.FLAG, word=given[0], text=given[1])

    async def resolve(self) -> None:
        """It is solved, with its real cause (rule 47)."""
        causes = {cause.value: self.called(f"cause.{cause}") for cause in Cause if cause}
        fields = (Field(self.say("cause"), "", causes), Field(self.say("what_was_done")))
        if given := await self.ask(self.say("resolve"), *fields):
            await self.do(Verb.RESOLVE, word=given[0], text=given[1])

    async def reopen(self) -> None:
        """A closed matter is a person's again."""
        await self.do(Verb.REOPEN)

    async def pause(self, is_paused: bool) -> None:
        """The bot is silent towards this buyer, or goes on."""
        await self.do(Verb.RESUME if is_paused else Verb.PAUSE)

    async def give(self, task: str = "") -> None:
        """It is somebody else's, who hears of it."""
        people = {each.id: each.name or each.id for each in self.desk.deps.roster.of_rank(Rank.AGENT, self.shop)}
        fields = (Field(self.say("whom"), "", people), Field(self.say("words")))
        if given := await self.ask(self.say("give"), *fields):
            await self.do(Verb.GIVE, task, to=given[0], text=given[1])

    async def done(self, task: Task) -> None:
        """A task is done; of words to paste, they were pasted."""
        await self.do(Verb.DONE, task.id)

    async def failed(self, task: Task) -> None:
        """A task cannot be done, and why."""
        if given := await self.ask(self.say("failed"), Field(self.say("why"))):
            await self.do(Verb.FAILED, task.id, text=given[0])

    async def later(self, task: Task) -> None:
        """A task is put off."""
        if given := await self.ask(self.say("later"), Field(self.say("until"), LATER)):
            await self._at(given[0], lambda when: self.do(Verb.LATER, task.id, until=when))

    async def approve(self, task: Task) -> None:
        """A supervisor approves the compensation."""
        await self.do(Verb.APPROVE, task.id)

    async def refuse(self, task: Task) -> None:
        """It is not offered."""
        if given := await self.ask(self.say("refuse"), Field(self.say("reason"))):
            await self.do(Verb.REFUSE, task.id, text=given[0])

    async def send_now(self, planned: str) -> None:
        """A planned touch is due at once."""
        await self.do(Verb.NOW, word=planned)

    async def skip(self, planned: str) -> None:
        """A planned touch does not go."""
        if (given := await self.ask(self.say("skip"), Field(self.say("why")))) is not None:
            await self.do(Verb.SKIP, word=planned, text=given[0])

    async def move(self, planned: str, due: Instant) -> None:
        """A planned touch goes at another time, named in words or picked."""
        local = due.astimezone(self.desk.zone(self.shop))
        fields = (
            Field(self.say("move_words")),
            Field(self.say("move_picked"), f"{local:%Y-%m-%dT%H:%M}", kind="datetime-local"),
        )
        if given := await self.ask(self.say("move"), *fields):
            text = given[0].strip() or given[1].replace("T", " ")
            await self._at(text, lambda when: self.do(Verb.MOVE, word=planned, until=when))

    async def _at(self, text: str, act: Callable[[Instant], Any]) -> None:
        """Act at the time that a text names; what names none to come is told."""
        zone = self.desk.deps.policy(self.shop).zone
        when = until(text, self.desk.clock.now(), zone)
        if when is None:
            self.tell(self.say("no_time", text=text), False)
        else:
            await act(when)

    def called(self, script: str) -> str:
        """What something is called: `cause.courier`, `remedy.refund`."""
        return self.desk.deps.scripts.render(script, self.visit.lang, {}, Segment.NEW, (), "").text

    async def ask(self, title: str, *fields: Field) -> list[str] | None:
        """What somebody fills in; None if he would rather not."""
        return await ask(self.room, self.say, title, *fields)

    async def sure(self, title: str, text: str, yes: str) -> bool:
        """Whether he wants it all the same."""
        return await sure(self.room, self.say, title, text, yes)
