"""`store.transact(fn)`: handlers run one after another in a writer's thread; those that wait share one commit."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from followup.model import Instant
from store.engine import Dialect, open_engine
from store.sql_tx import SqlTx
from store.tx import Tx
from store.wanted import NOTHING, Wanted

T = TypeVar("T")
log = structlog.get_logger(__name__)

GROUP = 256
TRIES = 8


class Store(Protocol):
    """Where state lives. What `fn` returns is handed over after the commit; what it raises undoes only itself."""

    async def transact(self, fn: Callable[[Tx], T], wanted: Wanted = NOTHING) -> T: ...

    def run(self, fn: Callable[[Tx], T], wanted: Wanted = NOTHING, /) -> T: ...


@dataclass(slots=True)
class _Job:
    fn: Callable[[Tx], Any]
    wanted: Wanted
    done: Future[Any] | None = None
    loop: asyncio.AbstractEventLoop | None = None
    waiter: asyncio.Future[Any] | None = None
    result: Any = None
    error: BaseException | None = None


class SqlStore:
    """A store on SQLite (one writer) or PostgreSQL (a few).

    `on_due`, if set, is called from a writer's thread after a commit that planned something, with its due time.
    """

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.dialect = Dialect(self.engine)
        self.on_due: Callable[[Instant], None] | None = None
        self._mine = threading.local()
        self._door, self._closed = threading.Lock(), False
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._write, name=f"store-{n}", daemon=True) for n in range(self.dialect.writers)
        ]
        for thread in self._threads:
            thread.start()

    async def transact(self, fn: Callable[[Tx], T], wanted: Wanted = NOTHING) -> T:
        """Run `fn` in a transaction of its own or a shared one, after locking and reading what is wanted."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        self._put(_Job(fn, wanted, loop=loop, waiter=waiter))
        return await waiter

    def run(self, fn: Callable[[Tx], T], wanted: Wanted = NOTHING) -> T:
        """The same for callers without an event loop."""
        done: Future[T] = Future()
        self._put(_Job(fn, wanted, done=done))
        return done.result()

    def _put(self, job: _Job) -> None:
        with self._door:
            if self._closed:
                raise RuntimeError("the store is closed")
            self._jobs.put(job)

    def close(self) -> None:
        """Finish what waits and let the database go."""
        with self._door:
            if not self._closed:
                for _ in self._threads:
                    self._jobs.put(None)
            self._closed = True
        for thread in self._threads:
            thread.join()
        self.engine.dispose()

    def _write(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, last = self._waiting(first)
            for part in _apart(group):
                self._commit(part)
                _answer(part)
            if last:
                break
        if hasattr(self._mine, "connection"):
            self._mine.connection.close()

    def _waiting(self, first: _Job) -> tuple[list[_Job], bool]:
        group = [first]
        while len(group) < GROUP and not group[-1].wanted.alone:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, False
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _commit(self, group: list[_Job]) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                due = self._run_together(group)
            except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the jobs that asked for it
                if self.dialect.is_collision(error) and attempt < TRIES:
                    continue
                self._fail_or_part(group, error)
            else:
                self._tell(due)
            return

    def _tell(self, due: Instant | None) -> None:
        if due is None or self.on_due is None:
            return
        try:
            self.on_due(due)
        except Exception:
            log.exception("on_due_failed")

    def _fail_or_part(self, group: list[_Job], error: Exception) -> None:
        if len(group) == 1:
            group[0].error = error
            return
        log.warning("group_commit_failed", jobs=len(group), error=type(error).__name__)
        for job in group:
            self._commit([job])

    def _run_together(self, group: list[_Job]) -> Instant | None:
        connection = self._connection()
        try:
            return self._run_on(connection, group).earliest_due()
        except DBAPIError:
            del self._mine.connection
            connection.invalidate()
            connection.close()
            raise

    def _connection(self) -> Connection:
        """This writer's own connection, opened anew after an error."""
        if not hasattr(self._mine, "connection"):
            self._mine.connection = self.engine.connect().execution_options(writes=True)
        return cast(Connection, self._mine.connection)

    def _run_on(self, connection: Connection, group: list[_Job]) -> SqlTx:
        with connection.begin():
            tx = SqlTx(connection, self.dialect)
            tx.load(Wanted.all_of(job.wanted for job in group) if len(group) > 1 else group[0].wanted)
            for job in group:
                _run_one(job, tx)
            tx.flush()
        return tx


def _run_one(job: _Job, tx: Tx) -> None:
    mark = tx.mark()
    job.result = job.error = None
    try:
        job.result = job.fn(tx)
    except Exception as error:
        if job.wanted.alone or isinstance(error, DBAPIError):
            raise
        tx.back_to(mark)
        job.error = error


def _apart(group: list[_Job]) -> list[list[_Job]]:
    """The group, and by itself a last job that must not share: it runs statements of its own, or waits for locks."""
    if len(group) == 1 or not group[-1].wanted.alone:
        return [group]
    return [group[:-1], group[-1:]]


def _answer(group: list[_Job]) -> None:
    loops: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in group:
        if job.done is not None:
            _resolve(job.done, job)
        elif job.loop is not None:
            loops.setdefault(job.loop, []).append(job)
    for loop, jobs in loops.items():
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(_answer_waiters, jobs)


def _answer_waiters(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.waiter is not None and not job.waiter.done():
            _resolve(job.waiter, job)


def _resolve(future: Any, job: _Job) -> None:
    if job.error is not None:
        future.set_exception(job.error)
    else:
        future.set_result(job.result)
