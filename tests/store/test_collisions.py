from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from followup.model import Order
from store.store import TRIES, SqlStore
from store.tx import Tx
from tests.store.at_work import cut_off, notes, saving
from tests.store.makers import an_order, count, keep, kept


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

    @pytest.mark.parametrize("on_commit", [False, True])
    def test_who_is_silent_keeps_no_locks(
        self, postgres_url: str, monkeypatch: pytest.MonkeyPatch, on_commit: bool
    ) -> None:
        """While a program is cut off within a transaction, others get at its rows; when it is back it does its work
        again, and once."""
        monkeypatch.setattr("store.engine.SILENT", 1)
        silent, other = SqlStore(postgres_url), SqlStore(postgres_url)
        silent.run(saving(an_order()))
        locked, back, attempts = threading.Event(), threading.Event(), list[int]()

        def add_to(tx: Tx) -> None:
            tx.connection.execute(text("UPDATE orders SET goods = goods || '+' WHERE id = 'o1'"))  # type: ignore[attr-defined]

        def handler(tx: Tx) -> None:
            attempts.append(1)
            add_to(tx)
            locked.set()
            back.wait(30)
            if not on_commit:
                add_to(tx)

        thread = threading.Thread(target=silent.run, args=(handler,))
        thread.start()
        assert locked.wait(30)
        other.run(add_to)
        back.set()
        thread.join(30)
        order = kept(other, an_order())
        assert order is not None
        assert (2, 2 + (not on_commit)) == (len(attempts), order.goods.count("+"))
        silent.close()
        other.close()
