"""The start page: what needs a person now, what the bot did today, and what it held back and why."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from nicegui import ui

import bot.console
from bot.console.desk import Desk, Visit
from bot.console.frame import page
from bot.console.keyed import Redrawn
from bot.console.keys import keys
from bot.console.parts import heading
from bot.console.scope import Scope, address, choose, scope_of
from bot.console.today_lists import PATH, Lists, Tiles
from bot.console.today_tasks import Tasks
from followup.local_hours import begins_at
from store.console.today import Asked, Whose, day

STYLE = Path(bot.console.__file__).with_name("day.css")


@page("/today", "today")
async def today(
    desk: Desk, visit: Visit, shop: str = "", whose: str = "", kind: str = "", step: str = "", verdict: str = ""
) -> None:
    """Shows the day of one shop, or of all that are his; `whose` tasks, and which messages are listed."""
    ui.add_css(STYLE)
    scope, now, chosen = scope_of(desk, visit, shop), desk.clock.now(), Whose.ALL
    with suppress(ValueError):
        chosen = Whose(whose)
    no_kind = "" if kind == "-" else kind
    asked = Asked(scope.shops, visit.person.id, now, now, chosen, no_kind, step, verdict)
    await _Page(desk, visit, scope, asked).build()


class _Page:
    def __init__(self, desk: Desk, visit: Visit, scope: Scope, asked: Asked) -> None:
        self._desk, self._visit, self._scope, self._asked = desk, visit, scope, asked
        self._say, self._one = visit.labels("today"), asyncio.Lock()

    async def build(self) -> None:
        say, scope = self._say, self._scope
        with ui.element("div").classes("hf-bar"):
            heading(say("title"), 1)
            if len(scope.choices) > 1:
                links = {name: (name or say("all_shops"), self._path(shop=name)) for name in ("", *scope.choices)}
                choose(say("shops"), links, scope.shop)
        self._tiles = Tiles(self._visit)
        self._lists = Lists(self._desk, self._visit, scope, self._asked)
        with ui.element("div").classes("hf-today"):
            with ui.element("div"):
                self._draw_tasks()
            with ui.element("div"):
                self._lists.care()
                self._draw("said", self._lists.said)
                self._draw("held", self._lists.held)
        _bind(self._visit)
        await self.refresh()
        self._desk.live.watch(self.refresh)

    async def refresh(self) -> None:
        """Show everything as it is now; one at a time, for somebody may have acted while others did."""
        async with self._one:
            await self._show()

    async def _show(self) -> None:
        now = self._desk.clock.now()
        since = begins_at(now.astimezone(self._scope.zone).date(), self._scope.zone)
        found = await self._desk.read_of(self._visit.person.shops, day, replace(self._asked, since=since, now=now))
        self._tiles.show(found)
        self._whose.show(found.how_many)
        self._lists.show(found, now)
        await self._tasks.show(found.tasks, found.how_many[self._asked.whose], now)

    def _draw_tasks(self) -> None:
        with ui.element("section").classes("hf-surface hf-part").props(f'aria-label="{self._say("tasks")}"'):
            with ui.element("div").classes("hf-bar"):
                heading(self._say("tasks"), 2)
                self._whose = Redrawn(ui.element("div"), self._choose_whose)
            self._tasks = Tasks(self._desk, self._visit, self._scope, self.refresh)

    def _choose_whose(self, counts: dict[Whose, int]) -> None:
        say = self._say
        links = {of.value: (say(of.value, count=count), self._path(whose=of.value)) for of, count in counts.items()}
        choose(say("whose"), links, self._asked.whose.value)

    def _draw(self, name: str, draw: object) -> None:
        with ui.element("section").classes("hf-surface hf-part").props(f'aria-label="{self._say(name)}"'):
            draw()  # type: ignore[operator]

    def _path(self, **other: str) -> str:
        return address(PATH, **{"shop": self._scope.shop, "whose": self._asked.whose.value, **other})


def _bind(visit: Visit) -> None:
    """In the browser alone; Enter opens the thread, for the focus is on its link."""
    say = visit.labels("today")
    at = ".hf-task:focus-within"
    keys(
        {
            "j": (say("next"), "next .hf-task"),
            "k": (say("previous"), "previous .hf-task"),
            "e": (say("done"), f"click {at} .hf-done"),
            "a": (say("take"), f"click {at} .hf-take"),
            "l": (say("later"), f"click {at} .hf-later"),
        }
    )
