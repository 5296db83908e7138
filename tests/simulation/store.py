"""The real store on a real database, without its thread: it can die or be refused between any two statements."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest import mock

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from store.engine import Dialect, open_engine
from store.store import SqlStore, _answer, _apart, _Job

one_engine = cache(open_engine)
"""An engine for a database, with all the statements that it has compiled; the connections are those of each life."""


class Died(BaseException):
    """The process is gone: nothing of it does anything any more."""


class _SharedDialect(Dialect):
    """What one has compiled, all of that engine know; what it remembers of the database is its own."""

    def __hash__(self) -> int:
        return hash(self.engine)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dialect) and other.engine is self.engine


class SteppedStore(SqlStore):
    """Transactions run in the loop's own thread, those that wait together in one commit, as ever.

    `dies(n, inside)` ends the process at its n-th commit from now on: within it, which undoes it, else after it, before
    anybody learns of it. `refuses(n)` has the database fail at that commit, as a full disk does. `died` is called once.
    """

    def __init__(self, url: str, died: Callable[[], None]) -> None:
        with mock.patch("store.store.open_engine", one_engine), mock.patch("store.store.Dialect", _SharedDialect):
            super().__init__(url)
        self._died, self._planned = died, False
        self._dies_in, self._inside = 0, False
        self._refuses_in = 0
        self.commits = self.refused = 0
        self.dead = False
        event.listen(self.engine, "commit", self._at_commit)

    def dies(self, after: int, inside: bool) -> None:
        """Die at that commit, 1 being the next."""
        self._dies_in, self._inside = after, inside

    def refuses(self, after: int) -> None:
        """Fail at that commit."""
        self._refuses_in = after

    def calm(self) -> None:
        """Do neither."""
        self._dies_in = self._refuses_in = 0

    def _write(self) -> None:
        """No thread of its own."""

    def _put(self, job: _Job) -> None:
        if self.dead:
            if job.done is not None:
                raise Died
            return
        super()._put(job)
        if job.done is not None:
            self._work_off()
            if not job.done.done():
                raise Died
        elif not self._planned:
            self._planned = True
            asyncio.get_running_loop().call_soon(self._work_off)

    def _work_off(self) -> None:
        self._planned = False
        while not self.dead and not self._jobs.empty():
            first = self._jobs.get_nowait()
            if first is None:
                return
            for part in _apart(self._waiting(first)[0]):
                if not self._ends_in(part):
                    _answer(part)

    def _ends_in(self, part: list[_Job]) -> bool:
        """Commit, unless the process dies of it; whether it is dead now."""
        if self.dead:
            return True
        try:
            self._commit(part)
            self._count()
        except Died:
            self._end()
        return self.dead

    def _count(self) -> None:
        if self._dies_in == -1:
            self._end()

    def _end(self) -> None:
        self.dead = True
        self._died()

    def _at_commit(self, connection: Any) -> None:
        if connection is not getattr(self._mine, "connection", None):
            return
        self.commits += 1
        if self._refuses_in:
            self._refuses_in -= 1
            if not self._refuses_in:
                self.refused += 1
                raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))
        if self._dies_in > 0:
            self._dies_in -= 1
            if not self._dies_in:
                if self._inside:
                    raise Died
                self._dies_in = -1

    def close(self) -> None:
        """Let the database go."""
        connection = getattr(self._mine, "connection", None)
        if connection is not None:
            connection.close()
        super().close()
        event.remove(self.engine, "commit", self._at_commit)
