"""The report of a simulation: one HTML file that needs nothing else, for a shop owner to decide on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.report.charts import Chart, timeline
from bot.report.conversations import Conversation, conversations
from bot.report.figures import GROUPS, Figures, by_period, group
from bot.report.labels import labels
from bot.report.told import assumed, figures_used, period
from bot.simulate import Simulation
from bot.simulate_read import Rejected
from followup.kinds import KINDS
from followup.model import Decided, Thread, Verdict
from followup.policy import QuietHours
from followup.politeness import zone_of
from scripts_library.localise import moment

TEMPLATES = Path(__file__).parent / "report"
DAYS, DAY_LABELS, HOUR_LABELS = 70, 8, 8


def write_report(path: Path, simulation: Simulation, counts: Figures, rejected: Rejected, shop: str, lang: str) -> None:
    """Writes the report in the agents' language `lang`. Raises OSError."""
    path.write_text(render(simulation, counts, rejected, shop, lang), "utf-8")


def render(simulation: Simulation, counts: Figures, rejected: Rejected, shop: str, lang: str) -> str:
    """The page as HTML. Everything from outside is escaped; nothing is fetched."""
    words, policy = labels(lang), simulation.deps.policy(shop)
    by_day, by_hour = _charts(counts, lang)
    channels = sorted({line.channel for line in simulation.decided}) or ["manual"]
    return _page(
        lang=lang,
        t=words,
        shop=shop,
        style=Markup((TEMPLATES / "page.css").read_text("utf-8")),  # noqa: S704 - our own file
        groups=GROUPS,
        period=period(simulation, policy, lang),
        nothing_sent=words["nothing_sent"].format(channels=", ".join(channels)),
        tiles=_tiles(simulation, counts, rejected, words),
        counts=counts,
        by_day=by_day,
        by_hour=by_hour,
        quiet=_quiet(policy.quiet),
        held=list(_held(simulation, counts, lang)),
        samples=_by_kind(conversations(simulation, lang)),
        assumed=list(assumed(simulation, lang)),
        policy=list(figures_used(policy, lang)),
        rejected=rejected,
    )


def _page(**context: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(context)


def _charts(counts: Figures, lang: str) -> tuple[Chart, Chart]:
    words = labels(lang)
    days = by_period(counts.by_day, DAYS)
    name = _day if days.keys() == counts.by_day.keys() else date.isoformat
    return timeline(days, name, GROUPS, words, DAY_LABELS), timeline(
        counts.by_hour, lambda hour: words["hour_unit"].format(h=hour), GROUPS, words, HOUR_LABELS
    )


def _day(day: date) -> str:
    return f"{day.month}/{day.day}"


def _tiles(simulation: Simulation, counts: Figures, rejected: Rejected, words: Any) -> list[tuple[str, str, str]]:
    groups: Counter[str] = sum(counts.by_day.values(), Counter())
    told = [
        (len(simulation.past.orders), "orders", ""),
        (sum(sum(states.values()) for states in counts.outcomes.values()), "followed", ""),
        (counts.messages, "messages", "sent"),
        (counts.buyers, "buyers", ""),
        (groups["postponed"], "postponed_times", ""),
        (groups["dropped"], "dropped_times", ""),
        (sum(counts.alerts.values()), "alerts", ""),
    ]
    if rejected.count:
        told.append((rejected.count, "rejected", "bad"))
    return [(f"{number:,}", words[name], tone) for number, name, tone in told]


def _quiet(quiet: QuietHours) -> str:
    """The quiet hours as a path over a chart of 24 hours, 100 wide."""
    opens, closes = ((time.hour + time.minute / 60) * 100 / 24 for time in (quiet.opens, quiet.closes))
    return f"M0 0H{opens:.2f}V100H0ZM{closes:.2f} 0H100V100H{closes:.2f}Z"


def _held(simulation: Simulation, counts: Figures, lang: str) -> Iterator[tuple[str, int, float, str, str]]:
    """Verdict, how often, its share of all in percent, its group, and one example."""
    held = {name: n for name, n in counts.verdicts.items() if name != Verdict.SENT}
    examples = {line.decision.verdict.value: line for line in reversed(simulation.decided)}
    for name, n in held.items():
        line = examples[name]
        yield name, n, 100 * n / sum(held.values()), group(line), _example(line, simulation, lang)


def _example(line: Decided, simulation: Simulation, lang: str) -> str:
    words, thread = labels(lang), simulation.state.items[Thread].get((line.thread,))
    zone = zone_of(simulation.state.buyer(line.shop, line.buyer), simulation.deps.policy(line.shop))
    told = [moment(line.at.astimezone(zone), lang), f"{words['order']} {thread.order_id}" if thread else line.thread]
    told.append(words["steps"].get(line.step, line.step))
    if line.decision.retry_at is not None:
        told.append(words["held_until"].format(at=moment(line.decision.retry_at.astimezone(zone), lang)))
    return " · ".join(told)


def _by_kind(talks: list[Conversation]) -> dict[str, list[Conversation]]:
    return {kind: [talk for talk in talks if talk.thread.kind == kind] for kind in KINDS}
