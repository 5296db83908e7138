"""The list of what needs a person, on the start page: whose it is, how long it waits, and what can be done at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from nicegui import ui

from bot.console.acting import answer, obeyed
from bot.console.desk import Desk, Visit
from bot.console.parts import nothing, told
from bot.console.scope import Scope
from bot.console.today_rows import Row, Told
from bot.console.today_times import times_to_choose
from followup.desk.verbs import Verb
from followup.model import Instant, Task
from store.console.today import Waits

BREATH = 8
"""So many rows are drawn in a row; then others have their turn."""


class Tasks:
    """Rows that change in place, so that what somebody reads or is at stays as it is."""

    def __init__(self, desk: Desk, visit: Visit, scope: Scope, changed: Callable[[], Awaitable[None]]) -> None:
        self._desk, self._visit, self._scope, self._changed = desk, visit, scope, changed
        self._say = say = visit.labels("today")
        self._list = ui.element("ul").props(f'aria-label="{say("tasks")}"')
        self._none, self._more = nothing(say("no_tasks")), ui.label().classes("hf-muted")
        self._rows: dict[str, Row] = {}
        self._times = ui.dialog().props(f'aria-label="{say("later")}"')
        self._client = ui.context.client

    async def show(self, tasks: Sequence[Waits], count: int, now: Instant) -> None:
        """Show these of so many."""
        wanted = {waits.task.id: waits for waits in tasks}
        for gone in self._rows.keys() - wanted.keys():
            self._rows.pop(gone).element.delete()
        self._none.set_visibility(not wanted)
        for place, (id_, waits) in enumerate(wanted.items()):
            row = self._rows.get(id_) or self._new(waits)
            row.show(Told(waits, self._desk, self._visit, self._scope, now))
            if self._list.default_slot.children[place] is not row.element:
                row.element.move(self._list, place)
            if place % BREATH == BREATH - 1:
                await asyncio.sleep(0)
        self._more.set_visibility(count > len(wanted))
        self._more.set_text(self._say("more_tasks", count=count - len(wanted)))

    def _new(self, waits: Waits) -> Row:
        with self._list:
            row = self._rows[waits.task.id] = Row(waits, self._visit, self._does(waits.task))
        return row

    def _does(self, task: Task) -> dict[str, Callable[[], object]]:
        return {
            "take": lambda: self._act(Verb.TAKE, task),
            "done": lambda: self._act(Verb.DONE, task),
            "later": lambda: self._ask_when(task),
        }

    async def _act(self, verb: Verb, task: Task, until: Instant | None = None) -> None:
        """Do it as every command is done, and say what came of it."""
        came = await obeyed(self._desk, self._visit, verb, task.thread, task.id, until=until)
        with self._client:
            told(answer(self._desk, self._visit, came), "good" if came.done else "warn")
        await self._changed()

    def _ask_when(self, task: Task) -> None:
        """One dialog for all rows, with the times that are of use for this task's shop."""
        policy, now = self._desk.deps.policies.get(task.shop), self._desk.clock.now()
        self._times.clear()
        with self._times, ui.card():
            ui.label(self._say("later"))
            for text, until in times_to_choose(policy, self._scope.zone, self._visit, now):
                ui.button(text, on_click=lambda until=until: self._until(task, until)).props("flat no-caps").classes(
                    "w-full"
                )
        self._times.open()

    async def _until(self, task: Task, until: Instant) -> None:
        self._times.close()
        await self._act(Verb.LATER, task, until)
