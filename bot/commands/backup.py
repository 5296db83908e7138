"""`huifang backup` and `huifang restore`."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import ConfigOption, config_file, load_config, mistake, opened, restoring

if TYPE_CHECKING:
    from bot.backup.restoring import Done
    from bot.config import Config
    from handlers.deps import Deps
    from store.store import SqlStore

Folder = Annotated[
    Path | None, typer.Argument(help="The folder that gets the backup (default: backup.folder of the configuration).")
]


def backup(
    folder: Folder = None,
    no_evidence: Annotated[bool, typer.Option("--no-evidence", help="Without what buyers sent beside words.")] = False,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Do not unpack it again to compare.")] = False,
    config: ConfigOption = None,
) -> None:
    """Write everything the shop needs into one file, while it runs, and prove that it can be restored.

    In backup.folder the oldest go (backup.keep, backup.keep_days)."""
    from bot.backup import forgotten, keeping
    from bot.backup.making import make
    from bot.backup.places import places

    with opened(config, speaking=False) as app, told("no backup was made", folder or app.config.backup.folder):
        own, now = app.config.backup, app.clock.now()
        where = folder or own.folder
        wanted, secrets = own.evidence and not no_evidence, app.config.known_secrets()
        found = places(app.config, config_file(config))
        made = make(app.store, found, where, now, evidence=wanted, verify=not no_verify, secrets=secrets)
        with app.store.engine.connect() as connection:
            forgotten.keep(connection, where)
        gone = [] if folder else keeping.prune(own.folder, own.keep, own.keep_days, now)
    counts = ", ".join(f"{count} {table}" for table, count in made.manifest.counts.items())
    size = made.path.stat().st_size / 1024**2
    proof = "restored into a scratch database and compared" if made.verified else "not verified"
    typer.echo(f"{made.path}: {size:.1f} MB, {counts}, {len(made.manifest.files)} files; {proof}")
    for path in gone:
        typer.echo(f"deleted {path}")


def restore(
    file: Annotated[Path, typer.Argument(help="The backup, as `huifang backup` named it.")],
    config: ConfigOption = None,
) -> None:
    """Put a backup in the place of the database, which is moved aside. Nothing that may have gone since is sent again.

    No huifang may run meanwhile."""
    from bot.app import evidence_folder
    from bot.backup.places import places
    from bot.backup.restoring import Restore
    from bot.logs import setup_logs
    from bot.web_chats import buyers_files
    from scheduler.clock import SystemClock

    own = load_config(config)
    setup_logs(own.logs, own.known_secrets())
    if not file.is_file():
        raise mistake(f"{file}: there is no such backup{restoring(own)}")
    url, lists = own.database_url(), (file.absolute().parent, own.backup.folder.absolute())
    with told("nothing was restored", file, kept_as_it_was=True), _nobody_else(url):
        _keep_forgotten(own)
        files = buyers_files(own, evidence_folder(own))
        work = Restore(url, places(own, config_file(config)), files, lists, lambda store: _deps(own, store))
        done = work.run(file, SystemClock().now())
    _tell(done, own)


def _deps(own: Config, store: SqlStore) -> Deps:
    from bot.app import bootstrap
    from scheduler.embedded import Embedded

    return bootstrap(own, store=store, speaking=False, engine=Embedded).deps


def _keep_forgotten(own: Config) -> None:
    """Whom the database of now knows to be forgotten, if it can still be read, stays forgotten."""
    from bot.backup import forgotten
    from store.engine import DatabaseError, open_engine
    from store.migrate import explained

    url = own.database_url()
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return
    engine = open_engine(url)
    try:
        with explained(engine), engine.connect() as connection:
            here = forgotten.known(connection)
    except DatabaseError:
        return
    finally:
        engine.dispose()
    forgotten.add(here, own.backup.folder)


def _tell(done: Done, own: Config) -> None:
    gap, maybe = done.gap, done.maybe
    typer.echo(f"restored the backup of {gap.begins:%Y-%m-%d %H:%M:%S} UTC into {own.database.url}")
    if done.aside:
        typer.echo(f"what was there is kept as {done.aside}")
    for path in done.asides:
        typer.echo(f"what was there is kept as {path}")
    for path in done.files[:20]:
        typer.echo(f"wrote {path}")
    if len(done.files) > 20:
        typer.echo(f"… and {len(done.files) - 20} more files")
    begins, ends = (f"{at:%m-%d %H:%M:%S}" for at in (gap.begins, gap.ends))
    typer.echo(f"nothing is known from {begins} to {ends} UTC, and nothing is said again:")
    maybe_gone = f"{maybe.unsure} messages and {maybe.pasted} words to paste may have gone"
    typer.echo(f"  {maybe_gone}; {maybe.threads} tasks say which")
    if done.forgotten:
        typer.echo(f"  {done.forgotten} buyers who were forgotten after the backup were forgotten again")
    typer.echo("import the orders once more, then start huifang; `huifang tasks` lists what a person should look at")


@contextmanager
def _nobody_else(url: str) -> Iterator[None]:
    """Hold the database as nobody else has it; where a huifang is at work, the command ends."""
    if url.startswith("sqlite"):
        from store.alone import alone_on

        file = url.removeprefix("sqlite:///")
        with alone_on(file) as is_alone:
            if not is_alone:
                raise mistake(f"a huifang runs on {file}: stop it first")
            yield
        return
    if others := _connected(url):
        raise mistake(f"others are at work on the database ({', '.join(others[:5])}): stop every huifang first")
    yield


def _connected(url: str) -> list[str]:
    from store.backup import others_on
    from store.engine import open_engine
    from store.migrate import explained

    engine = open_engine(url)
    try:
        with explained(engine):
            return others_on(engine)
    finally:
        engine.dispose()


@contextmanager
def told(outcome: str, where: Path, kept_as_it_was: bool = False) -> Iterator[None]:
    """What goes wrong with backups as one sentence, and exit code 2."""
    import sqlite3

    from sqlalchemy.exc import DBAPIError

    from bot.app import UnknownChannel
    from bot.backup.manifest import NoBackup
    from scripts_library.storage import OverridesDamaged
    from store.engine import DatabaseError
    from store.troubles import trouble_of

    after = "; the database is as it was" if kept_as_it_was else ""
    try:
        yield
    except (NoBackup, OverridesDamaged, UnknownChannel) as error:
        raise mistake(f"{where}: {outcome}, for {error}{after}") from None
    except OSError as error:
        raise mistake(f"{error.filename or where}: {outcome}, for {_sentence(error)}{after}") from None
    except (DatabaseError, DBAPIError, sqlite3.Error) as error:
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        why = f"the database {trouble}" if (trouble := trouble_of(error)) else said
        raise mistake(f"{where}: {outcome}, for {why}{after}") from None


def _sentence(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full: make room, or name another folder"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "this folder may not be written: name another one, or change its permissions"
        case errno.EEXIST | errno.ENOTDIR:
            return "a file is in the place of a folder: name another folder"
        case _:
            return (error.strerror or type(error).__name__).lower()
