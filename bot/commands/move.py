"""`huifang move`: a planned message to another time, or with `--to` the whole shop into another database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import desk
from bot.commands.common import ConfigOption, load_config, mistake, print_table
from bot.commands.who import Who

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.config import Config
    from store.move import Moved, Tell
    from store.move_compared import Compared

To = Annotated[str, typer.Option("--to", metavar="URL", help="Move the shop into this database instead.")]
From = Annotated[str, typer.Option("--from", metavar="URL", help="Out of this one (default: the configured one).")]
Check = Annotated[
    bool, typer.Option("--check", help="With --to: only compare both, row by row; exit 1 if they differ.")
]
Unfence = Annotated[bool, typer.Option("--unfence", help="Turn back before you began to work in the new database.")]
Gone = Annotated[bool, typer.Option("--gone", help="With --unfence: the new database is gone for good.")]
DIFFER = 1
DOING = {"copy": "copying", "again": "what changed", "check": "comparing"}


def move(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="A thread's id, an order's number or a task's code.")
    ] = "",
    until: Annotated[str, typer.Argument(metavar="TIME", help="30m, 2h, 明天9点, “tomorrow 9 am”, …")] = "",
    *,
    who: Who,
    step: desk.Step = "",
    text: desk.Text = "",
    to: To = "",
    source: From = "",
    check: Check = False,
    unfence: Unfence = False,
    gone: Gone = False,
    config: ConfigOption = None,
) -> None:
    """Have a planned message go at another time; or with --to move the shop into another database (docs/move.md)."""
    if not (to or source or check or unfence or gone):
        if not target or not until:
            raise mistake("move: say which message and when (TARGET TIME), or --to which database the shop moves")
        desk.move(target, until, who, step, text, config)
        return
    if target:
        raise mistake(f"--to moves the whole shop; {target!r} has no place beside it")
    _databases(load_config(config), source, to, check, unfence, gone)


def _databases(config: Config, source: str, to: str, check: bool, unfence: bool, gone: bool) -> None:
    if gone and not unfence:
        raise mistake("--gone: goes with --unfence (docs/move.md)")
    if not (to or unfence):
        raise mistake("--to: which database? expected sqlite:///path or postgresql://user@host/name")
    here = source or config.database.url
    with _said_plainly(), _opened(config, "--from", here, fresh=False) as left:
        if unfence:
            _turn_back(config, left, to, gone)
            return
        with _opened(config, "--to", to, fresh=not check) as entered:
            _compare(left, entered) if check else _move(left, entered, config, here, to)


def _move(source: Engine, target: Engine, config: Config, here: str, to: str) -> None:
    from store.move import Move

    with _progress() as tell:
        moved = Move(source, target, tell).run()
    rows = sum(table.alike for table in moved.tables)
    typer.echo(
        f"moved: {rows} rows in {len(moved.tables)} tables, every one compared; writers waited {moved.waited:.1f} s"
    )
    _tell_of_flying(moved)
    typer.echo(
        "\nNow:\n"
        f'  1. in config.toml, under [database]: url = "{to}"{_engine(config, to)}\n'
        "  2. start it: huifang run (one that still runs ends by itself: it can write nothing any more)\n"
        "  3. huifang check\n\n"
        f"Not in the database, so they stay where they are: {', '.join(_elsewhere(config))}.\n"
        f"The old database can be read and no longer be written. To turn back before step 2: huifang move --unfence;"
        f" later: huifang move --from {to} --to {here}"
    )


def _engine(config: Config, to: str) -> str:
    """Workers need PostgreSQL: who goes back to a file says so in the configuration, too."""
    goes_back = config.engine == "procrastinate" and to.startswith("sqlite")
    return ', and at the top: engine = "embedded"' if goes_back else ""


def _tell_of_flying(moved: Moved) -> None:
    if moved.on_their_way:
        typer.echo(
            f"{moved.on_their_way} messages were on their way at that moment: at the start, reminders among them become"
            " tasks for a person, as after a crash (huifang tasks)"
        )


def _elsewhere(config: Config) -> list[str]:
    """What of the shop stands in files."""
    from bot.learnt_phrases import beside

    words = config.scripts.overrides
    folders = (config.evidence.folder, config.reports.folder, config.orders.folder)
    web = (own.folder for own in config.accounts.values() if own.type == "webchat")
    return list(
        dict.fromkeys(["config.toml", str(words), str(beside(words)), *(f"{each}/" for each in (*folders, *web))])
    )


def _compare(source: Engine, target: Engine) -> None:
    from store.move import Move

    with _progress() as tell:
        tables = Move(source, target, tell).check()
    print_table(("table", "alike", "missing", "different", "extra"), (_row(each) for each in tables if _is_told(each)))
    differ = sum(each.differ for each in tables)
    typer.echo(f"{sum(each.alike for each in tables)} rows are alike, {differ} are not")
    if differ:
        raise typer.Exit(DIFFER)


def _row(each: Compared) -> tuple[str, ...]:
    return each.table, str(each.alike), str(each.missing), str(each.other), str(each.extra)


def _is_told(each: Compared) -> bool:
    return bool(each.alike or each.differ)


def _turn_back(config: Config, source: Engine, to: str, gone: bool) -> None:
    """The new database is the one that the fence names, unless it is said to be gone."""
    from store import fence
    from store.move import name_of
    from store.move_back import turn_back

    with source.connect() as connection:
        left_for = to or fence.moved_to(connection)
    if gone or not left_for:
        turn_back(source, None)
    else:
        with _opened(config, "--to", left_for, fresh=False) as target:
            turn_back(source, target)
    typer.echo(f'the fence is gone: keep [database] url = "{name_of(source)}" and start huifang')


@contextmanager
def _opened(config: Config, option: str, url: str, fresh: bool) -> Iterator[Engine]:
    """A database of this program's version; one that may be `fresh` is made, unless there is one of another version."""
    from store.engine import DatabaseError, open_engine
    from store.migrate import current, is_current, upgrade

    file = url.removeprefix("sqlite:///")
    if not fresh and file != url and not Path(file).exists():
        raise mistake(f"{option}: there is no database {file}")
    engine = open_engine(_with_password(config, option, url))
    try:
        if fresh and current(engine) is None:
            upgrade(engine)
        elif not is_current(engine):
            raise DatabaseError(f"{option}: {file} is not of this version yet; start huifang on it once, then move")
        yield engine
    finally:
        engine.dispose()


