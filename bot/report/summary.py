"""The summary of a simulation for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.report.conversations import Conversation, conversations
from bot.report.figures import Figures, by_period
from bot.report.labels import labels
from bot.report.told import assumed, period
from bot.simulate import Simulation
from bot.simulate_read import Rejected

BAR, ROWS, TALKS = 40, 35, 3
_STYLES = {"fact": "dim", "sent": "green", "postponed": "yellow", "dropped": "dim", "alert": "cyan"}


def show(console: Console, simulation: Simulation, counts: Figures, rejected: Rejected, shop: str, lang: str) -> None:
    """Prints tables of threads, verdicts and days, what was assumed, and three conversations."""
    words, policy = labels(lang), simulation.deps.policy(shop)
    console.print(f"[bold]{words['title']}[/] · {escape(shop)} · {period(simulation, policy, lang)}")
    for table in (_threads(counts, lang), _verdicts(counts, lang), _days(counts, lang)):
        console.print(table)
    for sentence in assumed(simulation, lang):
        console.print(f"• {sentence}")
    for part in _rejected(rejected, lang):
        console.print(part)
    for talk in _one_of_each(conversations(simulation, lang)):
        console.print(_talk(talk, lang))


def _threads(counts: Figures, lang: str) -> Table:
    words = labels(lang)
    table = _table(words["threads"], "", words["opened"], *(words["states"][s] for s in ("settled", "given_up")))
    for kind, numbers in counts.threads().items():
        table.add_row(words["kinds"][kind], *(f"{n:,}" for n in numbers.values()))
    return table


def _verdicts(counts: Figures, lang: str) -> Table:
    words = labels(lang)
    table = _table(words["why"], words["verdict"], words["times"], words["meaning"])
    table.columns[2].justify = "left"
    for verdict, n in counts.verdicts.items():
        said = verdict == "sent"
        name = words["sent"] if said else words["verdicts"][verdict]
        table.add_row(name, f"{n:,}", "" if said else words["meanings"][verdict], style="green" if said else "")
    return table


def _days(counts: Figures, lang: str) -> Table:
    words = labels(lang)
    table = _table(words["by_day"], words["day"], words["sent"], "")
    table.columns[2].justify = "left"
    days = by_period(counts.by_day, ROWS)
    most = max((c["sent"] for c in days.values()), default=0)
    for day, c in days.items():
        table.add_row(day.isoformat(), f"{c['sent']:,}", "█" * -(-c["sent"] * BAR // max(most, 1)))
    return table


def _rejected(rejected: Rejected, lang: str) -> Iterator[RenderableType]:
    if not rejected.count:
        return
    words = labels(lang)
    yield f"[red]{words['rejected']} {rejected.count:,}[/]"
    for file, row in rejected.first:
        where, what = f"{file}:{row.line} {row.column}", row.value[:60]
        yield Text(f"  {where} · {words['value']} {what!r} · {words['expected']} {row.expected}")


def _one_of_each(talks: list[Conversation]) -> list[Conversation]:
    """The first conversation of each kind, then others, three in all."""
    first = {talk.thread.kind: talk for talk in reversed(talks)}
    others = [talk for talk in talks if talk is not first[talk.thread.kind]]
    return [*reversed(first.values()), *others][:TALKS]


def _talk(talk: Conversation, lang: str) -> Panel:
    words = labels(lang)
    kind, state = words["kinds"][talk.thread.kind], words["states"][talk.thread.state.value]
    lines = [Text(f"{line.when}  {line.title}  {line.text}".rstrip(), _STYLES[line.side]) for line in talk.lines]
    title = " · ".join(filter(None, (kind, f"{words['order']} {talk.order.id}", talk.buyer, state)))
    return Panel(Group(*lines), title=Text(title), title_align="left")


def _table(title: str, *names: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    for number, name in enumerate(names):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    return table
