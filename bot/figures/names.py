"""What figures, parts and values are called and how they are written, in one of the agents' languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from bot.desk import words
from bot.figures.definitions import Figure, Unit, Value
from bot.figures.report import Report
from bot.report.labels import labels
from followup.desk.people import Roster
from followup.model import Money
from scripts_library.localise import EN_MONTHS, money
from store.figures import By

NONE = "–"


@dataclass(frozen=True)
class Names:
    """The words of one language, for the people of one installation."""

    lang: str
    roster: Roster

    def __call__(self, word: str, **figures: object) -> str:
        """A word or sentence of the report."""
        return str(_tables()[self.lang][word]).format(**figures)

    def section(self, id_: str) -> str:
        return str(_tables()[self.lang]["sections"][id_])

    def figure(self, figure: Figure, report: Report) -> str:
        """A figure by its name; a verdict by the one it has everywhere."""
        kind, _, verdict = figure.id.partition(".")
        if kind == "verdict":
            return self("sent") if verdict == "sent" else str(labels(self.lang)["verdicts"][verdict])
        hours = report.scope.within // timedelta(hours=1)
        return str(_tables()[self.lang]["figures"][figure.id]).format(hours=hours)

    def due(self, due: str) -> str:
        """What a clock waits for."""
        return str(_tables()[self.lang]["figures"][f"clocks.{due}"]).strip()

    def part(self, part: str, by: By) -> str:
        """A day, a week, a person by his name, or a kind."""
        match by:
            case By.DAY:
                return self.day(date.fromisoformat(part))
            case By.WEEK:
                return self("week_of", day=self.day(date.fromisoformat(part)))
            case By.AGENT:
                person = self.roster.people.get(part)
                return (person.name or person.id) if person else part or self("nobody")
            case By.KIND:
                return words(self.lang).name("kinds", part) if part else self("no_kind")

    def day(self, day: date) -> str:
        """3月2日, Mar 2."""
        return f"{day.month}月{day.day}日" if self.lang.startswith("zh") else f"{EN_MONTHS[day.month - 1]} {day.day}"

    def period(self, report: Report) -> str:
        """The first and the last day, with the zone they are days of."""
        zone = report.scope.zone
        first, last = (at.astimezone(zone) for at in (report.scope.since, report.scope.until - timedelta(seconds=1)))
        return f"{first:%Y-%m-%d} – {last:%Y-%m-%d} ({zone.key})"

    def value(self, value: Value, unit: Unit, currency: str) -> str:
        """A value as people read it."""
        if value is None:
            return NONE
        match unit:
            case Unit.COUNT:
                return f"{int(value):,}"
            case Unit.SHARE:
                return f"{float(value):.1%}"
            case Unit.SECONDS:
                return self.span(float(value))
            case Unit.MONEY:
                return money(Money(Decimal(value), currency), self.lang)

    def span(self, seconds: float) -> str:
        """A length of time in the unit that suits it, with one decimal from hours on."""
        if seconds < 120:
            return self("second_unit", n=round(seconds))
        if seconds < 7200:
            return self("minute_unit", n=round(seconds / 60))
        if seconds < 172_800:
            return self("hour_unit", n=f"{seconds / 3600:.1f}")
        return self("day_unit", n=f"{seconds / 86_400:.1f}")

    def points(self, share: float) -> str:
        """A difference of two shares in percentage points, with its sign."""
        return f"{share * 100:+.1f}"


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "labels.toml").read_text("utf-8"))
