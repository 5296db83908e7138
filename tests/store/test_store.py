from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.exc import DBAPIError

from followup.model import Decided, Decision, Note, Order, Verdict
from store import schema, views
from store.memory import MemoryStore
from store.store import TRIES, SqlStore, Store
from store.tx import Tx
from store.views import notes_of
from store.wanted import Wanted
from tests.store.makers import HOUR, NOON, SHARED, a_reminder, an_order, count, keep, kept


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


class TestCollision:
    def collide(self, store: SqlStore, times: int, state: str = "40P01") -> Callable[[Tx], int]:
        """A handler that is told so many times that it lost a race, and then counts its attempts."""
        attempts: list[int] = []

        class Lost(Exception):
            sqlstate = state

        def handler(tx: Tx) -> int:
            attempts.append(1)
            tx.save(an_order())
            if len(attempts) <= times:
                raise DBAPIError("", None, Lost())
            return len(attempts)

        return handler

    @pytest.mark.parametrize("state", ["40P01", "40001"])
    def test_is_tried_again(self, sql_store: SqlStore, state: str) -> None:
        """After a deadlock or a serialization failure the handler runs again, and is kept once."""
        assert 3 == sql_store.run(self.collide(sql_store, 2, state))
        assert 1 == count(sql_store, Order)

    def test_not_for_ever(self, sql_store: SqlStore) -> None:
        """A handler that loses every time gets its error."""
        with pytest.raises(DBAPIError):
            sql_store.run(self.collide(sql_store, TRIES))
        assert 0 == count(sql_store, Order)

    def test_another_error_is_not_tried_again(self, sql_store: SqlStore) -> None:
        """What would fail again is not repeated."""
        with pytest.raises(DBAPIError):
            sql_store.run(self.collide(sql_store, 1, "23505"))
        assert 1 == sql_store.run(self.collide(sql_store, 0))

    def test_a_real_deadlock(self, postgres_url: str) -> None:
        """Two transactions that lock each other's rows both succeed in the end."""
        store = SqlStore(postgres_url)
        keep(store, an_order("o1"), an_order("o2"))
        both = threading.Barrier(2)
        first_time = [True, True]

        def crossing(me: int) -> Callable[[Tx], None]:
            def handler(tx: Tx) -> None:
                for n in ((1, 2), (2, 1))[me]:
                    tx.connection.execute(text(f"UPDATE orders SET goods = '{me}' WHERE id = 'o{n}'"))  # type: ignore[attr-defined]
                    if first_time[me]:
                        first_time[me] = False
                        both.wait()

            return handler

        threads = [threading.Thread(target=store.run, args=(crossing(me),)) for me in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        goods = {order.goods for n in (1, 2) if (order := kept(store, an_order(f"o{n}")))}
        store.close()
        assert 1 == len(goods)


class TestLostConnection:
    def test_a_restart_of_the_server_is_not_noticed(self, postgres_url: str) -> None:
        """Connections that died while nothing was going on are opened anew, and no work fails for it."""
        store = SqlStore(postgres_url)
        for n in range(8):
            store.run(saving(an_order(f"o{n}")))
        cut_off(store)
        assert [f"p{n}" for n in range(8)] == [store.run(saving(an_order(f"p{n}"))) for n in range(8)]
        assert 16 == count(store, Order)
        store.close()

    def test_lost_in_the_middle(self, postgres_url: str) -> None:
        """A transaction whose connection is lost half-way is done again, and once."""
        store = SqlStore(postgres_url)
        attempts: list[int] = []

        def handler(tx: Tx) -> int:
            attempts.append(1)
            saving(an_order())(tx)
            if len(attempts) == 1:
                cut_off(store)
            return len(attempts)

        assert 2 == store.run(handler)
        assert (1, ["o1"]) == (count(store, Order), notes(store))
        store.close()


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
