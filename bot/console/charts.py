"""Charts for everybody: colours that the colour-blind tell apart, patterns besides, words for who cannot see them, and
beneath each the same figures as a table."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nicegui import ui

from bot.console.parts import heading
from bot.console.tables import table

COLOURS = ("#0072b2", "#d55e00", "#8f8f8f", "#009e73")
"""After Okabe and Ito, those that stand out on light and on dark ground alike."""
_STYLE = (Path(__file__).parent / "figures.css").read_text("utf-8")
_GRID = "rgba(128,128,128,0.28)"


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values, as many as the chart has slots; None where there is nothing to show."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars (stacked or beside each other) or lines over slots such as days; `written` are the same values as people
    read them, where they are no plain counts, `more` are columns of the table that are not drawn."""

    title: str
    slots: tuple[str, ...]
    series: tuple[Series, ...]
    stacked: bool = False
    lines: bool = False
    unit: str = ""
    written: tuple[tuple[str, ...], ...] = ()
    more: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it at all."""
        return not any(value for each in self.series for value in each.values)

    @property
    def told(self) -> str:
        """What who cannot see it hears: its title and, of each row, the sum or the span."""
        return f"{self.title}: " + ", ".join(self._told(each) for each in self.series)

    def rows(self) -> list[list[str]]:
        """The table with the same figures: a row for each slot."""
        columns = self.written or tuple(tuple(_plain(value) for value in each.values) for each in self.series)
        columns += tuple(column for _, column in self.more)
        return [[slot, *(column[at] for column in columns)] for at, slot in enumerate(self.slots)]

    def heads(self, slot: str) -> list[str]:
        """What stands above the columns of that table."""
        return [slot, *(each.name for each in self.series), *(name for name, _ in self.more)]

    def options(self) -> dict[str, Any]:
        """The same for ECharts."""
        return {
            "animation": False,
            "color": list(COLOURS),
            "aria": {"enabled": True, "label": {"description": self.told}, "decal": {"show": not self.lines}},
            "grid": {"left": 4, "right": 8, "top": 40, "bottom": 4, "containLabel": True},
            "legend": {"top": 0, "left": 0, "icon": "roundRect", "itemWidth": 22},
            "tooltip": {"trigger": "axis", "confine": True, "axisPointer": {"type": "shadow"}},
            "xAxis": {"type": "category", "data": list(self.slots), "axisLabel": {"hideOverlap": True}},
            "yAxis": {"type": "value", "name": self.unit, "splitLine": {"lineStyle": {"color": _GRID}}},
            "series": [self._series(each) for each in self.series],
        }

    def _series(self, each: Series) -> dict[str, Any]:
        drawn: dict[str, Any] = {"name": each.name, "data": list(each.values), "type": "bar"}
        if self.lines:
            drawn |= {"type": "line", "symbolSize": 6, "symbol": "circle"}
        elif self.stacked:
            drawn["stack"] = "all"
        return drawn

    def _told(self, each: Series) -> str:
        known = [value for value in each.values if value is not None]
        if not known:
            return f"{each.name} –"
        return f"{each.name} {min(known):g}–{max(known):g}" if self.lines else f"{each.name} {sum(known):,g}"


def chart(of: Chart, words: Words) -> None:
    """A card with the chart and, folded up beneath it, its table."""
    section = ui.element("section").classes("hf-surface")
    section.props["aria-label"] = of.title
    with section:
        heading(of.title, 3)
        if of.is_empty:
            ui.label(words.nothing).classes("hf-muted q-pa-md")
            return
        drawn = ui.echart(of.options(), renderer="svg").classes("hf-chart")
        drawn.props["role"], drawn.props["aria-label"] = "img", of.told
        folded(words.table, lambda: table(of.title, of.heads(words.slot), of.rows()))


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around a chart: how its table is opened, what its first column is, and that there is nothing."""

    table: str
    slot: str
    nothing: str


def dress() -> None:
    """Give the page the style of charts and tables."""
    ui.add_css(_STYLE)


def folded(label: str, draw: Callable[[], object]) -> ui.expansion:
    """Something that is drawn when it is opened for the first time; `draw` may be async."""
    drawn = False

    async def open_(is_open: bool) -> None:
        nonlocal drawn
        if is_open and not drawn:
            drawn = True
            with fold:
                made = draw()
                if inspect.isawaitable(made):
                    await made

    fold = ui.expansion(label, on_value_change=lambda event: open_(event.value)).props("dense").classes("full-width")
    return fold


async def breath() -> None:
    """Let the rest of the program go on: to draw much at once would hold the bot up."""
    await asyncio.sleep(0)


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:,g}"
