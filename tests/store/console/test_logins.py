"""Attempts to log in, counted by the database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from store.console.logins import count_tries, forgive
from store.store import SqlStore
from tests.store.makers import HOUR, MINUTE, NOON

MOST = {"login-from/192.0.2.7": 5, "login/chen": 20}


def tried(store: SqlStore, most: dict[str, int] = MOST, after: timedelta = timedelta()) -> bool:
    """Whether one more attempt may be made; those of an hour ago do not count."""
    return done(store, count_tries, most, NOON + after, NOON + after - HOUR)


def done(store: SqlStore, fn: Callable[..., Any], *args: Any) -> Any:
    """In a transaction of its own."""
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        return fn(connection, *args)


def test_many_at_once(sql_store: SqlStore) -> None:
    """However many come at the same moment, not one more than allowed may go on."""
    together = Barrier(8)

    def many(_: int) -> int:
        together.wait()
        return sum(tried(sql_store) for _ in range(5))

    with ThreadPoolExecutor(8) as threads:
        assert 5 == sum(threads.map(many, range(8)))


def test_one_address_locks_nobody_out(sql_store: SqlStore) -> None:
    """What is refused for its address is not counted against the person."""
    assert 5 == sum(tried(sql_store) for _ in range(100))
    assert tried(sql_store, {"login-from/192.0.2.8": 5, "login/chen": 6})
    assert not tried(sql_store, {"login-from/192.0.2.9": 5, "login/chen": 6})


def test_after_the_pause(sql_store: SqlStore) -> None:
    """It lasts from the first attempt, and trying on makes it no longer."""
    assert 5 == sum(tried(sql_store, after=n * MINUTE) for n in range(50))
    assert [False, True] == [tried(sql_store, after=HOUR - MINUTE), tried(sql_store, after=HOUR)]


def test_who_was_right(sql_store: SqlStore) -> None:
    """Nothing counts at the person any more, and that attempt does not count at the address."""
    assert all(tried(sql_store) for _ in range(5))
    done(sql_store, forgive, "login/chen", "login-from/192.0.2.7")
    assert [True, False] == [tried(sql_store), tried(sql_store)]
    assert tried(sql_store, {"login/chen": 2})
