"""Many rows in one statement, on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, text

from followup.model import Cursor, Outgoing, Raw
from store.rows_in_one import FEW, in_one
from store.schema import outbox
from store.store import SqlStore
from store.tables import KEPT
from tests.store.makers import NOON, a_message, keep

ODD = '\'; DROP TABLE x; -- "quoted" \\u0041 \\ %s %% 您好 🙂 \n\t(r->>0)'


@pytest.fixture
def store(postgres_url: str) -> SqlStore:
    """A store on PostgreSQL."""
    return SqlStore(postgres_url)


def test_every_table_is_written_so(store: SqlStore) -> None:
    """Each statement that writes rows becomes one for many, and every value has its type."""
    for cls, kept in KEPT.items():
        if cls is Raw:
            continue  # it holds bytes
        texts = [store.dialect._insert_text(cls), *([store.dialect._update_text(cls)[0]] if kept.changing else [])]
        for each in (in_one(one, few) for one in texts for few in (False, True)):
            assert 1 == each.count("%s"), each
            assert each.count("(r->>") == each.count(")::"), each
    store.close()


@pytest.mark.parametrize("count", [2, FEW, FEW + 1, 50])
def test_what_is_written_is_read(store: SqlStore, count: int) -> None:
    """Whatever a text holds, many rows come back as they went, in their order, whether they are new or changed."""
    messages = [replace(a_message(f"m{n}"), text=f"{n} {ODD}", created_at=NOON) for n in range(count)]
    keep(store, *messages)
    assert messages == read(store)
    changed = [replace(message, error=ODD, attempts=7, sent_at=NOON) for message in messages]

    def change(tx: object) -> None:
        for each in changed:
            tx.remember(each)  # type: ignore[attr-defined]
            tx.save(each)  # type: ignore[attr-defined]

    store.run(change)
    assert changed == read(store)
    store.close()


def test_what_is_there_stays(store: SqlStore) -> None:
    """Among many new rows the one whose key is taken changes what may change, or gives way."""
    keep(store, Cursor("a", "1"))
    keep(store, Cursor("a", "2"), Cursor("b", "3"), Cursor("c", ""))
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT name, value FROM cursors WHERE name IN ('a', 'b', 'c') ORDER BY name"))
        assert [("a", "2"), ("b", "3"), ("c", "")] == [tuple(row) for row in rows]
    store.close()


def test_a_few_are_looked_up(store: SqlStore) -> None:
    """A table of some thousand rows is not read to the end for a window of eight."""
    with store.engine.begin() as connection:
        keep_many = (
            "INSERT INTO cursors (name, value) SELECT 'c' || i, repeat('v', 500) FROM generate_series(1, 3000) AS i"
        )
        connection.exec_driver_sql(keep_many)
        connection.exec_driver_sql("ANALYZE cursors")
        change = in_one("UPDATE cursors SET value=%s::TEXT WHERE cursors.name = %s::TEXT", few=True)
        plan = "\n".join(line for (line,) in connection.exec_driver_sql(f"EXPLAIN {change}", ("[]",)))
    assert "Seq Scan on cursors" not in plan, plan
    store.close()


def read(store: SqlStore) -> list[Outgoing]:
    """All messages in the order of their numbers."""
    with store.engine.connect() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.seq))
        return [KEPT[Outgoing].codec.decode(row) for row in rows]
