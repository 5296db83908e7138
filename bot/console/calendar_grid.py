"""A week as a table, and a day as a list (also what a telephone shows of a week): hours with what is planned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from bot.console.calendar_days import Cell, Day
from bot.console.calendar_words import CalendarWords
from bot.console.keyed import Redrawn
from followup.kinds import KINDS
from followup.local_hours import Hour
from store.console.calendar import PROMISES

HOURS = range(24)
COLOURS = {kind: number for number, kind in enumerate((*KINDS, PROMISES, ""))}
NARROWEST = 0.05
"""The share of a cell that the smallest kind gets, to be seen."""
Open = Callable[[Hour], Any]


class Week:
    """The table: its rows are the hours of the clock, its columns days."""

    def __init__(self, words: CalendarWords, days: Sequence[Day], opens: Open, day_path: Callable[[Day], str]) -> None:
        self._words, self._opens, self._day_path = words, opens, day_path
        with ui.element("table").classes("hf-week").props(f'aria-label="{words.span(tuple(d.date for d in days))}"'):
            with ui.element("thead"), ui.element("tr"):
                with ui.element("th").props('scope="col"'):
                    ui.label(words.say("hour")).classes("hf-unseen")
                self._heads = [self._head() for _ in days]
            with ui.element("tbody"):
                self._cells = [self._row(number, len(days)) for number in HOURS]

    async def show(self, days: Sequence[Day], opened: Hour | None) -> None:
        """Show what is planned now, and which hour is opened; after each day others have their turn."""
        for place, day in enumerate(days):
            self._heads[place].show((day.date, day.is_today, day.is_holiday, day.count))
            for number in HOURS:
                self._cells[number][place].show((day, day.at(number)), opened)
            await asyncio.sleep(0)

    def _head(self) -> _Head:
        return _Head(self._words, self._day_path)

    def _row(self, number: int, width: int) -> list[_Slot]:
        with ui.element("tr"):
            with ui.element("th").props('scope="row"'):
                ui.label(f"{number:02}")
            return [_Slot(self._words, self._opens) for _ in range(width)]


class _Head:
    """The head of a day."""

    def __init__(self, words: CalendarWords, path: Callable[[Day], str]) -> None:
        self._words, self._path = words, path
        self._inside = ui.element("th").props('scope="col"')
        self._shown: Redrawn[Any] = Redrawn(self._inside, self._draw)

    def show(self, what: tuple[Any, bool, bool, int]) -> None:
        self._inside.classes(replace="hf-is-today" if what[1] else "")
        self._shown.show(what)

    def _draw(self, what: tuple[Any, bool, bool, int]) -> None:
        day, is_today, is_holiday, count = what
        with ui.element("a").props('aria-current="date"' if is_today else "") as link:
            link.props["href"] = self._path(Day(day, (), is_today, is_holiday))
            ui.label(self._words.day(day))
        if is_holiday:
            ui.label(self._words.say("holiday")).classes("hf-mark hf-warn")
        ui.label(self._words.say("planned", count=count) if count else " ").classes("hf-muted hf-small")


class _Slot:
    """One hour of one day in the table; it holds two cells where that hour comes twice, none where it never comes."""

    def __init__(self, words: CalendarWords, opens: Open) -> None:
        self._words, self._opens = words, opens
        self._inside = ui.element("td")
        self._shown: Redrawn[tuple[str, tuple[Cell, ...]]] = Redrawn(self._inside, self._draw)
        self._day: Day | None = None

    def show(self, what: tuple[Day, tuple[Cell, ...]], opened: Hour | None) -> None:
        self._day, cells = what
        self._inside.classes(replace=" ".join(_style(cells, opened)))
        self._shown.show((str(self._day.date), tuple(cell for cell in cells if cell.count)))

    def _draw(self, what: tuple[str, tuple[Cell, ...]]) -> None:
        assert self._day is not None
        for cell in what[1]:
            button(self._words, self._day, cell, self._opens)


class DayList:
    """The hours of one day below each other."""

    def __init__(self, words: CalendarWords, opens: Open) -> None:
        self._words, self._opens = words, opens
        self._inside = ui.element("ul").classes("hf-day")
        self._rows: list[_DayRow] = []

    def show(self, day: Day, opened: Hour | None) -> None:
        """Show what is planned now, and which hour is opened."""
        if [row.hour for row in self._rows] != [cell.hour for cell in day.cells]:
            self._inside.clear()
            with self._inside:
                self._rows = [_DayRow(self._words, cell.hour, self._opens) for cell in day.cells]
        for row, cell in zip(self._rows, day.cells, strict=True):
            row.show(day, cell, opened)


class _DayRow:
    def __init__(self, words: CalendarWords, hour: Hour, opens: Open) -> None:
        self.hour, self._words, self._opens = hour, words, opens
        self._day: Day | None = None
        with ui.element("li") as self._row:
            ui.label(words.hour(hour)).classes("hf-hour")
            self._shown: Redrawn[Cell] = Redrawn(ui.element("div"), self._draw)

    def show(self, day: Day, cell: Cell, opened: Hour | None) -> None:
        self._day = day
        self._row.classes(replace=" ".join(_style((cell,), opened)))
        self._shown.show(cell)

    def _draw(self, cell: Cell) -> None:
        assert self._day is not None
        if cell.count:
            button(self._words, self._day, cell, self._opens, self._words.cell(cell))
        elif quiet := self._words.quiet(cell):
            ui.label(quiet).classes("hf-small hf-muted")


def legend(words: CalendarWords, kinds: Sequence[str], waits: bool) -> None:
    """What the colours mean."""
    with ui.element("ul").classes("hf-legend").props(f'aria-label="{words.say("legend")}"'):
        for kind in kinds:
            with ui.element("li"):
                ui.element("span").classes("hf-swatch").style(f"background: var(--hf-k{COLOURS.get(kind, 0)})")
                ui.label(words.kind(kind))
        with ui.element("li"):
            ui.element("span").classes("hf-swatch hf-quiet")
            ui.label(words.say("quiet"))
        if waits:
            with ui.element("li"):
                ui.label(words.say("waits_mark"))


def button(words: CalendarWords, day: Day, cell: Cell, opens: Open, told: str = "") -> None:
    """An hour that can be opened: how many are planned, stacked by kind."""
    with ui.element("button").props('type="button"').classes("hf-cell") as made:
        made.props["aria-label"] = made.props["title"] = words.button(day, cell)
        made.on("click", lambda: opens(cell.hour))
        ui.label(told or (f"{cell.count} ({cell.waits})" if cell.waits else str(cell.count)))
        ui.element("span").classes("hf-stack").style(f"background: {_stripes(cell)}")


def _stripes(cell: Cell) -> str:
    """The kinds beside each other, as wide as they are many, in one background: a week has hundreds of them."""
    widths = [(kind, max(count, cell.count * NARROWEST)) for kind, count in cell.kinds]
    whole, at, stripes = sum(width for _, width in widths), 0.0, []
    for kind, width in widths:
        begins, at = at, at + 100 * width / whole
        stripes.append(f"var(--hf-k{COLOURS.get(kind, 0)}) {begins:.0f}% {at:.0f}%")
    return f"linear-gradient(90deg, {', '.join(stripes)})"


def _style(cells: Sequence[Cell], opened: Hour | None) -> list[str]:
    found = [] if cells else ["hf-never"]
    found += ["hf-quiet"] if cells and all(cell.quiet == 1 for cell in cells) else []
    found += ["hf-partly"] if any(0 < cell.quiet < 1 for cell in cells) else []
    found += ["hf-is-open"] if any(cell.hour == opened for cell in cells) else []
    found += ["hf-is-now"] if any(cell.is_now for cell in cells) else []
    return found + (["hf-past"] if cells and all(cell.is_past for cell in cells) else [])
