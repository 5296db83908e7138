"""What commands share: options, the opened program, tables, and a user's mistake as one sentence and exit code 2."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from datetime import tzinfo

    from rich.console import Console

    from bot.app import App
    from bot.config import Config

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="The configuration (default: config.toml if it exists).")
]
MISTAKE = 2
MOST, SMALLEST = Decimal(10) ** 12, Decimal("0.0001")
E = TypeVar("E", bound=StrEnum)
WIDE = 200


def mistake(sentence: object) -> typer.Exit:
    """Say what is wrong, on standard error, and leave with exit code 2."""
    typer.echo(f"huifang: {sentence}", err=True)
    return typer.Exit(MISTAKE)


def one_of(name: str, known: Iterable[E], given: str) -> E:
    """The member of that value; any other text ends the command."""
    allowed = {each.value: each for each in known if each.value}
    if given not in allowed:
        raise mistake(f"{name}: expected one of {', '.join(allowed)}, got {given!r}")
    return allowed[given]


def number(option: str, given: str) -> Decimal:
    """An amount as it was typed; what is no number ends the command."""
    try:
        found = Decimal(given)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= MOST or found != found.quantize(SMALLEST):
        raise mistake(f"{option}: expected a number such as 5 or 2.50, got {given!r}")
    return found


def load_config(path: Path | None) -> Config:
    """The configuration; a mistake in it ends the command."""
    from bot.config import ConfigError, load

    try:
        return load(config_file(path))
    except ConfigError as error:
        raise mistake(error) from None


def config_file(path: Path | None) -> Path | None:
    """The file of the configuration; None where there is none and the defaults hold."""
    default = Path("config.toml")
    return path or (default if default.exists() else None)


@contextmanager
def opened(
    path: Path | None,
    fresh: bool = False,
    speaking: bool = True,
    serving: bool = False,
    lead: bool | None = None,
) -> Iterator[App]:
    """The wired program for one command; a database or script file that cannot be used ends it with a sentence.

    Only a command that may begin with nothing (`fresh`) makes a database that is not there yet; one that speaks to
    nobody (not `speaking`) needs no tokens. One that is to stay (`serving`) has the console. Whether it may `lead`, as
    one of many workers, is as configured unless it is given.
    """
    from sqlalchemy.exc import DBAPIError

    from bot.app import UnknownChannel, bootstrap
    from bot.logs import setup_logs
    from bot.serving import ConsoleRefused
    from scripts_library.storage import OverridesDamaged
    from store.engine import Damaged, DatabaseError
    from store.fence import MovedAway
    from store.migrate import explain

    config = load_config(path)
    if lead is not None:
        config = config.model_copy(update={"workers": config.workers.model_copy(update={"lead": lead})})
    setup_logs(config.logs, config.known_secrets())
    file = config.database.url.removeprefix("sqlite:///")
    _refuse_to_begin_anew(config, file)
    if not fresh and file != config.database.url and not Path(file).exists():
        raise mistake(f"there is no database {file} yet; `huifang import` or `huifang run` makes it")
    try:
        app = bootstrap(config, speaking=speaking, serving=serving, file=config_file(path))
    except Damaged as error:
        raise mistake(f"{error}{restoring(config)}") from None
    except (DatabaseError, OverridesDamaged, UnknownChannel, ConsoleRefused) as error:
        raise mistake(error) from None
    try:
        yield app
    except MovedAway as error:
        raise mistake(error) from None
    except DBAPIError as error:
        explained = explain(app.store.engine, error)
        raise mistake(f"{explained}{restoring(config) if isinstance(explained, Damaged) else ''}") from None
    finally:
        app.close()


def restoring(config: Config) -> str:
    """How the newest backup is restored, if there is one."""
    from bot.backup.keeping import newest

    found = newest(config.backup.folder)
    return f"; the newest is `huifang restore {found}`" if found else ""


def _refuse_to_begin_anew(config: Config, file: str) -> None:
    """Where backups are, a file of SQLite that is gone was lost: who began with nothing would tell all buyers again."""
    if file == config.database.url or Path(file).exists() or not (how := restoring(config)):
        return
    raise mistake(f"the database {file} is gone, but there are backups{how}, or move them away to begin with nothing")


@contextmanager
def alone(app: App) -> Iterator[None]:
    """Hold the database as the one process that sends from it; a second one is refused."""
    from store import leading
    from store.alone import alone_on

    database = app.store.engine.url.database
    if not database:
        yield
        return
    with alone_on(database) if app.store.dialect.is_sqlite else leading.alone(app.store.engine) as is_alone:
        if not is_alone:
            raise mistake(f"another huifang already runs on {database}: stop it first, or let it do the work")
        yield


def zone_of(app: App, shop: str) -> tzinfo:
    """The zone of a shop; UTC for one that is no longer configured."""
    from datetime import UTC

    policy = app.deps.policies.get(shop)
    return policy.zone if policy else UTC


def console(wide: int = WIDE) -> Console:
    """Where commands print: nothing is styled by its content, and where no person reads it is `wide` columns."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else wide)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table whose cells are shown whole."""
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(cell, overflow="fold") for cell in row))
    console().print(table)
