"""The comparison of two cadences for people and machines: words, rows of tables, one HTML file, one JSON object."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.comparing import Comparison, Measure, Unit
from bot.desk import words
from bot.report.charts import Chart, timeline
from bot.report.figures import by_period
from bot.report.labels import labels

HERE = Path(__file__).parent
GROUPS = ("sent", "postponed")
"""The classes of page.css in which both sides are drawn."""
DAYS, LABELS = 70, 8
NONE = "–"
Change = tuple[str, str, str]
"""An option by its name, as it was and as it becomes."""


@dataclass(frozen=True)
class Names:
    """The words of one language."""

    lang: str

    def __call__(self, word: str, **figures: object) -> str:
        """A word or sentence of the comparison."""
        return str(_tables()[self.lang][word]).format(**figures)

    def measure(self, id_: str) -> str:
        """What a figure is called."""
        return str(_tables()[self.lang]["measures"][id_])

    def key(self, table: str, key: str) -> str:
        """What a row of one of the comparison's tables is called."""
        match table:
            case "steps":
                return words(self.lang).step(key)
            case "held":
                return str(labels(self.lang)["verdicts"][key])
            case "hours":
                return str(labels(self.lang)["hour_unit"]).format(h=int(key))
        return key

    def value(self, value: float | None, unit: Unit) -> str:
        """A figure as people read it."""
        if value is None:
            return NONE
        match unit:
            case Unit.COUNT:
                return f"{value:,.0f}"
            case Unit.SHARE:
                return f"{value:.1%}"
            case Unit.SECONDS:
                return self.span(value)

    def difference(self, measure: Measure) -> str:
        """How much more or less it becomes, with its sign."""
        found = measure.difference
        if found is None:
            return NONE
        sign = "±" if not found else "+" if found > 0 else "−"
        if measure.unit is Unit.SHARE:
            return self("points", n=f"{sign}{abs(found) * 100:.1f}")
        return sign + self.value(abs(found), measure.unit)

    def span(self, seconds: float) -> str:
        """A length of time in the unit that suits it."""
        for unit, size in (("day_unit", 86_400), ("hour_unit", 3600), ("minute_unit", 60)):
            if seconds >= 2 * size:
                return self(unit, n=f"{seconds / size:.1f}".removesuffix(".0"))
        return self("second_unit", n=round(seconds))


def rows(measures: Sequence[Measure], names: Names, table: str = "") -> list[list[str]]:
    """A row for each figure: its name, both sides, the difference. `table` is that of the comparison, if it is one."""
    return [
        [
            names.key(table, each.id) if table else names.measure(each.id),
            names.value(each.before, each.unit),
            names.value(each.after, each.unit),
            names.difference(each),
        ]
        for each in measures
    ]


def as_json(compared: Comparison) -> dict[str, Any]:
    """The object that `huifang simulate --compare --json` prints: seconds, shares from 0 to 1, plain counts."""
    tables = {name: _plain(compared.table(name)) for name in ("steps", "held", "days", "hours")}
    return {
        "figures": _plain(list(compared.measures())),
        **tables,
        "differing": compared.differing,
        "orders": [asdict(order) for order in compared.orders],
    }


def _plain(measures: Sequence[Measure]) -> dict[str, dict[str, float | None]]:
    return {each.id: {"before": each.before, "after": each.after, "difference": each.difference} for each in measures}


def render(compared: Comparison, shop: str, changes: Sequence[Change], assumed: Sequence[str], lang: str) -> str:
    """The report as one HTML file that needs nothing else. Everything from outside is escaped."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = Names(lang)
    return environment.get_template("compared.html.j2").render(
        lang=lang,
        names=names,
        t=_tables()[lang],
        shared=labels(lang),
        shop=shop,
        style=Markup((HERE / "page.css").read_text("utf-8")),  # noqa: S704 - our own file
        groups=GROUPS,
        measures=rows(list(compared.measures()), names),
        steps=rows(compared.table("steps"), names, "steps"),
        held=rows(compared.table("held"), names, "held"),
        by_day=_by_day(compared, names),
        by_hour=_drawn({each.id: _pair(each) for each in compared.table("hours")}, "hours", names),
        changes=changes,
        assumed=assumed,
        compared=compared,
    )


def _by_day(compared: Comparison, names: Names) -> Chart:
    days = {date.fromisoformat(each.id): _pair(each) for each in compared.table("days")}
    return _drawn({day.isoformat(): pair for day, pair in by_period(days, DAYS).items()}, "days", names)


def _pair(measure: Measure) -> Counter[str]:
    return Counter({"sent": int(measure.before or 0), "postponed": int(measure.after or 0)})


def _drawn(slots: Mapping[str, Counter[str]], table: str, names: Names) -> Chart:
    return timeline(slots, lambda key: names.key(table, key), GROUPS, _tables()[names.lang], LABELS)


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads((HERE / "compared.toml").read_text("utf-8"))
