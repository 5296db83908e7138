from __future__ import annotations

import asyncio
import threading

import pytest
from sqlalchemy import select

from followup.model import Decided, Decision, Order, Verdict
from store import schema, views
from store.store import SqlStore, Store
from store.tx import Tx
from store.wanted import Wanted
from tests.store.at_work import busy, notes, saving
from tests.store.makers import HOUR, NOON, SHARED, a_reminder, an_order, count, keep, kept


class TestTransact:
    async def test_hands_over_the_result_after_the_commit(self, sql_store: SqlStore) -> None:
        """Whoever gets an answer finds his writes on a connection of his own."""
        assert "o1" == await sql_store.transact(saving(an_order()))
        assert an_order() == kept(sql_store, an_order())

    async def test_keeps_what_was_saved(self, store: Store) -> None:
        """What one transaction saves, the next one finds."""
        await store.transact(saving(an_order()))
        found = await store.transact(lambda tx: tx.get(Order, "s", "o1"), Wanted(orders=(("s", "o1"),)))
        assert an_order() == found

    async def test_hands_over_the_error_and_keeps_nothing(self, store: Store) -> None:
        """What a handler raises reaches its caller; its writes never happened."""
        with pytest.raises(ValueError, match="no"):
            await store.transact(saving(an_order(), ValueError("no")))
        assert (None, []) == (kept(store, an_order()), notes(store))

    @pytest.mark.parametrize("wanted", [SHARED, Wanted(alone=True)])
    def test_a_change_that_failed_is_not_remembered(self, store: Store, wanted: Wanted) -> None:
        """After a failed change the item is as it was before."""
        keep(store, an_order())
        with pytest.raises(ValueError, match="no"):
            store.run(saving(an_order(goods="scarf"), ValueError("no")), wanted)
        assert an_order() == kept(store, an_order())

    def test_within_a_transaction_there_is_a_way_back(self, store: Store) -> None:
        """A handler can undo a part of its own work and keep the rest."""

        def handler(tx: Tx) -> None:
            saving(an_order("kept"))(tx)
            mark = tx.mark()
            saving(an_order("kept", goods="scarf"))(tx)
            saving(an_order("lost"))(tx)
            tx.back_to(mark)

        store.run(handler)
        assert (an_order("kept"), None) == (kept(store, an_order("kept")), kept(store, an_order("lost")))
        assert ["kept"] == notes(store)

    async def test_a_caller_who_left_is_no_trouble(self, sql_store: SqlStore) -> None:
        """Work whose caller was cancelled meanwhile is done all the same, and the store lives on."""
        with busy(sql_store):
            waiting = asyncio.ensure_future(sql_store.transact(saving(an_order())))
            await asyncio.sleep(0)
            waiting.cancel()
        assert "o2" == await sql_store.transact(saving(an_order("o2")))
        sql_store.close()
        assert an_order() == kept(sql_store, an_order())

    def test_a_loop_that_is_gone_is_no_trouble(self, sql_store: SqlStore) -> None:
        """An event loop that was closed before its answer came does not stop the store."""
        loop = asyncio.new_event_loop()
        with busy(sql_store):
            waiting = loop.create_task(sql_store.transact(saving(an_order())))
            loop.run_until_complete(asyncio.sleep(0))
            waiting.cancel()
            loop.run_until_complete(asyncio.gather(waiting, return_exceptions=True))
            loop.close()
        assert "o2" == sql_store.run(saving(an_order("o2")))


class TestOnDue:
    def test_tells_the_earliest_time(self, sql_store: SqlStore) -> None:
        """After a commit that plans something, the listener hears when the first of it is due."""
        told: list[object] = []
        sql_store.on_due = told.append
        keep(sql_store, an_order())
        keep(sql_store, a_reminder("o1", due=NOON + HOUR), a_reminder("o2", due=NOON))
        assert [NOON] == told

    def test_a_listener_that_fails_changes_nothing(self, sql_store: SqlStore) -> None:
        """What was committed is neither undone nor done twice because the listener fails."""
        runs: list[int] = []

        def plan(tx: Tx) -> str:
            runs.append(1)
            tx.save(a_reminder())
            return "done"

        def fail(_due: object) -> None:
            raise RuntimeError("the loop is closed")

        sql_store.on_due = fail
        assert ("done", [1]) == (sql_store.run(plan), runs)
        assert a_reminder() == kept(sql_store, a_reminder())


class TestClose:
    async def test_finishes_what_waits(self, sql_store: SqlStore) -> None:
        """Everything asked for before the close is done and answered."""
        with busy(sql_store):
            waiting = [asyncio.ensure_future(sql_store.transact(saving(an_order(f"o{n}")), SHARED)) for n in range(50)]
            await asyncio.sleep(0)
            closing = threading.Thread(target=sql_store.close)
            closing.start()
        closing.join()
        assert [f"o{n}" for n in range(50)] == await asyncio.gather(*waiting)
        assert 50 == count(sql_store, Order)

    async def test_afterwards_says_so(self, sql_store: SqlStore) -> None:
        """A store that is closed refuses work instead of never answering."""
        sql_store.close()
        with pytest.raises(RuntimeError, match="closed"):
            sql_store.run(saving(an_order()))
        with pytest.raises(RuntimeError, match="closed"):
            await sql_store.transact(saving(an_order()))

    def test_twice_is_no_trouble(self, sql_store: SqlStore) -> None:
        """Closing again does nothing."""
        sql_store.close()
        sql_store.close()


def test_decisions_come_back_as_they_were(sql_store: SqlStore) -> None:
    """A decision without reasons or words is a row too."""
    line = Decided("t", "r", "s", "b", "step", NOON, Decision(Verdict.SENT, ()))
    sql_store.run(lambda tx: tx.add(line))
    with sql_store.engine.connect() as connection:
        assert [line] == views.decisions(connection, select(schema.decisions))
