"""Two chats show one link, or guess about one order, in the same moment; on PostgreSQL, many times."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from followup.linking import digest_of
from followup.model import Link, Tries
from store.store import SqlStore
from tests.handlers.linking import NOON, Linking
from tests.handlers.test_race import Race, counting
from tests.store.makers import kept

TIMES = 60


@pytest.fixture
def shops(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Linking, Linking, list[BaseException]]]:
    """Two programs on one database, and how often they got into each other's way."""
    stores, collisions = (SqlStore(postgres_url), SqlStore(postgres_url)), []
    for store in stores:
        monkeypatch.setattr(store.dialect, "is_collision", counting(store.dialect.is_collision, collisions))
    one, other = (Linking(store) for store in stores)
    other.messages = 1_000_000
    yield one, other, collisions
    for store in stores:
        store.close()


def rows(linking: Linking, query: str) -> list[tuple[object, ...]]:
    assert isinstance(linking.store, SqlStore)
    with linking.store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_link_is_used_once(shops: tuple[Linking, Linking, list[BaseException]]) -> None:
    """Of two chats that show it together one is tied to the order, and the other learns nothing; whether the buyer is
    known already or not, and whoever is first."""
    one, other, collisions = shops
    race, won = Race(), Counter[str]()
    with ThreadPoolExecutor(2) as pool:
        for n in range(TIMES):
            order = one.ordered(f"o{n}", f"b{n}")
            if n % 2:
                forget_stand_in(one, f"b{n}")
            token = one.link(order)
            race.run(pool, lambda t=token, n=n: one.opens(f"x{n}", t), lambda t=token, n=n: other.opens(f"y{n}", t))
            tied = [name for name in ("x", "y") if one.chat(f"{name}{n}").buyer == f"b{n}"]
            link = kept(one.store, Link(digest_of(token), "s", order.id, NOON, NOON))
            assert ([f"s/telegram/{tied[0]}{n}"], 1) == ([link.chat if link else ""], len(tied))
            said = rows(one, f"SELECT step FROM outbox WHERE chat IN ('s/telegram/x{n}', 's/telegram/y{n}') ORDER BY 1")
            assert [("link.stale",), ("link.welcome",)] == said
            race.first_won(tied == ["x"])
            won.update(tied)
    assert min(won["x"], won["y"]) > TIMES // 20
    assert [] == collisions


def forget_stand_in(linking: Linking, buyer: str) -> None:
    """As if the order had come in before anybody met its buyer: no chat, no thread."""
    assert isinstance(linking.store, SqlStore)
    with linking.store.engine.begin() as connection:
        for table in ("chats", "threads", "reminders", "buyers"):
            column = "id" if table == "buyers" else "buyer"
            connection.execute(text(f"DELETE FROM {table} WHERE {column} = :buyer"), {"buyer": buyer})


def test_every_guess_counts(shops: tuple[Linking, Linking, list[BaseException]]) -> None:
    """Two chats guess about one order together: both guesses are counted, and the sixth is not heard."""
    one, other, _ = shops
    one.ordered()
    with ThreadPoolExecutor(2) as pool:
        for n in range(2):
            list(pool.map(lambda pair: pair[0].says("order o1 0000", pair[1]), ((one, f"x{n}"), (other, f"y{n}"))))
    counted = kept(one.store, Tries("s", "order/o1", 0, NOON))
    assert 4 == (counted.count if counted else 0)


def test_opening_while_the_order_changes(shops: tuple[Linking, Linking, list[BaseException]]) -> None:
    """A link is shown while orders of the same buyer come in and he writes: no thread is left behind in the stand-in's
    chat, none is lost, and nobody waits for ever."""
    one, other, _ = shops
    chance, start = random.Random(7), threading.Barrier(3)
    with ThreadPoolExecutor(3) as pool:
        for n in range(TIMES // 2):
            order = one.ordered(f"p{n}", f"b{n}")
            token = one.link(order)

            def begin(what: object) -> object:
                start.wait()
                threading.Event().wait(chance.random() * 0.003)
                return what() if callable(what) else None

            done = [
                lambda n=n, t=token: one.opens(f"z{n}", t, NOON + timedelta(minutes=1)),
                lambda n=n: other.ordered(f"q{n}", f"b{n}"),
                lambda n=n: other.says("hello", f"z{n}"),
            ]
            list(pool.map(begin, done))
    left = rows(one, "SELECT id, chat FROM threads WHERE chat NOT LIKE 's/telegram/z%'")
    assert [] == left
    assert TIMES == rows(one, "SELECT count(*) FROM threads")[0][0]
