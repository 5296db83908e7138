"""`store.transact(fn)`: handlers run one after another in a writer's thread; those that wait share one commit."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from followup.model import Instant
from store.engine import Dialect, open_engine
from store.fence import MovedAway, said_in
from store.log_ids import about, at_hand
from store.sql_tx import SqlTx
from store.troubles import OF_WRITING, Trouble, trouble_of
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
    ids: Mapping[str, str] = field(default_factory=at_hand)
    result: Any = None
    error: BaseException | None = None


class SqlStore:
    """A store on SQLite (one writer) or PostgreSQL (a few).

    `worker` is this program's number among several on one database (store/leading.py). `on_due`, if set, is called from
    a writer's thread after a commit that planned something, with its due time; `on_moved` when the shop has moved to
    another database (store/fence.py), with a sentence: nothing can be written here any more. `on_commit` is called from
    a writer's thread after each commit, with what it wrote and the seconds that the database took to keep it. `trouble`
    says why nothing can be written at this moment; it is empty again after the next commit.
    """

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.dialect = Dialect(self.engine)
        self.on_due: Callable[[Instant], None] | None = None
        self.on_moved: Callable[[str], None] | None = None
        self.on_commit: Callable[[SqlTx, float], None] | None = None
        self.worker = ""
        self.trouble = Trouble.NONE
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
                tx = self._run_together(group)
            except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the jobs that asked for it
                if self.dialect.is_collision(error) and attempt < TRIES:
                    continue
                self._fail_or_part(group, self._moved(error) or error)
            else:
                self._is_well(tx)
                self._tell(tx.earliest_due())
            return

    def _moved(self, error: Exception) -> MovedAway | None:
        """What it means if the fence around a database that was left refused a write."""
        sentence = said_in(error)
        if sentence and self.on_moved is not None:
            self.on_moved(sentence)
        return MovedAway(sentence) if sentence else None

    def _tell_of(self, tx: SqlTx, seconds: float) -> None:
        if self.on_commit is None:
            return
        try:
            self.on_commit(tx, seconds)
        except Exception:
            log.exception("on_commit_failed")

    def _tell(self, due: Instant | None) -> None:
        if due is None or self.on_due is None:
            return
        try:
            self.on_due(due)
        except Exception:
            log.exception("on_due_failed")

    def is_told(self, error: BaseException) -> bool:
        """Whether an error is the trouble of the database that was logged when it began."""
        return self.trouble is not Trouble.NONE and trouble_of(error) is not Trouble.NONE

    def _is_well(self, tx: SqlTx) -> None:
        if self.trouble is not Trouble.NONE and (tx.has_kept or self.trouble not in OF_WRITING):
            self.trouble = Trouble.NONE
            log.info("database_works_again")

    def _suffers(self, error: Exception) -> bool:
        """Whether the database itself is in trouble, which is logged once: nothing is acknowledged until it is over."""
        trouble = trouble_of(error)
        if trouble is not Trouble.NONE and self.trouble is Trouble.NONE:
            log.error("database_in_trouble", why=trouble.value, error=type(error).__name__)
        self.trouble = trouble or self.trouble
        return trouble is not Trouble.NONE

    def _fail_or_part(self, group: list[_Job], error: Exception) -> None:
        if self._suffers(error) or len(group) == 1:
            for job in group:
                job.error = error
            return
        log.warning("group_commit_failed", jobs=len(group), error=type(error).__name__)
        for job in group:
            self._commit([job])

    def _run_together(self, group: list[_Job]) -> SqlTx:
        connection = self._connection()
        try:
            return self._run_on(connection, group)
        except DBAPIError:
            del self._mine.connection
            connection.invalidate()
            connection.close()
            raise

    def _connection(self) -> Connection:
        """This writer's own connection, opened anew after an error."""
        if not hasattr(self._mine, "connection"):
            connection = self.engine.connect().execution_options(writes=True)
            self.dialect.prepare_writer(connection)
            self._mine.connection = connection
        return cast(Connection, self._mine.connection)

    def _run_on(self, connection: Connection, group: list[_Job]) -> SqlTx:
        with connection.begin():
            tx = SqlTx(connection, self.dialect)
            wanted = Wanted.all_of(job.wanted for job in group) if len(group) > 1 else group[0].wanted
            if wanted is not NOTHING:  # half of all transactions, and they are the short ones
                tx.load(wanted)
            for job in group:
                _run_one(job, tx)
            tx.flush()
            tx.has_kept = self.trouble is not Trouble.NONE and self.dialect.is_writing(connection)
            began = time.perf_counter()
        self._tell_of(tx, time.perf_counter() - began)
        return tx


def _run_one(job: _Job, tx: Tx) -> None:
    mark = tx.mark()
    job.result = job.error = None
    try:
        with about(**job.ids):
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
