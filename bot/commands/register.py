"""`huifang register export` and `huifang losses`: what the shop keeps books of, as a table or a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, mistake, opened
from bot.commands.days import month as month_of
from bot.commands.days import span
from bot.commands.shops import OneShop, one_shop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.routine.tables import Row

register_app = typer.Typer(help="The after-sales register.", no_args_is_help=True)

Since = Annotated[str, typer.Option("--from", help="The first day (default: the first of this month).")]
Until = Annotated[str, typer.Option("--to", help="The last day, counted in (default: today).")]
Out = Annotated[Path | None, typer.Option("--out", help="Write it to this file, .csv or .xlsx (default: print CSV).")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


@register_app.callback()
def register() -> None:
    """The after-sales register (rule 105)."""


@register_app.command("export")
def export(
    since: Since = "",
    until: Until = "",
    out: Out = None,
    shop: OneShop = None,
    force: Force = False,
    config: ConfigOption = None,
) -> None:
    """Every after-sales matter that began in these days: what, why, what was done, what it cost, how long it took."""
    from bot.routine.names import names
    from bot.routine.register import heads, register_rows
    from store.register_views import registered

    _check(out, force)
    with opened(config, speaking=False) as app:
        name, now = one_shop(app, shop), app.clock.now()
        zone, said = app.deps.policy(name).zone, names(app.deps.agent_lang)
        first, last = span(since, until, now.astimezone(zone).date(), zone)
        with app.store.engine.connect() as connection:
            found = registered(connection, name, first, last)
        rows = list(register_rows(found, said, app.deps.roster, zone, now))
        _tell(out, said("register_title"), heads("register", said), rows, said("register_empty"))


def losses(
    month: Annotated[str, typer.Option("--month", help="Which month, such as 2026-10 (default: this month).")] = "",
    out: Out = None,
    shop: OneShop = None,
    force: Force = False,
    config: ConfigOption = None,
) -> None:
    """What couriers lost, damaged or brought late in a month, for the claim; and wrong goods of the shop's own."""
    from bot.routine.names import names
    from bot.routine.register import heads, loss_rows
    from store.register_views import losses as lost

    _check(out, force)
    with opened(config, speaking=False) as app:
        name = one_shop(app, shop)
        zone, said = app.deps.policy(name).zone, names(app.deps.agent_lang)
        first, last = month_of("--month", month or f"{app.clock.now().astimezone(zone):%Y-%m}", zone)
        with app.store.engine.connect() as connection:
            rows = list(loss_rows(lost(connection, name, first, last), said, zone))
        _tell(out, said("losses_title"), heads("losses", said), rows, said("losses_empty"))


def _check(out: Path | None, force: bool) -> None:
    from bot.routine.tables import CannotWrite, check_path

    try:
        if out is not None:
            check_path(out, force)
    except CannotWrite as error:
        raise mistake(error) from None


def _tell(out: Path | None, title: str, heads: Sequence[str], rows: Sequence[Row], nothing: str) -> None:
    """Write or print a table; where there is nothing in it, say so."""
    from bot.routine.tables import write

    if not rows:
        typer.echo(nothing, err=out is None)
    if out is not None:
        try:
            write(out, title, heads, rows)
        except OSError as error:
            raise mistake(f"{out}: cannot be written: {error.strerror}") from None
        typer.echo(f"{out}: {len(rows)}")
    elif rows:
        _print(heads, rows)


def _print(heads: Sequence[str], rows: Iterable[Row]) -> None:
    from bot.routine.tables import write_csv

    write_csv(sys.stdout, heads, rows)
