"""The only file that knows which database it is: connections, locks, bulk writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Engine,
    Select,
    Table,
    UpdateBase,
    bindparam,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

from followup.model import Decided
from store import schema
from store.codec import reasons_to_json, to_micros
from store.commits import Commits
from store.rows_in_one import write_rows
from store.suppression import Remembered
from store.tables import KEPT, Key
from store.tx import Line

WAL_TRIES = 20
COLLISIONS = ("40001", "40P01", "25P02", "25P03")
"""Serialization, deadlock, what follows if a handler caught either, and a transaction of which the server heard too
little to believe in it."""
SILENT = 10
"""Seconds without a word within a transaction, after which PostgreSQL gives its locks to others."""
_ALIVE = {
    "connect_timeout": "10",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""A server that is gone without a word is noticed within half a minute, where TCP alone waits for hours."""


PRAGMAS = ("synchronous=FULL", "temp_store=MEMORY", "cache_size=-32000", "wal_autocheckpoint=8000")


class Dialect:
    """What SQLite and PostgreSQL say differently."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._insert = _insert_of(self.is_sqlite)
        self.erased = Remembered()

    @cached_property
    def writers(self) -> int:
        """How many transactions may write at once."""
        return 1 if self.is_sqlite else 4

    @lru_cache(maxsize=8)  # noqa: B019 - one dialect lives as long as the program
    def skipping(self, statement: Select[Any]) -> Select[Any]:
        """The statement passing over rows that another worker is at."""
        return statement if self.is_sqlite else statement.with_for_update(skip_locked=True)

    def prepare_writer(self, connection: Connection) -> None:
        """A writer that is cut off from PostgreSQL, or stands still, must not keep its locks from all others."""
        if not self.is_sqlite:
            raw: Any = connection.connection.dbapi_connection
            raw.autocommit = True  # or it would be undone with the first transaction that fails
            raw.execute(f"SET idle_in_transaction_session_timeout = '{SILENT}s'")
            raw.autocommit = False

    def is_collision(self, error: BaseException) -> bool:
        """Whether another transaction was in the way, or the connection was lost before the commit (which is no
        statement), so that trying again is right."""
        if not isinstance(error, DBAPIError):
            return False
        lost = error.connection_invalidated and error.statement is not None
        return lost or getattr(error.orig, "sqlstate", "") in COLLISIONS

    def write(self, connection: Connection, cls: type, items: dict[Key, Any], marks: dict[Key, bool]) -> None:
        """Insert the new items and update the others, in bulk."""
        encode = KEPT[cls].codec.encode
        new = [encode(items[key]) for key, is_new in marks.items() if is_new]
        if new:
            self._for_each(connection, self._insert_text(cls), _begun(cls, new))
        changed = [encode(items[key]) for key, is_new in marks.items() if not is_new]
        if changed:
            text, pick = self._update_text(cls)
            self._for_each(connection, text, [pick(row) for row in changed])

    def _for_each(self, connection: Connection, text: str, rows: Sequence[tuple[Any, ...]]) -> int:
        if self.is_sqlite:
            return connection.exec_driver_sql(text, list(rows)).rowcount
        return write_rows(connection, text, rows)

    def many(self, connection: Connection, statement: UpdateBase, rows: list[dict[str, Any]]) -> int:
        """Run a statement for each row, without the cost of looking at it again; returns the rows it changed."""
        text, names = self._positions(statement)
        return self._for_each(connection, text, [tuple(map(row.__getitem__, names)) for row in rows])

    def once(self, connection: Connection, statement: UpdateBase, row: dict[str, Any]) -> CursorResult[Any]:
        """Run a statement, without the cost of looking at it again."""
        text, names = self._positions(statement)
        return connection.exec_driver_sql(text, tuple(map(row.__getitem__, names)))

    @lru_cache(maxsize=32)  # noqa: B019
    def _positions(self, statement: UpdateBase) -> tuple[str, list[str]]:
        compiled = statement.compile(dialect=self.engine.dialect)
        assert isinstance(compiled, SQLCompiler)
        return str(compiled), list(compiled.positiontup or ())

    def write_lines(self, connection: Connection, lines: Iterable[Line]) -> None:
        """Append decisions and notes."""
        decided = [_decided_row(line) for line in lines if isinstance(line, Decided)]
        notes = [(n.thread, to_micros(n.at), n.who, n.text) for n in lines if not isinstance(n, Decided)]
        if decided:
            self._for_each(connection, self._append(schema.decisions), decided)
        if notes:
            self._for_each(connection, self._append(schema.notes), notes)

    @lru_cache(maxsize=64)  # noqa: B019
    def _insert_text(self, cls: type) -> str:
        kept = KEPT[cls]
        insert = (
            self._insert(kept.table)
            .inline()
            .values(dict.fromkeys((*kept.codec.columns, *filter(None, kept.begins[:1]))))
        )
        keys = list(kept.key_names)
        if kept.first_wins:
            return self._text(insert.on_conflict_do_nothing(index_elements=keys))
        others = {name: insert.excluded[name] for name in kept.changing}
        return self._text(insert.on_conflict_do_update(index_elements=keys, set_=others))

    @lru_cache(maxsize=64)  # noqa: B019
    def _update_text(self, cls: type) -> tuple[str, Callable[[Any], Any]]:
        kept = KEPT[cls]
        table = kept.table
        keys = [table.c[name] == bindparam(f"key_{name}") for name in kept.key_names]
        statement = table.update().where(*keys).values({name: bindparam(name) for name in kept.changing})
        order = [kept.codec.columns.index(name) for name in (*kept.changing, *kept.key_names)]
        return self._text(statement), itemgetter(*order)

    @lru_cache(maxsize=8)  # noqa: B019
    def _append(self, table: Table) -> str:
        names = [column.name for column in table.c if column.name != "seq"]
        return self._text(self._insert(table).inline().values(dict.fromkeys(names)))

    def _text(self, statement: Any) -> str:
        return str(statement.compile(dialect=self.engine.dialect))

    def has_written(self, connection: Connection) -> bool:
        """Whether the connection has written anything since this was last asked of it; PostgreSQL does not tell, and
        always counts as having."""
        if not self.is_sqlite:
            return True
        before, total = connection.info.get("changes", 0), connection.connection.total_changes
        connection.info["changes"] = total
        return bool(total != before)

    def is_writing(self, connection: Connection) -> bool:
        """Whether this transaction would keep anything; on SQLite, whether this connection has changed anything yet."""
        if self.is_sqlite:
            return bool(connection.connection.total_changes)
        return connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()").scalar() is not None

    def commits(self) -> Commits:
        """What tells whether anybody has committed anything, on a connection of its own.

        SQLite counts for every connection the commits of all others. PostgreSQL is asked for its snapshot, which says
        whose work can be seen: every commit that wrote something changes it, no table is read, and nobody has to tell,
        as with NOTIFY, which would cost every commit something and miss those of other programs.
        """
        return Commits(self.engine, "PRAGMA data_version" if self.is_sqlite else "SELECT pg_current_snapshot()::text")


def _begun(cls: type, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """New rows, with the column that begins as one of their fields."""
    column, field = KEPT[cls].begins
    if not column:
        return rows
    at = KEPT[cls].codec.columns.index(field)
    return [(*row, row[at]) for row in rows]


def _insert_of(is_sqlite: bool) -> Any:
    """The dialect's own INSERT; importing the other one too takes a tenth of a second."""
    if is_sqlite:
        from sqlalchemy.dialects.sqlite import insert

        return insert
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert

    return postgresql_insert


