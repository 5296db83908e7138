"""Row-level security: PostgreSQL itself keeps the shops apart, for every role but a superuser."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import Connection, Engine, Table, TextClause, make_url, select, text
from sqlalchemy.exc import DBAPIError

from bot.console.desk import Desk
from bot.evidence.files import EvidenceFolder
from followup.model import Reminder
from handlers.deps import Deps
from scheduler.clock import FakeClock
from scheduler.working import Working
from store import due_views, locks
from store.engine import Dialect, open_engine
from store.migrate import upgrade
from store.rls import BY_SHOP, HIDDEN, OPEN, only
from store.rows_in_one import in_one
from store.schema import metadata
from store.sql_tx import SqlTx
from store.store import SqlStore
from tests.databases import Postgres
from tests.handlers.desk.erasable import SHOP, full_shop
from tests.store.makers import NOON
from tests.store.moving import value
from tests.store.twins import OTHER, is_of, with_twin

OF_SHOPS = (*BY_SHOP, "notes", "topics")


@pytest.fixture(scope="module")
def engine(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Two shops with twin data, in a database that belongs to a role without privileges."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute("CREATE ROLE plain LOGIN")
        admin.execute("CREATE DATABASE two_shops OWNER plain")
    url = make_url(postgres.url("two_shops")).set(username="plain").render_as_string(hide_password=False)
    upgrade(url)
    store = SqlStore(url)
    full_shop(store, EvidenceFolder(tmp_path_factory.mktemp("evidence"), 20_000_000, 50))
    with_twin(store.engine)
    store.close()
    engine = open_engine(url)
    with engine.begin() as connection:
        for name in (*BY_SHOP, *HIDDEN, *OPEN):
            table = metadata.tables[name]
            if connection.execute(select(table).limit(1)).first() is None:
                shops = (SHOP, OTHER) if "shop" in table.c else ("",)
                connection.execute(table.insert(), [_row(table, n, shop) for n, shop in enumerate(shops, 1)])
    yield engine
    engine.dispose()
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE two_shops WITH (FORCE)")
        admin.execute("DROP ROLE plain")


def _row(table: Table, n: int, shop: str) -> dict[str, Any]:
    row = {each.name: value(table, each.name, n) for each in table.c if each.name != "seq"}
    return {**row, "shop": shop} if "shop" in row else row


def rows(connection: Connection, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(metadata.tables[table])).mappings()]


@pytest.mark.parametrize("table", OF_SHOPS)
def test_one_shop_is_seen(table: str, engine: Engine) -> None:
    """With one shop set, its rows are there, and not one of the other's."""
    with engine.connect() as connection:
        everything = rows(connection, table)
    with engine.connect() as connection:
        only(connection, [SHOP])
        seen = rows(connection, table)
    mine = [row for row in everything if is_of(SHOP, row)]
    assert mine == seen
    assert seen
    assert len(everything) > len(seen)


@pytest.mark.parametrize("table", OF_SHOPS)
def test_the_other_is_out_of_reach(table: str, engine: Engine) -> None:
    """With one shop set, nothing of the other is changed, deleted or added."""
    of = metadata.tables[table]
    with engine.connect() as connection:
        only(connection, [OTHER])
        theirs = rows(connection, table)[0]
        connection.rollback()
        only(connection, [SHOP])
        his = [of.c[key.name] == theirs[key.name] for key in of.primary_key]
        assert 0 == connection.execute(of.delete().where(*his)).rowcount
        column = next(each for each in of.c if not each.primary_key)
        assert 0 == connection.execute(of.update().where(*his).values({column.name: theirs[column.name]})).rowcount
        new = {
            name: f"{theirs[name]} 2" if name in ("id", "digest") else theirs[name] for name in theirs if name != "seq"
        }
        with pytest.raises(DBAPIError, match="row-level security"):
            connection.execute(of.insert().values(new))


@pytest.mark.parametrize("table", HIDDEN)
def test_the_installations_own_is_hidden(table: str, engine: Engine) -> None:
    """What may be about any shop, or is about people, is not there for one shop."""
    with engine.connect() as connection:
        assert rows(connection, table)
        connection.rollback()
        only(connection, [SHOP])
        assert [] == rows(connection, table)


