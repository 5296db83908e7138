"""The list of an opened hour: who gets what, when it would really go, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from nicegui import ui

from bot.console.acting import answer, obeyed
from bot.console.calendar_read import MANY, Line
from bot.console.calendar_words import CalendarWords
from bot.console.desk import Desk, Visit
from bot.console.keyed import Keyed
from bot.console.parts import confirm, told
from bot.console.scope import Scope, headline, thread_path
from followup.desk.verbs import Verb
from followup.kinds.promised import PROMISED
from followup.local_hours import Hour
from followup.model import Instant, Reminder

Item = tuple[Line, str]
YEARS = range(2000, 2101)


class Lines:
    """The list, which changes in place; it is not there while no hour is opened."""

    def __init__(
        self,
        desk: Desk,
        visit: Visit,
        scope: Scope,
        words: CalendarWords,
        changed: Callable[[], Awaitable[None]],
        closes: Callable[[], Awaitable[None]],
    ) -> None:
        self._desk, self._visit, self._scope, self._words = desk, visit, scope, words
        self._changed, self._client = changed, ui.context.client
        say = words.say
        with ui.element("section").classes("hf-surface hf-part hf-opened") as self._part:
            with ui.element("div").classes("hf-bar"):
                with ui.element("h2").classes("text-h6 q-ma-none").props('tabindex="-1"'):
                    self._title = ui.label()
                ui.button(say("close"), on_click=closes).props("flat dense no-caps").classes("hf-close")
            self._none = ui.label(say("nothing_day")).classes("hf-muted")
            self._shown: Keyed[Item] = Keyed(ui.element("ul"), self._draw, self._key, "li", "hf-touch")
            self._more = ui.label(say("more", count=MANY)).classes("hf-muted")

    def show(self, hour: Hour | None, lines: Sequence[Line], now: Instant) -> None:
        """Show the lines of this hour."""
        self._part.set_visibility(hour is not None)
        if hour is None:
            return
        self._title.set_text(self._words.opened(hour))
        self._none.set_visibility(not lines)
        self._more.set_visibility(len(lines) >= MANY)
        self._shown.show([(line, self._words.becomes(line, now)) for line in lines])

    def _key(self, item: Item) -> str:
        planned = item[0].touch.reminder or item[0].touch.message
        return planned.id if planned else ""

    def _draw(self, item: Item) -> None:
        line, becomes = item
        with headline(thread_path(line.touch.thread.id, line.touch.thread.buyer)):
            ui.label(self._words.title(line))
        ui.label(becomes).classes("hf-muted")
        reminder, say = line.touch.reminder, self._words.say
        if reminder is None:
            return
        if reminder.step in PROMISED:
            ui.label(say("promise_kept")).classes("hf-muted hf-small")
            return
        with ui.element("div").classes("hf-touch-acts"):
            self._button("now", lambda: self._now(line, reminder))
            self._button("move", lambda: self._ask_when(reminder))
            self._button("skip", lambda: self._skip(line, reminder))

    def _button(self, what: str, act: Callable[[], Awaitable[None]]) -> None:
        say = self._words.say
        ui.button(say(what), on_click=act).props("outline dense no-caps size=sm").classes(f"hf-{what} q-px-sm")

    async def _now(self, line: Line, reminder: Reminder) -> None:
        say, step = self._words.say, self._words.step(line)
        with self._client:
            if not await confirm(self._visit, say("now_sure", buyer=line.touch.buyer, step=step), say("now")):
                return
        await self._act(Verb.NOW, reminder)

    async def _skip(self, line: Line, reminder: Reminder) -> None:
        say, step = self._words.say, self._words.step(line)
        with self._client:
            if not await confirm(self._visit, say("skip_sure", buyer=line.touch.buyer, step=step), say("skip")):
                return
        await self._act(Verb.SKIP, reminder)

    async def _ask_when(self, reminder: Reminder) -> None:
        """A day and a time by the shop's clock."""
        say, zone = self._words.say, self._scope.zone
        local = max(reminder.due_at, self._desk.clock.now()).astimezone(zone)
        with self._client, ui.dialog() as dialog, ui.card():
            chosen = ui.input(say("move_to", zone=zone.key), value=f"{local:%Y-%m-%dT%H:%M}")
            chosen.props('type="datetime-local" autofocus').on("keydown.enter", lambda: dialog.submit(chosen.value))
            with ui.row().classes("w-full justify-end"):
                ui.button(say("cancel"), on_click=lambda: dialog.submit("")).props("flat")
                ui.button(say("move"), on_click=lambda: dialog.submit(chosen.value))
        given = await dialog
        dialog.delete()
        if not given:
            return
        until = self._read(str(given))
        if until is None:
            with self._client:
                told(say("no_time"), "warn")
            return
        await self._act(Verb.MOVE, reminder, until)

    def _read(self, given: str) -> Instant | None:
        try:
            found = datetime.fromisoformat(given).replace(tzinfo=self._scope.zone)
        except ValueError:
            return None
        return found if found.year in YEARS else None

    async def _act(self, verb: Verb, reminder: Reminder, until: Instant | None = None) -> None:
        """Do it as every command is done, and say what came of it."""
        came = await obeyed(self._desk, self._visit, verb, reminder.thread, word=reminder.id, until=until)
        with self._client:
            told(answer(self._desk, self._visit, came), "good" if came.done else "warn")
        await self._changed()
