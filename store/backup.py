"""A whole database as one SQLite file, whichever kind it is, and such a file in the place of a database.

The same file restores either kind. What is there is moved aside, never overwritten.
"""

from __future__ import annotations

import glob
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from followup.model import Instant
from store.copying import Sums, copy, sums
from store.engine import DatabaseError, open_engine, steady
from store.migrate import upgrade
from store.migrations import VERSION_TABLE, configured
from store.schema import metadata
from store.troubles import Trouble, trouble_of

LOCK_WAITS = "5s"
ASIDE = ".before-restore-"


def snapshot(engine: Engine, file: Path) -> Sums:
    """Write what the database is at this moment into a new file, while others write on; returns its sums.

    Raises DatabaseError, DBAPIError, sqlite3.Error and OSError.
    """
    if engine.dialect.name == "sqlite":
        _copy_file(engine, file)
        return read(file)
    upgrade(f"sqlite:///{file}")
    copied = open_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as source, copied.connect().execution_options(writes=True) as target:
            steady(source)
            with target.begin():
                return copy(source, target)
    finally:
        copied.dispose()
        _into_one_file(file)


def read(file: Path) -> Sums:
    """The sums of a file that nobody is at. Raises DatabaseError if it is damaged or none of ours."""
    engine = open_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            return sums(connection)
    finally:
        engine.dispose()
        _into_one_file(file)


def check(file: Path) -> list[str]:
    """What SQLite finds wrong with a file; nothing if it is sound."""
    with closing(sqlite3.connect(file)) as connection:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    return [] if found == ["ok"] else found


def unsound(connection: Connection) -> str:
    """What a quick look finds wrong with a SQLite file, which takes some seconds a gigabyte; "" if nothing."""
    if connection.dialect.name != "sqlite":
        return ""
    found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return "" if found == "ok" else found


def put_in_place(file: Path, url: str, now: Instant) -> str:
    """Put a file in the place of a database; returns where that is now, "" if there was none.

    Raises DatabaseError, and then nothing was changed.
    """
    engine = open_engine(url) if not url.startswith("sqlite") else None
    if engine is None:
        return _place_file(file, Path(url.removeprefix("sqlite:///")), now)
    try:
        with engine.connect() as connection, connection.begin():
            return _place_rows(file, connection, now)
    finally:
        engine.dispose()


def others_on(engine: Engine) -> list[str]:
    """Who else is connected to a PostgreSQL database, by the name of the program."""
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        return _others(connection)


def _others(connection: Connection) -> list[str]:
    query = "SELECT coalesce(nullif(application_name, ''), 'pid ' || pid) FROM pg_stat_activity"
    query += " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    return sorted(connection.execute(text(query)).scalars())


def _copy_file(engine: Engine, file: Path) -> None:
    """By SQLite's own backup, in one step: it reads one moment, and who writes meanwhile does not wait."""
    file.touch(mode=0o600)
    with _raw(engine) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
    _into_one_file(file)


@contextmanager
def _raw(engine: Engine) -> Iterator[sqlite3.Connection]:
    connection = engine.raw_connection()
    try:
        driver = connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        yield driver
    finally:
        connection.close()


def _into_one_file(file: Path) -> None:
    """Nothing is beside the file any more, and all of it is on the disk."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())


def _place_file(file: Path, place: Path, now: Instant) -> str:
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = free_name(place, now)
    _settle(place)
    moved = _move_aside(place, aside)
    os.replace(file, place)
    sync_folder(place.parent)
    return str(aside) if moved else ""


def _settle(place: Path, patience: float = 5.0) -> None:
    """Have all of a file that is there be in it, and nothing beside it: then it changes its name in one step, whenever
    this program is killed. A damaged one is left as it is. Raises DatabaseError if another program is at it."""
    if not place.exists():
        return
    try:
        with closing(sqlite3.connect(place, timeout=patience)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        if trouble_of(error) is Trouble.LOCKED:
            raise DatabaseError(f"database: {place} {Trouble.LOCKED}") from None


def _move_aside(place: Path, aside: Path) -> bool:
    """A second name for the file, and the journal of a damaged one with it, which would be read into the new one."""
    if not place.exists():
        return False
    for ending in ("-wal", "-shm"):
        beside = Path(f"{place}{ending}")
        if beside.exists():
            os.replace(beside, f"{aside}{ending}")
    try:
        os.link(place, aside)
    except OSError:  # a file system without hard links
        os.replace(place, aside)
    return True


def set_aside(engine: Engine) -> list[str]:
    """What restores have moved aside and is still there: files, or schemas of PostgreSQL."""
    if engine.dialect.name == "sqlite":
        place = Path(engine.url.database or "")
        return sorted(str(path) for path in place.parent.glob(f"{glob.escape(place.name)}{ASIDE}*"))
    with engine.connect() as connection:
        names = connection.execute(text("SELECT nspname FROM pg_namespace ORDER BY nspname")).scalars()
        return [f"schema {name}" for name in names if name.startswith("before_restore_")]


def free_name(place: Path, now: Instant) -> Path:
    """A name beside a file under which it can be kept."""
    named = place.with_name(f"{place.name}{ASIDE}{now:%Y%m%dT%H%M%SZ}")
    tries = (named, *(Path(f"{named}-{number}") for number in range(2, 1000)))
    return next(each for each in tries if not each.exists())


def _place_rows(file: Path, target: Connection, now: Instant) -> str:
    """All in one transaction: the old tables into a schema of their own, the rows into new ones."""
    from alembic import command

    target.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAITS}'")
    aside = _tables_aside(target, f"before_restore_{now:%Y%m%dt%H%M%Sz}")
    command.upgrade(configured(target), "head")
    engine = open_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as source:
            read_rows = copy(source, target)
    finally:
        engine.dispose()
    if sums(target) != read_rows:
        raise DatabaseError("database: the rows that arrived are not those that were sent; nothing was changed")
    if others := _others(target):
        raise DatabaseError(f"others came to work on the database meanwhile ({', '.join(others[:5])}): stop them first")
    return aside


def _tables_aside(connection: Connection, schema: str) -> str:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    here = set(connection.execute(text(query)).scalars())
    ours = sorted(here & {VERSION_TABLE, *metadata.tables})
    taken = set(connection.execute(text("SELECT nspname FROM pg_namespace")).scalars())
    schema = next(each for each in (schema, *(f"{schema}_{number}" for number in range(2, 1000))) if each not in taken)
    if ours:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    for table in ours:
        connection.exec_driver_sql(f"ALTER TABLE {table} SET SCHEMA {schema}")
    return f"schema {schema}" if ours else ""


def sync_folder(folder: Path) -> None:
    """Have names on disk too, where folders can be synced."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
