from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import MetaData, Table, select

from followup.model import Note, Outgoing, State, Thread
from store.activity import activity_of
from store.codec import from_micros, to_micros
from store.engine import open_engine
from store.migrate import upgrade
from store.migrations import configured
from store.schema import metadata, threads
from store.store import SqlStore
from store.tables import KEPT
from store.tx import Tx
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_message, a_thread, keep


def active(store: SqlStore) -> dict[str, object]:
    """When something last happened, by order."""
    with store.engine.connect() as connection:
        rows = connection.execute(select(threads.c.order_id, threads.c.active_at))
        return {row.order_id: from_micros(row.active_at) for row in rows}


def test_a_thread_that_begins(sql_store: SqlStore) -> None:
    """It is as old as it is, and nothing more is written for it."""
    keep(sql_store, a_thread())
    assert {"o1": NOON} == active(sql_store)
    tx = Tx()
    tx.save(a_thread())
    assert [] == activity_of(tx)


def test_all_in_one_transaction(sql_store: SqlStore) -> None:
    """The latest of what happens counts, in whichever order it is written; each thread is written once."""

    def happens(tx: Tx) -> None:
        tx.save(a_thread("o1"))
        tx.save(a_thread("o2"))
        tx.add(Note(a_thread("o1").id, NOON + HOUR, "buyer", "在吗"))
        tx.save(a_message("m1", thread=a_thread("o1").id, created_at=NOON + MINUTE))
        tx.save(a_message("m2", thread="", about=a_thread("o2").id, created_at=NOON + DAY))
        assert [{"thread": a_thread("o1").id, "at": to_micros(NOON + HOUR)}] == activity_of(tx)

    sql_store.run(happens)
    assert {"o1": NOON + HOUR, "o2": NOON} == active(sql_store)


def test_one_that_is_opened_again(sql_store: SqlStore) -> None:
    """It is as new as that."""
    keep(sql_store, a_thread(state=State.CLOSED, closed_at=NOON + HOUR))
    assert {"o1": NOON + HOUR} == active(sql_store)

    def again(tx: Tx) -> None:
        tx.remember(a_thread(state=State.CLOSED, closed_at=NOON + HOUR))
        tx.save(a_thread(opened_at=NOON + DAY))

    sql_store.run(again)
    assert {"o1": NOON + DAY} == active(sql_store)


def test_what_failed_did_not_happen(sql_store: SqlStore) -> None:
    """A handler that fails leaves the thread where it was."""
    keep(sql_store, a_thread())

    def fails(tx: Tx) -> None:
        tx.add(Note(a_thread().id, NOON + HOUR, "buyer", "x"))
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        sql_store.run(fails)
    assert {"o1": NOON} == active(sql_store)


def test_what_failed_among_others_did_not_happen() -> None:
    """Of several that share a transaction, one that fails takes back what is its own, and nothing else."""
    tx, first, second = Tx(), a_thread("o1"), a_thread("o2")
    tx.remember(first)
    tx.remember(second)
    tx.add(Note(first.id, NOON + HOUR, "buyer", "在吗"))
    mark = tx.mark()
    tx.add(Note(first.id, NOON + DAY, "buyer", "在吗"))
    tx.save(a_message("m2", thread=second.id, created_at=NOON + HOUR))
    tx.save(a_thread("o2", state=State.CLOSED, closed_at=NOON + DAY))
    tx.save(a_thread("o3"))
    tx.back_to(mark)
    assert [{"thread": first.id, "at": to_micros(NOON + HOUR)}] == activity_of(tx)


def test_it_never_goes_back(sql_store: SqlStore) -> None:
    """Two who write at once may end in either order: the later moment stays."""
    keep(sql_store, a_thread())
    for at in (NOON + DAY, NOON + HOUR):
        sql_store.run(lambda tx, at=at: tx.add(Note(a_thread().id, at, "buyer", "在吗")))
    assert {"o1": NOON + DAY} == active(sql_store)


def test_what_was_there_before(empty_url: str) -> None:
    """A shop at work is brought up to date: each thread by its last word on either side, its end or its beginning."""
    rows = (
        a_thread("o1"),
        a_thread("o2", state=State.SETTLED, closed_at=NOON + HOUR),
        a_thread("o3"),
        a_thread("o4"),
        a_message("m3", thread=a_thread("o3").id, created_at=NOON + 2 * HOUR),
        a_message("m4", thread=a_thread("o4").id, created_at=NOON + HOUR),
    )
    engine = open_engine(empty_url)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        command.upgrade(configured(connection), "0004")
        for item in rows:
            kept = KEPT[Thread if isinstance(item, Thread) else Outgoing]
            row = dict(zip(kept.codec.columns, kept.codec.encode(item), strict=True))
            known = Table(kept.table.name, MetaData(), autoload_with=connection)
            connection.execute(known.insert(), {name: value for name, value in row.items() if name in known.c})
        said = {"thread": a_thread("o4").id, "at": to_micros(NOON + DAY), "who": "buyer", "text": "?"}
        connection.execute(metadata.tables["notes"].insert(), said)
    upgrade(engine)
    engine.dispose()
    store = SqlStore(empty_url)
    assert {"o1": NOON, "o2": NOON + HOUR, "o3": NOON + 2 * HOUR, "o4": NOON + DAY} == active(store)
    store.close()
