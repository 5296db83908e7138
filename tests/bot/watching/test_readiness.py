"""Whether the program is ready, and why not."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from psycopg.errors import DiskFull
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from bot.watching.readiness import Readiness
from followup.model import Note
from store.migrate import upgrade
from store.store import SqlStore
from store.troubles import Trouble
from store.tx import Tx
from store.wanted import NOTHING
from tests.bot.tea import NOON

STARTS = "the program has not started yet, or is stopping"


def started(store: SqlStore, patience: float = 20.0) -> Readiness:
    """Of a program that runs, with patience for a machine that is busy."""
    readiness = Readiness(store, patience)
    readiness.started = True
    return readiness


async def test_ready(sql_store: SqlStore) -> None:
    """It runs and its database takes writes: nothing keeps it from its work."""
    assert [] == await started(sql_store).reasons()


async def test_not_started(sql_store: SqlStore) -> None:
    """Before the engine has started, and while it stops."""
    assert [STARTS] == await Readiness(sql_store, 20).reasons()


async def test_another_schema(sql_store: SqlStore) -> None:
    """A database of another version is not written to by this program."""
    with sql_store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE huifang_version SET version_num = '0001'"))
    (reason,) = await started(sql_store).reasons()
    with sql_store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text("DELETE FROM huifang_version"))
    upgrade_is_missing = await started(sql_store).reasons()

    assert reason.startswith("the database is of version 0001, this program is of 00")
    assert upgrade_is_missing[0].startswith("the database is of version none")


async def test_a_writer_that_is_held_up(sql_store: SqlStore) -> None:
    """While nothing can be acknowledged it is not ready, asks no second time meanwhile, and is ready again after."""
    go, began = threading.Event(), threading.Event()

    def holds(_tx: Tx) -> None:
        began.set()
        assert go.wait(60)

    holders = [threading.Thread(target=sql_store.run, args=(holds, NOTHING)) for _ in range(sql_store.dialect.writers)]
    for holder in holders:
        holder.start()
    assert began.wait(30)
    readiness = started(sql_store, patience=0.2)
    while not await readiness.reasons():  # until the last writer is held
        pass
    asked = readiness._asking
    again = await readiness.reasons()
    same = readiness._asking is asked
    go.set()
    for holder in holders:
        holder.join(30)
    readiness._patience = 30

    assert (["the database took no write within 0 s"], True) == (again, same)
    assert [] == await readiness.reasons()


async def test_a_full_disk(sql_store: SqlStore) -> None:
    """What can still be read does not make it ready, nor is it said that all is well; the first write that is kept
    does."""
    readiness, asked = started(sql_store), list[str]()
    with capture_logs() as logs, full_disk(sql_store):
        with pytest.raises(DBAPIError):
            await sql_store.transact(lambda tx: tx.add(Note("tea/1/unpaid_order", NOON, "us", "hello")))
        for _ in range(3):
            asked += await readiness.reasons()
            await sql_store.transact(lambda _tx: None)

    assert ["the database cannot grow, for the disk is full: make room on it"] * 3 == asked
    assert ["database_in_trouble"] == [line["event"] for line in logs]
    assert ([], Trouble.NONE) == (await readiness.reasons(), sql_store.trouble)


@contextmanager
def full_disk(store: SqlStore) -> Iterator[None]:
    """A database whose statements fail where they write."""
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL

    def refuse(_cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            raise full if store.dialect.is_sqlite else DiskFull("could not extend file")

    seams = ("do_execute", "do_executemany")
    for seam in seams:
        event.listen(store.engine, seam, refuse)
    yield
    for seam in seams:
        event.remove(store.engine, seam, refuse)


async def test_a_file_that_is_locked(tmp_path: Path) -> None:
    """Another program that writes for long keeps it from being ready; afterwards it is again."""
    url = f"sqlite:///{tmp_path}/shop.db"
    upgrade(url)
    store = SqlStore(url)
    readiness = started(store, patience=0.3)
    with closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        held = await readiness.reasons()
        other.execute("ROLLBACK")
    readiness._patience = 30
    free = await readiness.reasons()
    store.close()
    closed = await readiness.reasons()

    assert (["the database took no write within 0 s"], []) == (held, free)
    assert ["the program is stopping"] == closed
