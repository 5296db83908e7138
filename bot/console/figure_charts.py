"""The charts of a report: what was said, answered, begun, paid, met in time, and how soon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.console.charts import Chart, Series
from bot.console.labels import Labels
from bot.figures.definitions import Unit, Value
from bot.figures.names import Names
from bot.figures.page import POSTPONED
from bot.figures.report import Report
from followup.desk.deadlines import Due
from followup.model import Verdict
from store.figures.clocks import met, missed
from store.figures.messages import verdict_name

_HELD = tuple(verdict for verdict in Verdict if verdict not in (Verdict.SENT, *POSTPONED))
_SECONDS = (("hour_unit", 3600.0), ("minute_unit", 60.0))


@dataclass(frozen=True)
class Charts:
    """The charts of one report in one language."""

    report: Report
    names: Names
    say: Labels

    def __iter__(self) -> Iterator[Chart]:
        """One for each subject, over the parts of the report; clocks by what they wait for, verdicts by name."""
        subjects = (
            self._messages(),
            self._verdicts(),
            self._talks(),
            self._figures(self.say("replies"), "first_person_median", "first_person_p90"),
            self._figures(self.say("unpaid"), "unpaid_orders", "unpaid_reminded", "unpaid_recovered"),
            self._figures(self.say("orders"), "orders_paid", "refunds_asked"),
            self._clocks(),
            self._figures(self.say("matters"), "opened", "closed"),
            self._figures(self.say("tasks"), "tasks_given", "tasks_done"),
        )
        return filter(None, subjects)

    def _messages(self) -> Chart:
        groups = {"sent": (Verdict.SENT,), "postponed": POSTPONED, "dropped": _HELD}
        series = [
            Series(self.names(group), self._sums(*map(verdict_name, verdicts))) for group, verdicts in groups.items()
        ]
        return Chart(self.names("messages_chart"), self._slots(), tuple(series), stacked=True)

    def _verdicts(self) -> Chart:
        shown = [line for line in self.report.lines if line.figure.section == "messages" and line.total]
        shown.sort(key=lambda line: -float(line.total or 0))
        times = Series(self.say("times"), tuple(float(line.total or 0) for line in shown))
        return Chart(
            self.say("verdicts"), tuple(self.names.figure(line.figure, self.report) for line in shown), (times,)
        )

    def _talks(self) -> Chart | None:
        if not self.report.tally.apart.get("answered"):
            return None
        answered, whole = self._sums("answered"), self._sums("conversations")
        rest = tuple(of - part for of, part in zip(whole, answered, strict=True))
        series = (Series(self.names("answered"), answered), Series(self.names("unanswered"), rest))
        return Chart(self.names("talks_chart"), self._slots(), series, stacked=True)

    def _clocks(self) -> Chart:
        """Met and late over the whole period, so that each sort can be told."""
        count = self.report.tally.count
        known = [due.value for due in Due if count(met(due.value)) or count(missed(due.value))]
        series = [
            Series(self.say(word), tuple(float(count(of(due)) or 0) for due in known))
            for word, of in (("met", met), ("late", missed))
        ]
        slots = tuple(self.names.due(due) for due in known)
        return Chart(self.say("clocks"), slots, tuple(series), stacked=True)

    def _figures(self, title: str, *ids: str) -> Chart | None:
        """Figures of the report side by side; lengths of time as lines, in the unit that suits the longest."""
        lines = [line for id_ in ids if (line := self.report.line(id_)) and line.parts != (None,) * len(line.parts)]
        if not lines:
            return None
        unit, currency = lines[0].figure.unit, self.report.scope.currency
        word, scale = _scale(max(float(value or 0) for line in lines for value in line.parts), unit)
        written = [[self.names.value(value, unit, currency) for value in line.parts] for line in lines]
        series = [
            Series(self.names.figure(line.figure, self.report).strip(), tuple(_scaled(v, scale) for v in line.parts))
            for line in lines
        ]
        return Chart(
            title,
            self._slots(),
            tuple(series),
            lines=unit is Unit.SECONDS,
            unit=self.names(word, n="").strip() if word else "",
            written=tuple(map(tuple, written)),
        )

    def _sums(self, *counted: str) -> tuple[float, ...]:
        count = self.report.tally.count
        return tuple(sum(float(count(name, part) or 0) for name in counted) for part in self.report.parts)

    def _slots(self) -> tuple[str, ...]:
        return tuple(self.names.part(part, self.report.scope.by) for part in self.report.parts)


def _scale(most: float, unit: Unit) -> tuple[str, float]:
    """The unit in which lengths of time are drawn, and its seconds."""
    if unit is not Unit.SECONDS:
        return "", 1.0
    return next(((word, size) for word, size in _SECONDS if most >= 2 * size), ("second_unit", 1.0))


def _scaled(value: Value, scale: float) -> float | None:
    return None if value is None else round(float(value) / scale, 2)
