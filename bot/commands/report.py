"""`huifang report`: the key figures of a shop (rule 100)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, console, mistake, one_of, opened
from bot.commands.days import span
from bot.commands.shops import OneShop, one_shop

if TYPE_CHECKING:
    from bot.app import App
    from bot.figures.report import Report
    from store.figures import Scope

WEEK = timedelta(days=7)
LONGEST = timedelta(days=400)
Since = Annotated[str, typer.Option("--from", help="The first day (default: six days before the last).")]
Until = Annotated[str, typer.Option("--to", help="The last day, counted in (default: today).")]
Cut = Annotated[str, typer.Option("--by", help="day, week, agent or kind.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Sheet = Annotated[Path | None, typer.Option("--xlsx", help="Write a workbook here.")]
Page = Annotated[Path | None, typer.Option("--html", help="Write a page with charts here.")]
Picture = Annotated[Path | None, typer.Option("--picture", help="Draw the last day here, as a PNG.")]


def report(
    since: Since = "",
    until: Until = "",
    by: Cut = "day",
    as_json: Json = False,
    xlsx: Sheet = None,
    html: Page = None,
    picture: Picture = None,
    shop: OneShop = None,
    config: ConfigOption = None,
) -> None:
    """The key figures of some days: conversations, orders, reminders, refunds, reviews, clocks, tasks."""
    for path in filter(None, (xlsx, html, picture)):
        _check(path)
    with opened(config, speaking=False) as app:
        scope = _scope(app, one_shop(app, shop), since, until, by)
        if picture is not None:
            _draw(picture, app, scope, as_json)
        if picture is None or xlsx or html or as_json:
            _tell(_made(app, scope), app, as_json, xlsx, html)


def _scope(app: App, shop: str, since: str, until: str, by: str) -> Scope:
    from store.figures import By, Scope

    zone, now = app.deps.policy(shop).zone, app.clock.now()
    first, end = span(since, until, now.astimezone(zone).date(), zone, WEEK)
    if end - first > LONGEST:
        raise mistake(f"--from: at most {LONGEST.days} days at once")
    return Scope(shop, zone, first, end, now, one_of("--by", By, by), app.config.shops[shop].currency)


def _made(app: App, scope: Scope) -> Report:
    from bot.figures.report import make, one_person

    with app.store.engine.connect() as connection:
        return make(connection, scope, one_person(app.deps.roster))


def _tell(report: Report, app: App, as_json: bool, xlsx: Path | None, html: Path | None) -> None:
    from bot.figures.names import Names

    names = Names(app.deps.agent_lang, app.deps.roster)
    try:
        if xlsx:
            from bot.figures.sheet import write_sheet

            write_sheet(xlsx, report, names)
        if html:
            from bot.figures.page import write_page

            write_page(html, report, names)
    except OSError as error:
        raise mistake(f"{error.filename or 'file'}: cannot be written: {error.strerror or error}") from None
    if as_json:
        from orjson import OPT_INDENT_2, dumps

        from bot.figures.as_json import as_json as told

        typer.echo(dumps(told(report), option=OPT_INDENT_2).decode())
    elif xlsx or html:
        for path in filter(None, (xlsx, html)):
            typer.echo(names("written", path=path))
    else:
        from bot.figures.table import show

        show(console(), report, names)


def _draw(path: Path, app: App, scope: Scope, as_json: bool) -> None:
    from bot.figures.names import Names
    from bot.figures.picture import NoPillow, draw

    names = Names(app.deps.agent_lang, app.deps.roster)
    try:
        with app.store.engine.connect() as connection:
            drawn = draw(path, connection, scope, names)
    except NoPillow as error:
        raise mistake(error) from None
    except OSError as error:
        raise mistake(f"{path}: cannot be written: {error.strerror or error}") from None
    typer.echo(drawn, err=True)
    typer.echo(names("written", path=path), err=as_json)


def _check(path: Path) -> None:
    if path.is_dir() or not path.parent.is_dir():
        raise mistake(f"{path}: cannot be written; it must be a file in a folder that exists")
