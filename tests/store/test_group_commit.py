from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from followup.model import Order
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted
from tests.store.at_work import busy, commits, notes, saving, together
from tests.store.makers import SHARED, an_order, count, kept


class TestGroup:
    async def test_those_who_wait_share_a_commit(self, sql_store: SqlStore) -> None:
        """A hundred transactions that waited need one commit for each writer at most."""
        handlers = [saving(an_order(f"o{n}")) for n in range(100)]
        with commits(sql_store) as seen:
            results = await together(sql_store, *handlers)
        assert [f"o{n}" for n in range(100)] == results
        assert 100 == count(sql_store, Order)
        assert len(seen) <= 2 * sql_store.dialect.writers

    async def test_a_failure_undoes_only_itself(self, sql_store: SqlStore) -> None:
        """A handler that fails in a shared commit takes nobody along."""
        no = ValueError("no")
        good, bad, best = saving(an_order("o1")), saving(an_order("o2"), no), saving(an_order("o3"))
        assert ["o1", no, "o3"] == await together(sql_store, good, bad, best)
        assert [True, False, True] == [kept(sql_store, an_order(f"o{n}")) is not None for n in (1, 2, 3)]
        assert ["o1", "o3"] == notes(sql_store)

    async def test_a_failure_does_not_undo_an_earlier_change(self, sqlite_url: str) -> None:
        """Two changes of one order share a commit and the second fails: the first is kept."""
        store = SqlStore(sqlite_url)
        first, second = saving(an_order(goods="scarf")), saving(an_order(goods="hat"), ValueError("no"))
        await together(store, first, second)
        store.close()
        assert an_order(goods="scarf") == kept(store, an_order())

    async def test_later_ones_see_earlier_ones(self, sqlite_url: str) -> None:
        """In a shared commit each handler finds what those before it saved, as if they had committed."""
        store = SqlStore(sqlite_url)
        results = await together(store, saving(an_order()), lambda tx: tx.get(Order, "s", "o1"))
        store.close()
        assert ["o1", an_order()] == results

    async def test_who_asked_to_be_alone_is_alone(self, sql_store: SqlStore) -> None:
        """Work with statements of its own shares with nobody, on no database."""
        alone: list[bool] = []

        def look(tx: Tx) -> None:
            alone.append(not tx.written.items)

        with busy(sql_store):
            waiting = [
                asyncio.ensure_future(
                    sql_store.transact(look) if n % 3 == 2 else sql_store.transact(saving(an_order(f"o{n}")), SHARED)
                )
                for n in range(30)
            ]
            await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        assert (10, {True}) == (len(alone), set(alone))
        assert 20 == count(sql_store, Order)

    @pytest.mark.parametrize("poison", ["lone surrogate \ud800", pytest.param("zero byte \x00", id="zero byte")])
    async def test_a_row_that_cannot_be_written_fails_alone(self, sql_store: SqlStore, poison: str) -> None:
        """A text that the database refuses fails its own transaction, and no other of the same commit."""
        handlers = [saving(an_order(f"o{n}", goods=poison if n == 3 else "scarf")) for n in range(8)]
        results = await together(sql_store, *handlers)
        takes_it = sql_store.dialect.is_sqlite and "\x00" in poison
        assert [f"o{n}" for n in range(8) if n != 3 or takes_it] == [r for r in results if isinstance(r, str)]
        assert [f"o{n}" for n in range(8) if n != 3 or takes_it] == sorted(notes(sql_store))
        assert "o9" == sql_store.run(saving(an_order("o9")))

    @pytest.mark.parametrize("poison", ["\ud800", pytest.param("\x00", id="zero byte")])
    async def test_an_id_that_cannot_be_asked_for_fails_alone(self, sql_store: SqlStore, poison: str) -> None:
        """The same for an id that cannot even be looked up."""
        with busy(sql_store):
            waiting = [
                asyncio.ensure_future(sql_store.transact(saving(an_order(id_)), Wanted(orders=(("s", id_),))))
                for id_ in ("o1", f"o{poison}", "o3")
            ]
            await asyncio.sleep(0)
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert ["o1", "o3"] == [r for r in results if isinstance(r, str) and poison not in r]

    async def test_an_error_of_the_database_in_a_handler_fails_alone(self, sql_store: SqlStore) -> None:
        """A handler whose own statement fails is told so; the others of its commit are kept."""

        def broken(tx: Tx) -> None:
            tx.connection.execute(text("SELECT nonsense FROM nowhere"))  # type: ignore[attr-defined]

        results = await together(sql_store, saving(an_order("o1")), broken, saving(an_order("o3")))
        assert ["o1", "o3"] == [r for r in results if isinstance(r, str)]
        assert [True] == [isinstance(r, DBAPIError) for r in results if not isinstance(r, str)]
        assert ["o1", "o3"] == sorted(notes(sql_store))
