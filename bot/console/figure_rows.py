"""The figures of a report as rows: each with what it means, its value, the time before, and how it went by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.console.figures import Found
from bot.console.labels import Labels
from bot.console.tables import Cell, name_with, spark
from bot.figures.definitions import FIGURES, SECTIONS, Figure, Unit, Value
from bot.figures.names import NONE, Names
from bot.figures.report import Line, Report
from bot.report.labels import labels

TILES = ("conversations", "reply_rate", "first_person_median", "unpaid_recovered", "refund_rate", "clocks")


@dataclass(frozen=True)
class Teller:
    """Tells the figures of one choice in one language."""

    found: Found
    names: Names
    say: Labels

    def tiles(self) -> Iterator[tuple[str, str, str]]:
        """The figures that say most: name, value, and the change against the time before."""
        for id_ in TILES:
            figure = _FIGURES[id_]
            yield self.name(figure), self.value(self.found.report, figure), self.change(figure)

    def sections(self) -> Iterator[tuple[str, list[list[Cell]]]]:
        """Each subject with the rows of its figures."""
        for section in SECTIONS:
            rows = [self.row(figure) for figure in FIGURES if figure.section == section and self._is_shown(figure)]
            yield self.names.section(section), rows

    def row(self, figure: Figure) -> list[Cell]:
        """Name and definition, value, the time before, change, trend."""
        return [
            name_with(self.name(figure), f"{self.say(f'units.{figure.unit}')} · {self.definition(figure)}"),
            self.value(self.found.report, figure),
            self.value(self.found.before, figure),
            self.change(figure),
            self.trend(figure),
        ]

    def heads(self) -> list[str]:
        """What stands above the columns."""
        return [self.names("figure"), *(self.say(word) for word in ("value", "before", "change", "trend"))]

    def parts(self, report: Report) -> tuple[list[str], list[list[Cell]]]:
        """All figures with the parts of a report beside each other: heads and rows."""
        heads = [self.names("figure"), self.names("total")]
        heads += [self.names.part(part, report.scope.by) for part in report.parts]
        return heads, [
            [self.name(line.figure), *(self._written(value, line.figure) for value in (line.total, *line.parts))]
            for line in report.lines
        ]

    def name(self, figure: Figure) -> str:
        """What it is called."""
        return self.names.figure(figure, self.found.report).strip()

    def definition(self, figure: Figure) -> str:
        """What is counted, in one sentence (docs/figures.md)."""
        kind, _, of = figure.id.partition(".")
        if kind == "verdict" and of != "sent":
            return str(labels(self.names.lang)["meanings"][of])
        if kind == "clocks" and of:
            return self.say("definitions.clock")
        hours = int(self.found.report.scope.within.total_seconds() // 3600)
        return self.say(f"definitions.{'sent' if kind == 'verdict' else figure.id}", hours=hours)

    def value(self, report: Report, figure: Figure) -> str:
        """Its value over the whole period of a report."""
        return self._written(_total(report, figure), figure)

    def change(self, figure: Figure) -> str:
        """Against the time before: shares in points, all else in percent."""
        now, before = (_total(report, figure) for report in (self.found.report, self.found.before))
        if now is None or before is None:
            return NONE
        difference = float(now) - float(before)
        if figure.unit is Unit.SHARE:
            return self.say("points", n=f"{difference * 100:+.1f}")
        if not before:
            return NONE if now else "±0%"
        return f"{difference / float(before):+.0%}"

    def trend(self, figure: Figure) -> Cell:
        """Its days as a small line."""
        values = [None if value is None else float(value) for value in _parts(self.found.daily, figure)]
        known = [value for value in values if value is not None]
        if not known:
            return NONE
        low, high = (self._written(value, figure) for value in (min(known), max(known)))
        return spark(values, self.say("trend_told", low=low, high=high)) or NONE

    def _is_shown(self, figure: Figure) -> bool:
        """What is shy stands there only if there is something of it."""
        return not figure.shy or any(each.line(figure.id) for each in (self.found.report, self.found.before))

    def _written(self, value: Value, figure: Figure) -> str:
        return self.names.value(value, figure.unit, self.found.report.scope.currency)


_FIGURES = {figure.id: figure for figure in FIGURES}


def _total(report: Report, figure: Figure) -> Value:
    line = report.line(figure.id)
    return line.total if line else figure.of(report.tally, None)


def _parts(report: Report, figure: Figure) -> Sequence[Value]:
    line: Line | None = report.line(figure.id)
    return line.parts if line else tuple(figure.of(report.tally, part) for part in report.parts)
