"""`huifang simulate --compare other.toml`: the same orders with the cadence of another configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cadence import KNOBS, as_written
from bot.comparing import Comparison, compare
from bot.config import Config
from bot.report.compared import Change, Names, as_json, render, rows
from bot.report.labels import labels
from bot.report.ledger import entries
from bot.report.told import assumed
from bot.simulate import Simulation
from bot.simulate_run import BadOption, Ran, Settings


def other_of(settings: Settings, other: Config) -> Settings:
    """The same shop, words and language with the figures of another configuration. Raises BadOption."""
    if settings.shop not in other.shops:
        raise BadOption(f"--compare: there is no shop {settings.shop} in it; it has {', '.join(other.shops)}")
    return replace(settings, deps=replace(settings.deps, policies=other.policies()))


def changes(before: Config, after: Config, shop: str) -> Iterator[Change]:
    """The options of the cadence that differ, as config.toml has them."""
    for knob in KNOBS:
        was, becomes = (as_written(knob.of(config.shops[shop])) for config in (before, after))
        if was != becomes:
            yield ".".join(knob.keys), str(was), str(becomes)


def compared(before: Ran, after: Ran, lang: str) -> Comparison:
    """Both simulations side by side."""
    return compare(before.simulation, after.simulation, lang)


def write_both(path: Path, *simulations: Simulation) -> None:
    """Write the ledgers of both sides into one file, each line with its `side`. Raises OSError."""
    with path.open("wb") as file:
        for side, simulation in zip(("before", "after"), simulations, strict=True):
            for entry in entries(simulation):
                file.write(orjson.dumps({"side": side, **entry}, option=orjson.OPT_APPEND_NEWLINE))


def write_report(path: Path, found: Comparison, simulation: Simulation, settings: Settings, of: list[Change]) -> None:
    """Write the report of the comparison. Raises OSError."""
    said = list(assumed(simulation, settings.lang))
    path.write_text(render(found, settings.shop, of, said, settings.lang), "utf-8")


def print_json(found: Comparison, of: list[Change], rejected: int) -> None:
    """One JSON object and nothing else."""
    changed = {name: {"before": was, "after": becomes} for name, was, becomes in of}
    told: dict[str, Any] = {"changed": changed, "rejected": rejected, **as_json(found)}
    typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())


def show(found: Comparison, of: list[Change], settings: Settings, rejected: int) -> None:
    """Tables of what was changed, of the figures and of what was held back, and how many orders differ."""
    screen, names = Console(), Names(settings.lang)
    screen.print(Text(f"{names('title')} · {settings.shop}", "bold"))
    columns = [names(word) for word in ("figure", "before", "after", "difference")]
    if of:
        screen.print(_table(names("changed"), [names("option"), *columns[1:3]], [list(each) for each in of]))
    else:
        screen.print(Text(names("nothing_changed")))
    screen.print(_table("", columns, rows(list(found.measures()), names)))
    for name in ("steps", "held"):
        screen.print(_table(names(name), columns, rows(found.table(name), names, name)))
    screen.print(names("differing", n=f"{found.differing:,}") if found.differing else names("none_differ"))
    if rejected:
        screen.print(Text(f"{labels(settings.lang)['rejected']} {rejected:,}", "red"))


def _table(title: str, columns: list[str], lines: list[list[str]]) -> Table:
    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="dim")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for line in lines:
        table.add_row(*(Text(cell) for cell in line))
    return table
