"""Moving a shop from one database into another while it is at work.

First everything is copied, then what changed meanwhile, and at last, while whoever wants to write has to wait, what
changed since; every row is compared, and the same commit that lets the others go on puts a fence around the old
database. So an event that was acknowledged is in the new one, and one that comes too late is refused. Whatever dies at
whatever moment, the same call goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fasteners import InterProcessLock
from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.exc import DBAPIError

from store import fence
from store.move_compared import Compared, sorted_out, tables
from store.move_rows import Pair, Row, Rows, beside, packed, portions, storable, unpacked
from store.schema import cursors, in_state, outbox

Tell = Callable[[str, str, int], None]
"""What is being done ("copy", "again", "check"), with which table, and how many of its rows were looked at."""
PATIENCE, PAUSE, TRIES = 5.0, 0.2, 20
"""How many seconds a message that is on its way is waited for, and how often others may be in the way."""
IN_THE_WAY = ("40P01", "55P03")
DONE = "all"
ONE_MOVE = 0x6D6F7665


class NotMoved(RuntimeError):
    """Why the shop was not moved, and what to do."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of it: each table as it was compared at last, how many seconds the shop had to wait, and how many
    messages were on their way then."""

    tables: tuple[Compared, ...]
    waited: float
    on_their_way: int


def name_of(engine: Engine) -> str:
    """The address of a database, without a password."""
    if engine.dialect.name == "sqlite":
        return f"sqlite:///{Path(engine.url.database or '').resolve()}"
    return engine.url.set(drivername="postgresql")._replace(password=None).render_as_string()


class Move:
    """One move; both databases are of this program's version. Raises NotMoved."""

    def __init__(self, source: Engine, target: Engine, tell: Tell = lambda _what, _table, _rows: None) -> None:
        self.source, self.target, self._tell = source, target, tell
        self.here, self.there = name_of(source), name_of(target)
        if self.here == self.there:
            raise NotMoved("--to: this is where the shop is already; name another database")

    def check(self) -> tuple[Compared, ...]:
        """Every table as it stands in both; nothing is written."""
        with self.source.connect() as connection:
            return tuple(self._compare(connection, table, "check") for table in tables())

    def run(self) -> Moved:
        """Move, or go on with a move that was broken off."""
        with ExitStack() as stack:
            for engine in (self.source, self.target):
                stack.enter_context(_alone(engine))
            return self._run()

    def _run(self) -> Moved:
        if self._begin():
            for table in tables():
                self._copy(table)
            with self.source.connect() as connection:
                for table in tables():
                    self._mend(connection, table, "again")
            result = self._switch()
        else:
            with self.source.connect() as connection:
                result = Moved(self._finish(connection), 0.0, _on_their_way(connection))
        with self.target.connect().execution_options(writes=True) as connection, connection.begin():
            fence.forget(connection, fence.COMING)
            connection.execute(cursors.delete().where(cursors.c.name.startswith(fence.PROGRESS, autoescape=True)))
        return result

    def _begin(self) -> bool:
        """See that the shop may move there; False if its old database is fenced already, and only the end is left."""
        with self.source.connect() as connection:
            gone_to, unfinished = fence.moved_to(connection), fence.coming_from(connection)
        with self.target.connect().execution_options(writes=True) as connection, connection.begin():
            coming = fence.coming_from(connection)
            if gone_to and (gone_to != self.there or not coming):
                raise NotMoved(f'this shop moved to {gone_to} already; set [database] url = "{gone_to}"')
            if unfinished:
                raise NotMoved(f"{self.here} is not complete: the move into it from {unfinished} has to end first")
            self._claim(connection, coming)
        return not gone_to

    def _claim(self, connection: Connection, coming: str) -> None:
        """Have the target be ours: it is empty, or it was begun with, or it is where this shop was once."""
        if coming and coming != self.here:
            raise NotMoved(f"{self.there} belongs to the unfinished move of {coming}; name another database")
        left_for = fence.moved_to(connection)
        if left_for and left_for != self.here:
            raise NotMoved(f"{self.there} holds a shop that moved to {left_for}; name another database")
        if not coming and not left_for and (full := _with_rows(connection)):
            raise NotMoved(f"{self.there} holds rows already ({', '.join(full[:3])}); name an empty database")
        if left_for:
            fence.unfence(connection)
        fence.keep(connection, fence.COMING, self.here)

    def _copy(self, table: Table) -> None:
        """Copy a table from where an earlier try ended."""
        with self.target.connect() as connection:
            name = fence.PROGRESS + table.name
            value = connection.execute(select(cursors.c.value).where(cursors.c.name == name)).scalar() or ""
        if value != DONE:
            with self.source.connect() as connection:
                self._mend(connection, table, "copy", unpacked(value) if value else (), name)

    def _switch(self) -> Moved:
        """Have the others wait, copy what is left, compare everything, and put up the fence."""
        until, tries = time.monotonic() + PATIENCE, 0
        while True:
            try:
                if (moved := self._switched(time.monotonic() > until)) is not None:
                    return moved
            except DBAPIError as error:  # of two who wait for each other PostgreSQL lets one go on
                tries += 1
                if getattr(error.orig, "sqlstate", "") not in IN_THE_WAY or tries > TRIES:
                    raise
            time.sleep(PAUSE)

    def _switched(self, is_late: bool) -> Moved | None:
        """The same, once; None if a message is on its way, unless it `is_late`."""
        with self.source.connect().execution_options(writes=True) as connection, connection.begin() as held:
            fence.stop_writers(connection)
            began, flying = time.monotonic(), _on_their_way(connection)
            if flying and not is_late:
                held.rollback()
                return None
            compared = self._finish(connection)
            fence.fence(connection, self.there)
            held.commit()
            return Moved(compared, time.monotonic() - began, flying)

    def _finish(self, connection: Connection) -> tuple[Compared, ...]:
        """Make all tables equal and see that they are, while nothing can change here."""
        all_of_them = []
        for table in tables():
            found = self._mend(connection, table, "check")
            if found.differ and (found := self._compare(connection, table, "check")).differ:
                raise NotMoved(
                    f"{found.differ} rows of {table.name} differ after they were copied; nothing was switched"
                )
            all_of_them.append(found)
        self._number()
        return tuple(all_of_them)

    def _mend(self, source: Connection, table: Table, what: str, after: Row = (), progress: str = "") -> Compared:
        """Make a table of the target equal to the source's; how far it is stands beside the rows, if asked for."""
        rows, found = Rows(table), Compared(table.name)
        with self.target.connect() as reading, self.target.connect().execution_options(writes=True) as writing:
            for portion in portions(self._pairs(rows, source, reading, after)):
                write, gone, found = sorted_out(rows, portion, found)
                if write or gone:
                    with writing.begin():
                        rows.write(writing, write, gone)
                        if progress and (last := portion[-1][0]) is not None:
                            fence.keep(writing, progress, packed(rows.key_of(last)))
                self._tell(what, table.name, len(portion))
            if progress and found != Compared(table.name):
                with writing.begin():
                    fence.keep(writing, progress, DONE)
        return found

    def _compare(self, source: Connection, table: Table, what: str) -> Compared:
        rows, found = Rows(table), Compared(table.name)
        with self.target.connect() as reading:
            for portion in portions(self._pairs(rows, source, reading)):
                _, _, found = sorted_out(rows, portion, found)
                self._tell(what, table.name, len(portion))
        return found

    def _pairs(self, rows: Rows, source: Connection, target: Connection, after: Row = ()) -> Iterator[Pair]:
        pairs = beside(rows.read(source, after), rows.read(target, after), rows.key_of)
        return pairs if target.dialect.name == "sqlite" else storable(pairs)

    def _number(self) -> None:
        """Have PostgreSQL count on from the highest numbers; SQLite does so by itself."""
        if self.target.dialect.name != "postgresql":
            return
        with self.target.begin() as connection:
            for name in (table.name for table in tables() if "seq" in table.c):
                highest = f"SELECT coalesce(max(seq), 0) + 1 FROM {name}"  # noqa: S608 - our own table's name
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'seq'), ({highest}), false)"
                )


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Be the only move that this database takes part in."""
    busy = NotMoved(f"another `huifang move` is at work on {name_of(engine)}: let it end")
    if engine.dialect.name == "sqlite":
        lock = InterProcessLock(f"{engine.url.database}.moving")
        if not lock.acquire(blocking=False):
            raise busy
        try:
            yield
        finally:
            Path(f"{engine.url.database}.moving").unlink(missing_ok=True)
            lock.release()
        return
    with engine.connect() as connection:
        if not connection.execute(select(func.pg_try_advisory_lock(ONE_MOVE))).scalar():
            raise busy
        connection.rollback()
        try:
            yield
        finally:
            connection.invalidate()  # the lock ends with its session


def _with_rows(connection: Connection) -> list[str]:
    """The tables that hold anything."""
    return [table.name for table in tables() if connection.execute(select(*table.primary_key).limit(1)).first()]


def _on_their_way(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(outbox).where(in_state(outbox, "sending"))).scalar_one()
