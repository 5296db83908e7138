"""Stories told to a real database: the shop's store on SQLite, read back as the store in memory shows itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import select

from store import schema, views
from store.memory import MemoryTx
from store.store import SqlStore
from store.tables import KEPT
from store.tx import Line, Tx
from store.wanted import NOTHING, Wanted

T = TypeVar("T")


class SqliteStories:
    """Stands in for MemoryStore: `tx` and `lines` are what the database holds after the last transaction."""

    def __init__(self, url: str) -> None:
        self.store = SqlStore(url)
        self._read: MemoryTx | None = None

    def run(self, fn: Callable[[Tx], T], wanted: Wanted = NOTHING) -> T:
        """Run `fn` in a transaction of its own."""
        self._read = None
        return self.store.run(fn, wanted)

    @property
    def tx(self) -> MemoryTx:
        """Everything that was kept, in the order in which it came."""
        if self._read is None:
            self._read = MemoryTx()
            with self.store.engine.connect() as connection:
                for how in KEPT.values():
                    for row in connection.execute(select(how.table)):
                        self._read.remember(item := how.codec.decode(row))
                        self._read._plan(item)
        return self._read

    @property
    def lines(self) -> list[Line]:
        """All decisions and notes so far."""
        with self.store.engine.connect() as connection:
            threads = connection.execute(select(schema.notes.c.thread).distinct()).scalars().all()
            notes = [note for thread in threads for note in views.notes_of(connection, thread)]
            return [*views.decisions(connection, select(schema.decisions)), *notes]
