"""`huifang handover` and `huifang digest`: the documents of the day's routine, whenever somebody wants to read them."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened
from bot.commands.days import span
from bot.commands.shops import OnlyShop, shops_meant

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import App
    from bot.routine.paper import Paper

WEEK = timedelta(days=7)


def handover(
    shop: OnlyShop = None,
    last: Annotated[
        bool, typer.Option("--last", help="The last one that was made, and what was cleared since.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Every open matter that needs a person, by urgency, as the shift would hand it over now; nothing is posted."""
    with opened(config, speaking=False) as app:
        paper = _paper(app)
        for each in shops_meant(app, shop):
            typer.echo(_last(each, app, paper) if last else _now(each, app, paper))


def digest(
    shop: OnlyShop = None,
    since: Annotated[str, typer.Option("--from", help="The first day (default: six days before the last).")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day, counted in (default: today).")] = "",
    config: ConfigOption = None,
) -> None:
    """What went wrong in these days by cause and kind, against as many days before; nothing is posted."""
    from scheduler.routine import read_digest, reading

    with opened(config, speaking=False) as app:
        paper = _paper(app)
        for each in shops_meant(app, shop):
            zone = app.deps.policy(each).zone
            days = span(since, until, app.clock.now().astimezone(zone).date(), zone, WEEK)
            told = reading(app.store, partial(read_digest, each, *days))
            typer.echo(paper.digest(told).text)


def _now(shop: str, app: App, paper: Paper) -> str:
    from scheduler.routine import current_turn, read_handing, reading

    now, policy = app.clock.now(), app.deps.policy(shop)
    turn = current_turn(policy, now)
    if turn is None:
        raise mistake(f"shops.{shop}.shifts: no shift has ended lately and none is at work")
    return paper.handover(reading(app.store, partial(read_handing, shop, turn, now, policy))).text


def _last(shop: str, app: App, paper: Paper) -> str:
    """The last handover as it was written, under what became of it; only that where its file is gone."""
    from scheduler.routine import file_of, read_clearing, reading

    cleared = reading(app.store, partial(read_clearing, shop))
    if cleared is None:
        return paper.never(shop)
    file = paper.folder / shop / file_of(cleared.handover, app.deps.policy(shop))
    return paper.cleared(cleared) + "\n" + _read(file)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError:
        return ""


def _paper(app: App) -> Paper:
    from bot.routine.paper import Paper

    return Paper(app.config.reports.folder, app.deps)