def test_acts_of_other_shops_are_hidden(engine: Engine) -> None:
    """Who saw which thread is for that thread's shop."""
    with engine.connect() as connection:
        only(connection, [SHOP])
        assert {SHOP} == {row["about"].partition("/")[0] for row in rows(connection, "acts")}


def test_no_shop_sees_nothing(engine: Engine) -> None:
    """An empty list is not everything."""
    with engine.connect() as connection:
        only(connection, [])
        assert [] == [name for name in OF_SHOPS if rows(connection, name)]


def test_it_ends_with_the_transaction(engine: Engine) -> None:
    """The next one on the same connection sees everything, as the program's own work does."""
    with engine.connect() as connection:
        only(connection, [SHOP])
        few = len(rows(connection, "orders"))
        connection.rollback()
        assert 2 * few == len(rows(connection, "orders"))


async def test_the_console_reads_through_it(engine: Engine) -> None:
    """What a page asks for somebody of one shop is answered with that shop's rows, of one moment; else with all."""
    desk = cast(Desk, SimpleNamespace(store=SimpleNamespace(engine=engine)))
    seen = await Desk.read_of(desk, {SHOP}, rows, "orders")
    assert {SHOP} == {row["shop"] for row in seen}
    assert {SHOP, OTHER} == {row["shop"] for row in await Desk.read_of(desk, (), rows, "orders")}


async def test_a_worker_fires_behind_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the reminders of a shop are fired, no other shop's rows are there."""
    store, seen = SqlStore(engine.url.render_as_string(hide_password=False)), list[set[str]]()

    def fire_due(tx: SqlTx, *_: object) -> int:
        seen.append({row["shop"] for row in rows(tx.connection, "reminders")})
        return 0

    monkeypatch.setattr("scheduler.working.fire_due", fire_due)
    try:
        await Working(store, cast(Deps, None), FakeClock(NOON), (), (), 100).fire(SHOP)
    finally:
        store.close()
    assert [{SHOP}] == seen


@pytest.mark.parametrize("statement", [locks._DUE_OF_SHOP, due_views._SHOPS], ids=["claimed", "counted"])
def test_what_is_due_of_a_shop_is_looked_up(statement: TextClause, engine: Engine) -> None:
    """The wall keeps no index from being used: a shop's due reminders are found without reading all that is planned."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("DROP INDEX reminders_due, reminders_of_buyer")
        given = {"now": 1, "limit": 1, "shop": SHOP} if statement is locks._DUE_OF_SHOP else {"now": 1, "most": 1}
        plan = [line for (line,) in connection.execute(text(f"EXPLAIN {statement.text}"), given)]
    used = [line for line in plan if "Index Cond:" in line and "shop" in line and "due_at" in line]
    assert used, plan
    assert not [line for line in plan if "Filter:" in line and SHOP in line]


def test_a_name_that_would_be_two(engine: Engine) -> None:
    """A comma in a name would let somebody see two shops."""
    with engine.connect() as connection, pytest.raises(ValueError, match="comma"):
        only(connection, [f"{SHOP},{OTHER}"])


def test_sqlite_has_no_such_wall(sqlite_url: str) -> None:
    """There it does nothing, and breaks nothing."""
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        only(connection, [SHOP])
        assert [] == rows(connection, "orders")
    engine.dispose()


@pytest.mark.parametrize("few", [False, True])
def test_rows_are_changed_by_their_keys(engine: Engine, few: bool) -> None:
    """Nobody reads a table to its end, though the database must look at whose each row is before it looks at anything
    that could tell."""
    fill = (
        "INSERT INTO reminders (id, thread, shop, buyer, step, due_at, state, priority, error) SELECT 'x' || i,"
        " 'x/unpaid_order', 'x', 'b' || i, 'unpaid.help', i, 'pending', 30, '' FROM generate_series(1, 20000) AS i"
    )
    change = in_one(Dialect(engine)._update_text(Reminder)[0], few)
    with engine.connect() as connection:
        connection.exec_driver_sql(fill)
        connection.exec_driver_sql("ANALYZE reminders")
        plan = "\n".join(line for (line,) in connection.exec_driver_sql(f"EXPLAIN {change}", ("[]",)))
    assert "Seq Scan on reminders" not in plan, plan
