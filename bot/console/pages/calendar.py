"""The calendar: what is planned by the hour, with quiet hours and caps, for a week or a day."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from nicegui import ui

import bot.console
from bot.console.calendar_grid import DayList, Week, legend
from bot.console.calendar_lines import Lines
from bot.console.calendar_read import Asked, Found, read
from bot.console.calendar_words import CalendarWords
from bot.console.desk import Desk, Visit
from bot.console.frame import page
from bot.console.keyed import Redrawn
from bot.console.keys import keys
from bot.console.parts import heading
from bot.console.scope import Scope, address, choose, scope_of
from followup.local_hours import DAY, Hour, hours_of, week_of
from followup.model import Instant

PATH = "/console/calendar"
STYLES = ("day.css", "calendar.css")
WEEK, ONE = "week", "day"
YEARS = range(2000, 2200)
Head = tuple[date, int, bool, bool]
"""A day, how many are planned for it, whether it is today, and whether it is a holiday."""


@page("/calendar", "calendar")
async def calendar(desk: Desk, visit: Visit, shop: str = "", on: str = "", view: str = WEEK, at: str = "") -> None:
    """Shows the week of the day `on` (or that day alone, if `view` says so) with the hour `at` opened."""
    for style in STYLES:
        ui.add_css(Path(bot.console.__file__).with_name(style))
    scope = scope_of(desk, visit, shop)
    today = desk.clock.now().astimezone(scope.zone).date()
    chosen = _date(on) or today
    opened = _hour(at, scope)
    await _Page(desk, visit, scope, chosen, ONE if view == ONE else WEEK, opened).build()


class _Page:
    def __init__(self, desk: Desk, visit: Visit, scope: Scope, on: date, view: str, opened: Hour | None) -> None:
        self._desk, self._visit, self._scope = desk, visit, scope
        self._on, self._view, self._opened = on, view, opened
        self._dates = tuple(week_of(on)) if view == WEEK else (on,)
        self._words, self._one = CalendarWords(visit, scope.zone), asyncio.Lock()
        shops = (scope.shop,) if scope.shop else scope.choices
        self._policies = tuple(desk.deps.policies[each] for each in shops)

    async def build(self) -> None:
        found = await self._read()
        self._draw_head()
        self._none: Redrawn[tuple[bool, Instant | None]] = Redrawn(ui.element("div"), self._draw_next)
        if self._view == WEEK:
            with ui.element("div").classes("hf-calendar gt-sm"):
                self._week = Week(self._words, found.days, self._open, lambda day: self._path(on=day.date, view=ONE))
        with ui.element("div").classes("hf-calendar" + (" lt-md" if self._view == WEEK else "")):
            if self._view == WEEK:
                self._days: Redrawn[list[Head]] = Redrawn(ui.element("div"), self._draw_days)
            self._day = DayList(self._words, self._open)
        self._legend: Redrawn[tuple[list[str], bool]] = Redrawn(ui.element("div"), self._draw_legend)
        for policy in self._policies:
            ui.label(self._words.rules(policy, len(self._policies) > 1)).classes("hf-muted hf-small")
        self._lines = Lines(self._desk, self._visit, self._scope, self._words, self.refresh, self._close)
        await self._show(found)
        self._bind()
        self._desk.live.watch(self.refresh)

    async def refresh(self) -> None:
        """Show everything as it is now; one at a time, for somebody may have acted while others did."""
        async with self._one:
            await self._show(await self._read())

    async def _read(self) -> Found:
        now = self._desk.clock.now()
        asked = Asked(self._scope.shops, self._dates, self._scope.zone, self._policies, now, self._opened)
        return await self._desk.read_of(self._visit.person.shops, read, asked, self._desk.deps)

    async def _show(self, found: Found) -> None:
        if self._view == WEEK:
            await self._week.show(found.days, self._opened)
            self._days.show([(day.date, day.count, day.is_today, day.is_holiday) for day in found.days])
        self._day.show(next(day for day in found.days if day.date == self._on), self._opened)
        self._lines.show(self._opened, found.lines, self._desk.clock.now())
        self._none.show((any(day.count for day in found.days), found.next_at))
        cells = [cell for day in found.days for cell in day.cells]
        kinds = {kind: None for cell in cells for kind, _ in cell.kinds}
        self._legend.show((sorted(kinds), any(cell.waits for cell in cells)))

    async def _open(self, hour: Hour) -> None:
        """Open an hour; a second time closes it."""
        self._opened = None if self._opened == hour else hour
        ui.navigate.history.replace(self._path())
        await self.refresh()
        if self._opened:
            ui.run_javascript("document.querySelector('.hf-opened h2')?.focus()")

    async def _close(self) -> None:
        if self._opened:
            await self._open(self._opened)

    def _draw_head(self) -> None:
        say, scope, step = self._words.say, self._scope, timedelta(days=len(self._dates))
        with ui.element("div").classes("hf-bar"):
            heading(f"{say('title')} {self._words.span(self._dates)}", 1)
            if len(scope.choices) > 1:
                links = {name: (name or say("all_shops"), self._path(shop=name)) for name in ("", *scope.choices)}
                choose(say("shops"), links, scope.shop)
            views = {name: (say(name), self._path(view=name)) for name in (WEEK, ONE)}
            choose(say("views"), views, self._view)
            with ui.element("nav").classes("hf-choose").props(f'aria-label="{say("title")}"'):
                self._arrow("←", say("earlier"), self._path(on=self._on - step, at=""), "hf-earlier")
                self._arrow(say("today"), say("today"), self._path(on="", at=""), "hf-to-today")
                self._arrow("→", say("later"), self._path(on=self._on + step, at=""), "hf-later-on")

    def _arrow(self, text: str, label: str, path: str, style: str) -> None:
        with ui.element("a").classes(style) as link:
            link.props["href"], link.props["aria-label"] = path, label
            ui.label(text)

    def _draw_days(self, days: list[Head]) -> None:
        """The days of the week as links, for a narrow screen."""
        links = {}
        for day, count, _, is_holiday in days:
            holiday = f" · {self._words.say('holiday')}" if is_holiday else ""
            links[str(day)] = (f"{self._words.day(day)}: {count}{holiday}", self._path(on=day, at=""))
        choose(self._words.say("week"), links, str(self._on))

    def _draw_legend(self, shown: tuple[list[str], bool]) -> None:
        legend(self._words, *shown)

    def _draw_next(self, stands: tuple[bool, Instant | None]) -> None:
        """Where there is something, if these days are empty."""
        has_some, next_at = stands
        if has_some:
            return
        ui.label(self._words.say(f"nothing_{self._view}")).classes("hf-muted")
        if next_at is not None:
            local = next_at.astimezone(self._scope.zone)
            with ui.element("a").classes("hf-link") as link:
                link.props["href"] = self._path(on=local.date(), at="")
                ui.label(self._words.say("next", at=f"{self._words.day(local.date())} {local:%H:%M}"))

    def _path(self, **other: object) -> str:
        at = f"{self._opened.start:%Y-%m-%dT%H:%MZ}" if self._opened else ""
        return address(PATH, **{"shop": self._scope.shop, "on": self._on, "view": self._view, "at": at, **other})

    def _bind(self) -> None:
        say, at = self._words.say, ".hf-touch:focus-within"
        keys(
            {
                "ArrowLeft": (say("earlier"), "click .hf-earlier"),
                "ArrowRight": (say("later"), "click .hf-later-on"),
                "t": (say("today"), "click .hf-to-today"),
                "j": (say("next_row"), "next .hf-touch, .hf-cell"),
                "k": (say("previous_row"), "previous .hf-touch, .hf-cell"),
                "n": (say("now"), f"click {at} .hf-now"),
                "m": (say("move"), f"click {at} .hf-move"),
                "x": (say("skip"), f"click {at} .hf-skip"),
            }
        )


def _date(given: str) -> date | None:
    with suppress(ValueError):
        found = date.fromisoformat(given)
        return found if found.year in YEARS else None
    return None


def _hour(given: str, scope: Scope) -> Hour | None:
    """The hour that begins then by the clock of the shop, if one does."""
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(given)
        local = at.astimezone(scope.zone).date()
        if local.year not in YEARS:
            return None
        return next(
            (hour for day in (local - DAY, local) for hour in hours_of(day, scope.zone) if hour.start == at), None
        )
    return None