def _with_password(config: Config, option: str, url: str) -> str:
    """The address with its password, which never stands on a command line."""
    from pydantic import ValidationError

    from bot.config import Database

    try:
        database = Database(url=url)
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).replace("in this file", "on the command line")
        raise mistake(f"{option}: {said}") from None
    return config.model_copy(update={"database": database}).database_url()


@contextmanager
def _said_plainly() -> Iterator[None]:
    """What keeps the shop from moving ends the command with a sentence."""
    from sqlalchemy.exc import DBAPIError

    from store.engine import DatabaseError
    from store.fence import said_in
    from store.move import NotMoved

    try:
        yield
    except (DatabaseError, NotMoved) as error:
        raise mistake(error) from None
    except DBAPIError as error:
        why = said_in(error) or str(error.orig).strip().splitlines()[0]
        raise mistake(
            f"the move was broken off: {why}; nothing is lost, and the same command goes on from here"
        ) from None


@contextmanager
def _progress() -> Iterator[Tell]:
    """A line on standard error that says what is being done."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars = {what: progress.add_task(name, total=None, visible=False) for what, name in DOING.items()}

        def tell(what: str, table: str, rows: int) -> None:
            progress.update(bars[what], description=f"{DOING[what]}: {table}", advance=rows, visible=True)

        yield tell
