"""Handlers to try a store with, and ways to keep it busy."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import create_engine, event, text

from followup.model import Note, Order
from store.memory import MemoryStore
from store.store import SqlStore, Store
from store.tx import Tx
from store.views import notes_of
from store.wanted import Wanted
from tests.store.makers import NOON, SHARED


def note(said: str) -> Note:
    return Note("t", NOON, "test", said)


def notes(store: Store) -> list[str]:
    """The notes that are kept, in order."""
    if isinstance(store, SqlStore):
        with store.engine.connect() as connection:
            return [line.text for line in notes_of(connection, "t")]
    assert isinstance(store, MemoryStore)
    return [line.text for line in store.lines if isinstance(line, Note)]


@contextmanager
def busy(store: SqlStore) -> Iterator[None]:
    """All writers are at work, so that what is asked for meanwhile has to wait."""
    free, at_work = threading.Event(), threading.Barrier(store.dialect.writers + 1)

    def work(_tx: Tx) -> None:
        at_work.wait()
        free.wait()

    workers = [threading.Thread(target=store.run, args=(work,)) for _ in range(store.dialect.writers)]
    for worker in workers:
        worker.start()
    at_work.wait()
    yield
    free.set()
    for worker in workers:
        worker.join()


@contextmanager
def commits(store: SqlStore) -> Iterator[list[int]]:
    """Counts the commits of the store: one entry each."""
    seen: list[int] = []

    def seen_one(_connection: object) -> None:
        seen.append(1)

    event.listen(store.engine, "commit", seen_one)
    yield seen
    event.remove(store.engine, "commit", seen_one)


async def together(store: SqlStore, *fns: Callable[[Tx], object], wanted: Wanted = SHARED) -> list[object]:
    """Run functions that had to wait for the writers; returns results and exceptions in their order."""
    with ExitStack() as stack:
        stack.enter_context(busy(store))
        waiting = [asyncio.ensure_future(store.transact(fn, wanted)) for fn in fns]
        await asyncio.sleep(0)
    return await asyncio.gather(*waiting, return_exceptions=True)


def cut_off(store: SqlStore) -> None:
    """End every connection to the database, as a server does that restarts."""
    others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
    with create_engine(store.engine.url).connect() as connection:
        connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))


def saving(order: Order, then: Exception | None = None) -> Callable[[Tx], str]:
    """A handler that saves an order and adds a note, and then perhaps fails."""

    def handler(tx: Tx) -> str:
        tx.save(order)
        tx.add(note(order.id))
        if then is not None:
            raise then
        return order.id

    return handler
