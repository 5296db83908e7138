"""The report as one HTML file that needs nothing else: charts, tables, light and dark, on a phone too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.figures.comparing import columns, conclusion, rows
from bot.figures.definitions import SECTIONS
from bot.figures.names import Names
from bot.figures.report import Report
from bot.report import charts
from bot.routine.files import keep
from followup.model import Verdict
from store.figures import By
from store.figures.messages import verdict_name

OWN, SHARED = Path(__file__).parent, Path(charts.__file__).parent
TILES = ("conversations", "reply_rate", "first_person_median", "unpaid_recovered", "refund_rate", "clocks")
POSTPONED = (Verdict.QUIET_HOURS, Verdict.CAPPED)
LABELS, FEW_LABELS = 10, 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with its id, its title, and the classes of its bars, which have the names of `words`."""

    id: str
    title: str
    chart: charts.Chart
    groups: tuple[str, ...]
    words: dict[str, str]


def write_page(path: Path, report: Report, names: Names) -> None:
    """Write the page, readable by its owner alone. Raises OSError."""
    keep(path.parent, path.name, render(report, names))


def render(report: Report, names: Names) -> str:
    """The page as HTML. Everything from outside is escaped; nothing is fetched."""
    environment = Environment(
        loader=FileSystemLoader([OWN, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        lang=names.lang,
        names=names,
        report=report,
        style=Markup((SHARED / "page.css").read_text("utf-8")),  # noqa: S704 - our own file
        tiles=list(_tiles(report, names)),
        charts=list(_charts(report, names)),
        sections=list(_sections(report, names)),
        heads=[names.part(part, report.scope.by) for part in report.parts],
        hours=int(report.scope.within.total_seconds() // 3600),
        compared=report.comparison,
        compared_columns=columns(names),
        compared_rows=rows(report.comparison, names) if report.comparison else [],
        conclusion=conclusion(report.comparison, names) if report.comparison else "",
    )


def _tiles(report: Report, names: Names) -> Iterator[tuple[str, str]]:
    for id_ in TILES:
        if line := report.line(id_):
            yield names.value(line.total, line.figure.unit, report.scope.currency), names.figure(line.figure, report)


def _sections(report: Report, names: Names) -> Iterator[tuple[str, list[list[str]]]]:
    currency = report.scope.currency
    for section in SECTIONS:
        lines = [line for line in report.lines if line.figure.section == section]
        yield (
            names.section(section),
            [
                [
                    names.figure(line.figure, report),
                    *(names.value(v, line.figure.unit, currency) for v in (line.total, *line.parts)),
                ]
                for line in lines
            ],
        )


def _charts(report: Report, names: Names) -> Iterator[Drawn]:
    held = [verdict for verdict in Verdict if verdict not in (Verdict.SENT, *POSTPONED)]
    talks = ("answered", "conversations")
    answered = {part: _of(report, part, {"sent": talks[:1], "dropped": talks[1:]}) for part in report.parts}
    for counts in answered.values():
        counts["dropped"] -= counts["sent"]
    if report.tally.apart["answered"]:
        yield _drawn("talks", answered, {"sent": "answered", "dropped": "unanswered"}, report, names)
    of = {"sent": (Verdict.SENT,), "postponed": POSTPONED, "dropped": tuple(held)}
    ids = {group: tuple(verdict_name(verdict) for verdict in verdicts) for group, verdicts in of.items()}
    said = {part: _of(report, part, ids) for part in report.parts}
    yield _drawn("messages", said, {group: group for group in of}, report, names)
    matters = {part: _of(report, part, {"postponed": ("opened",), "sent": ("closed",)}) for part in report.parts}
    yield _drawn("matters", matters, {"postponed": "opened", "sent": "closed"}, report, names)


def _of(report: Report, part: str, groups: dict[str, tuple[str, ...]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for group, ids in groups.items():
        counts[group] = sum(int(report.tally.count(id_, part) or 0) for id_ in ids)
    return counts


def _drawn(id_: str, slots: dict[str, Counter[str]], called: dict[str, str], report: Report, names: Names) -> Drawn:
    words = {group: names(word) for group, word in called.items()}
    words["every_figure"] = names("every_figure")
    by = report.scope.by
    most = LABELS if by is By.DAY else FEW_LABELS
    drawn = charts.timeline(slots, lambda part: names.part(part, by), tuple(called), words, most)
    return Drawn(id_, names(f"{id_}_chart"), drawn, tuple(called), words)
