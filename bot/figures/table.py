"""The report in the terminal: one table after another, so many columns as can be read."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.figures.comparing import columns, conclusion, rows
from bot.figures.definitions import SECTIONS
from bot.figures.names import Names
from bot.figures.report import Comparison, Line, Report

ACROSS = 8


def show(console: Console, report: Report, names: Names) -> None:
    """Print the figures with their total, the parts beside it, and the comparison."""
    scope = report.scope
    console.print(Text(f"{names('title')} · {scope.shop} · {names.period(report)} · {names(f'by_{scope.by}')}", "bold"))
    chunks = [report.parts[at : at + ACROSS] for at in range(0, len(report.parts), ACROSS)] or [()]
    for number, chunk in enumerate(chunks):
        console.print(_table(report, chunk, number * ACROSS, names))
    if report.comparison is not None:
        console.print(_compared(report.comparison, names))
        console.print(Text(conclusion(report.comparison, names)))
    hours = int(scope.within.total_seconds() // 3600)
    console.print(Text(names("ripe", hours=hours), "dim"))
    console.print(Text(names("definitions"), "dim"))


def _table(report: Report, chunk: tuple[str, ...], first: int, names: Names) -> Table:
    heads = [names("figure"), names("total"), *(names.part(part, report.scope.by) for part in chunk)]
    table = Table(header_style="dim")
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left", overflow="fold")
    for section in SECTIONS:
        lines = [line for line in report.lines if line.figure.section == section]
        if lines:
            table.add_section()
            table.add_row(Text(names.section(section), "bold"))
        for line in lines:
            table.add_row(*map(Text, _cells(line, report, range(first, first + len(chunk)), names)))
    return table


def _cells(line: Line, report: Report, at: range, names: Names) -> Iterator[str]:
    yield names.figure(line.figure, report)
    for value in (line.total, *(line.parts[number] for number in at)):
        yield names.value(value, line.figure.unit, report.scope.currency)


def _compared(compared: Comparison, names: Names) -> Table:
    table = Table(title=names("comparison"), title_justify="left", title_style="bold", header_style="dim")
    for number, head in enumerate(columns(names)):
        table.add_column(head, justify="right" if number else "left")
    for row in rows(compared, names):
        table.add_row(*row)
    return table
