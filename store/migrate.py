"""Bringing a database to this program's version, whole or not at all. A file that is not ours is left as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, column, func, inspect, select, table
from sqlalchemy.exc import DBAPIError

from store.engine import Damaged, DatabaseError, open_engine
from store.migrations import VERSION_TABLE, configured, head
from store.schema import metadata
from store.troubles import Trouble, trouble_of

SQLITE_HEADER = b"SQLite format 3\x00"
ONE_AT_A_TIME = 0x68756966616E67


def upgrade(where: str | Engine) -> None:
    """Create the tables or bring them to the newest version. Raises DatabaseError, and then nothing was changed."""
    engine = open_engine(where) if isinstance(where, str) else where
    try:
        if not is_current(engine):
            with explained(engine):
                _migrate(engine)
    finally:
        if isinstance(where, str):
            engine.dispose()


def is_current(engine: Engine) -> bool:
    """Whether the tables are those of this program. Raises DatabaseError if they are not ours, or newer."""
    version = current(engine)
    if version is not None and version > head():
        raise DatabaseError(
            f"database: {_name(engine)} was made by a newer Huifang (version {version}, this one knows {head()}):"
            " update Huifang"
        )
    return version == head()


def current(engine: Engine) -> str | None:
    """The version of a database; None for one that is empty. Raises DatabaseError."""
    with explained(engine):
        _look_at_file(engine)
        with engine.connect() as connection:
            return _version(connection)


def _version(connection: Connection) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        return connection.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()
    _refuse(connection.engine, tables & set(metadata.tables))
    return None


def _migrate(engine: Engine) -> None:
    from alembic import command

    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        if _version(connection) != head():
            command.upgrade(configured(connection), "head")


def _look_at_file(engine: Engine) -> None:
    """Look without the engine, for it would switch a stranger's file to write-ahead logging."""
    path = Path(engine.url.database or "")
    if engine.dialect.name != "sqlite" or not path.is_file() or not path.stat().st_size:
        return
    with path.open("rb") as file:
        if file.read(len(SQLITE_HEADER)) != SQLITE_HEADER:
            raise Damaged(
                f"database: {path} is not a SQLite database: name another file, or move this one away;"
                " if it was yours, restore a backup"
            )
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if VERSION_TABLE not in tables:
        _refuse(engine, tables)


def _refuse(engine: Engine, tables: set[str]) -> None:
    if tables:
        raise DatabaseError(
            f"database: {_name(engine)} holds tables that Huifang did not make ({', '.join(sorted(tables)[:3])}):"
            " name another database"
        )


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """What the database complains of meanwhile becomes a DatabaseError."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise explain(engine, error) from error


def explain(engine: Engine, error: Exception) -> DatabaseError:
    """What a database complains of, as a sentence that says what to do."""
    said = str(getattr(error, "orig", error)).strip().splitlines() or [type(error).__name__]
    match trouble_of(error):
        case Trouble.DAMAGED as trouble:
            return Damaged(f"database: {_name(engine)} {trouble.value} ({said[0]}): restore a backup")
        case Trouble.NONE:
            return DatabaseError(f"database: {_name(engine)} cannot be used: {said[0]}")
        case trouble:
            return DatabaseError(f"database: {_name(engine)} {trouble.value}")


def _name(engine: Engine) -> str:
    """As it stands in config.toml."""
    if engine.dialect.name == "sqlite":
        return engine.url.database or ""
    return engine.url.set(drivername="postgresql")._replace(password=None).render_as_string()