def _decided_row(line: Decided) -> tuple[Any, ...]:
    decision = line.decision
    return (
        line.thread,
        line.reminder,
        line.shop,
        line.buyer,
        line.step,
        to_micros(line.at),
        decision.verdict.value,
        reasons_to_json(decision),
        to_micros(decision.retry_at) if decision.retry_at else None,
        line.channel,
        line.lang,
        line.text,
    )


class DatabaseError(RuntimeError):
    """The database cannot be used: the sentence says why and what to do."""


class Damaged(DatabaseError):
    """What is there is no database any more: only a backup helps."""


def steady(connection: Connection) -> None:
    """Have everything that is read on the connection from now on be of one moment, as it always is on SQLite, and
    be planned for reading it to the end."""
    if connection.dialect.name == "postgresql" and not connection.in_transaction():
        connection.execution_options(isolation_level="REPEATABLE READ")
        connection.exec_driver_sql("SET LOCAL cursor_tuple_fraction = 1")


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`; raises DatabaseError for anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError("database: expected sqlite:///path or postgresql://…") from error
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url, parsed.database or "")
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseError(f"database: expected sqlite or postgresql, got {parsed.get_backend_name()!r}")
    try:
        with_driver = parsed.set(drivername="postgresql+psycopg")
        alive = {name: value for name, value in _ALIVE.items() if name not in parsed.query}
        return create_engine(with_driver, paramstyle="format", pool_size=8, hide_parameters=True, connect_args=alive)
    except ModuleNotFoundError as error:
        raise DatabaseError("database: PostgreSQL needs `pip install 'huifang[postgres]'`") from error


def _open_sqlite(url: str, path: str) -> Engine:
    if path in ("", ":memory:"):
        raise DatabaseError("database: expected a file, as in sqlite:///var/huifang.db")
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch(mode=0o600)  # buyers' names and words; the files beside it take this mode too
    except OSError as error:
        raise DatabaseError(f"database: the folder of {path} cannot be made: {error.strerror}") from error
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        _use_wal(connection)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Write-ahead logging. Of two programs that switch a new file to it at once, one is refused and has to wait."""
    for _ in range(WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        else:
            return
