from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import pytest
from sqlalchemy import Connection, TextClause, text

from followup.model import Chat, Link, Order, OutgoingState, Status, Task, TaskState
from store import locks
from store.outbox_rows import mark_sending
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import NOTHING, Wanted
from tests.store.makers import (
    NOON,
    a_buyer,
    a_chat,
    a_message,
    a_reminder,
    a_task,
    a_thread,
    an_order,
    keep,
    kept,
)

T = TypeVar("T")
WAYS = {
    "buyers": Wanted(buyers=(("s", "b1"),)),
    "orders": Wanted(orders=(("s", "o1"),)),
    "chats": Wanted(chats=("s/manual/b1",)),
    "threads": Wanted(threads=("s/o1/unpaid_order",)),
    "outgoing": Wanted(outgoing=("m1",)),
    "tasks": Wanted(tasks=("t1",)),
    "pasted": Wanted(tasks=("t2",)),
    "links": Wanted(links=("d1",)),
}


@pytest.fixture
def store(postgres_url: str) -> Iterator[SqlStore]:
    """PostgreSQL with two buyers, the first of whom has two chats."""
    store = SqlStore(postgres_url)
    chats = a_chat(), a_chat(channel="telegram"), a_chat("b2")
    matter = an_order(), a_thread(), a_reminder(), a_message(), a_task(), a_task("t2", "elsewhere", outgoing="m1")
    keep(store, Link("d1", "s", "o1", NOON, NOON))
    keep(store, *chats, a_buyer(), a_buyer("b2"), *matter)
    yield store
    store.close()


@contextmanager
def beside(store: SqlStore) -> Iterator[tuple[SqlTx, Connection]]:
    """A transaction beside those of the store."""
    with store.engine.connect() as connection, connection.begin():
        yield SqlTx(connection, store.dialect), connection


def sql(tx: Tx) -> SqlTx:
    assert isinstance(tx, SqlTx)
    return tx


def free_chats(store: SqlStore) -> set[str]:
    """The chats that nobody is at."""
    with beside(store) as (_, connection):
        return set(connection.execute(text("SELECT id FROM chats FOR UPDATE SKIP LOCKED")).scalars())


class Waiting(threading.Thread):
    """A transaction in a thread of its own, that is known to wait for a lock."""

    def __init__(self, store: SqlStore, fn: Callable[[Tx], object], wanted: Wanted) -> None:
        super().__init__()
        self._store, self._fn, self._wanted = store, fn, wanted
        self.result: object = None
        self.start()
        _until_blocked(store)

    def run(self) -> None:
        self.result = self._store.run(self._fn, self._wanted)

    def answer(self) -> object:
        """What it found in the end."""
        self.join()
        return self.result


def _until_blocked(store: SqlStore) -> None:
    blocked = text("SELECT count(*) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0")
    give_up = time.monotonic() + 20
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(blocked).scalar_one():
            assert time.monotonic() < give_up, "nobody waits for a lock"


class TestWhatIsLocked:
    @pytest.mark.parametrize("way", WAYS)
    def test_every_way_takes_all_chats_of_the_buyer(self, store: SqlStore, way: str) -> None:
        """Whatever a transaction starts from, it takes the same lock: all chats of the buyer, and no others."""
        with beside(store) as (tx, _):
            tx.load(WAYS[way])
            assert {"s/manual/b2"} == free_chats(store)
        assert 3 == len(free_chats(store))

    def test_who_the_buyer_was_is_locked_too(self, store: SqlStore) -> None:
        """A source that calls the buyer of an order otherwise today does not slip past his lock."""
        with beside(store) as (tx, _):
            tx.load(Wanted(buyers=(("s", "b**1"),), orders=(("s", "o1"),)))
            assert {"s/manual/b2"} == free_chats(store)

    def test_the_buyer_of_an_order_that_a_chat_has_to_prove_is_locked(self, store: SqlStore) -> None:
        """A stranger's next message may tie his chat to it; the order and its threads are read."""
        keep(store, a_chat("x", "telegram", asked_order="o1"))
        with beside(store) as (tx, _):
            tx.load(Wanted(chats=("s/telegram/x",)))
            assert {"s/manual/b2"} == free_chats(store)
            assert (an_order(), [a_thread()]) == (tx.get(Order, "s", "o1"), tx.threads_of("s", "b1"))

    def test_nothing_wanted_takes_nothing(self, store: SqlStore) -> None:
        """Work that wants nothing holds up nobody."""
        with beside(store) as (tx, _):
            tx.load(Wanted())
            assert 3 == len(free_chats(store))


class TestReadAfterLock:
    @pytest.mark.parametrize("way", WAYS)
    def test_what_changed_while_waiting_is_known(self, store: SqlStore, way: str) -> None:
        """Whoever had to wait for a chat knows of the opt-out that happened meanwhile."""
        with beside(store) as (_, connection):
            connection.execute(text("SELECT id FROM chats WHERE id = 's/manual/b1' FOR UPDATE"))
            waiting = Waiting(store, lambda tx: tx.buyer("s", "b1"), WAYS[way])
            connection.execute(text("UPDATE buyers SET opted_out_at = 1772424000000000 WHERE id = 'b1'"))
        assert a_buyer(opted_out_at=NOON) == waiting.answer()

    def test_a_task_about_no_buyer_too(self, store: SqlStore) -> None:
        """Who tells of a task while somebody closes it does not open it again."""
        keep(store, of_channel := a_task("t3", "s/manual"))

        def tell(tx: Tx) -> None:
            task = tx.get(Task, "t3")
            if task is not None and task.state is TaskState.OPEN:
                tx.save(replace(task, alerts=1))

        with beside(store) as (_, connection):
            connection.execute(text("UPDATE tasks SET state = 'done' WHERE id = 't3'"))
            waiting = Waiting(store, tell, Wanted(tasks=("t3",)))
        waiting.join()
        assert replace(of_channel, state=TaskState.DONE) == kept(store, of_channel)

    def test_a_chat_that_changed_hands_while_waiting(self, store: SqlStore) -> None:
        """Whoever waited for a chat that is another buyer's by now holds all chats of that buyer too."""
        keep(store, a_chat("x", "telegram"))

        def found(tx: Tx) -> tuple[str, set[str]]:
            chat = tx.get(Chat, "s/telegram/x")
            return chat.buyer if chat else "", free_chats(store)

        with beside(store) as (_, connection):
            connection.execute(text("SELECT id FROM chats WHERE id = 's/telegram/x' FOR UPDATE"))
            waiting = Waiting(store, found, Wanted(chats=("s/telegram/x",)))
            connection.execute(text("UPDATE chats SET buyer = 'b1' WHERE id = 's/telegram/x'"))
        assert ("b1", {"s/manual/b2"}) == waiting.answer()

    def test_a_firing_reminder_too(self, store: SqlStore) -> None:
        """A claim reads the buyer only after his chat is its own."""
        statements: list[str] = []
        from sqlalchemy import event

        event.listen(store.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        store.run(lambda tx: tx.claim_due(NOON, 1))
        locking = [n for n, sql in enumerate(statements) if "FOR UPDATE" in sql]
        reading = [n for n, sql in enumerate(statements) if "buyers" in sql and "FOR UPDATE" not in sql]
        assert locking
        assert max(locking) < min(reading)


class TestClaiming:
    @pytest.mark.parametrize("statement", [locks._DUE_OF_SHOP, locks._DUE_OF_ALL], ids=["shop", "all"])
    def test_looks_at_no_more_than_it_takes(self, store: SqlStore, statement: TextClause) -> None:
        """However much is due, and whatever the planner makes of it, chats are looked up one after another."""
        with store.engine.connect() as connection:
            connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
            given = {"now": 1, "limit": 1, "shop": "s"}
            plan = "\n".join(line for (line,) in connection.execute(text(f"EXPLAIN {statement.text}"), given))
        assert "Nested Loop" in plan, plan
        assert not re.search("(Hash|Merge) Join", plan), plan


class TestMarking:
    def test_waits_for_the_cancellation(self, store: SqlStore) -> None:
        """A message that is being cancelled is not marked as sending behind the back of who cancels it."""
        with beside(store) as (tx, _):
            tx.load(WAYS["buyers"])
            assert [a_message()] == tx.unsent(a_message().thread)
            waiting = Waiting(store, lambda tx: mark_sending(sql(tx), [a_message()], NOON), NOTHING)
            tx.save(a_message(state=OutgoingState.CANCELLED))
            tx.flush()
        assert [] == waiting.answer()
        assert a_message(state=OutgoingState.CANCELLED) == kept(store, a_message())

    def test_the_cancellation_waits_for_it(self, store: SqlStore) -> None:
        """A message that is being marked as sending is not called cancelled any more."""
        with beside(store) as (tx, _):
            assert [a_message()] == mark_sending(tx, [a_message()], NOON)
            waiting = Waiting(store, lambda tx: tx.unsent(a_message().thread), WAYS["buyers"])
        assert [] == waiting.answer()


class TestNewcomers:
    ORDER = Wanted(buyers=(("s", "new"),), orders=(("s", "o9"),))

    def test_two_events_of_an_order_nobody_knew(self, store: SqlStore) -> None:
        """Ordered and paid arrive in the same moment: the second waits, and knows of the first."""
        with beside(store) as (tx, _):
            tx.load(self.ORDER)
            waiting = Waiting(store, lambda tx: tx.get(Order, "s", "o9"), self.ORDER)
            tx.save(an_order("o9", "new", status=Status.PAID))
            tx.flush()
        assert an_order("o9", "new", status=Status.PAID) == waiting.answer()

    def test_two_messages_of_a_chat_nobody_knew(self, store: SqlStore) -> None:
        """A buyer's first two messages are handled one after the other."""
        wanted = Wanted(chats=("s/telegram/new",))
        with beside(store) as (tx, _):
            tx.load(wanted)
            waiting = Waiting(store, lambda tx: tx.chats_of("s", "new"), wanted)
            tx.save(a_chat("new", "telegram"))
            tx.flush()
        assert (a_chat("new", "telegram"),) == waiting.answer()

    def test_strangers_do_not_wait_for_each_other(self, store: SqlStore) -> None:
        """Orders of different new buyers come in side by side."""
        with beside(store) as (tx, _):
            tx.load(self.ORDER)
            other = Wanted(buyers=(("s", "newer"),), orders=(("s", "o10"),))
            assert None is store.run(lambda tx: tx.get(Order, "s", "o10"), other)


class TestOrder:
    def test_no_deadlock_whatever_is_wanted_together(self, store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """Transactions that want the same buyers in any order, by any way, known and new, only ever wait."""
        buyers = [f"b{n}" for n in range(12)]
        keep(store, *(item for b in buyers[:8] for item in (a_chat(b), a_chat(b, "aa"), an_order(f"o{b}", b))))
        keep(store, *(a_thread(f"o{b}", b) for b in buyers[:8]), *(a_message(f"m{b}", b) for b in buyers[:8]))
        collisions = count_collisions(store, monkeypatch)
        chance = random.Random(7)
        plans = [[some(buyers, chance) for _ in range(40)] for _ in range(6)]
        workers = [threading.Thread(target=work, args=(store, plan)) for plan in plans]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [] == collisions
        orders = [kept(store, an_order(f"o{b}", b)) for b in buyers]
        assert 240 * 3 == sum(int(order.goods or 0) for order in orders if order)


def some(buyers: list[str], chance: random.Random) -> tuple[list[str], Wanted]:
    """Three buyers, each wanted in some way."""
    chosen = chance.sample(buyers, 3)
    parts = []
    for buyer in chosen:
        ways = [
            Wanted(buyers=(("s", buyer),), orders=(("s", f"o{buyer}"),)),
            Wanted(chats=(f"s/manual/{buyer}",), buyers=(("s", buyer),), orders=(("s", f"o{buyer}"),)),
            Wanted(threads=(f"s/o{buyer}/unpaid_order",), buyers=(("s", buyer),), orders=(("s", f"o{buyer}"),)),
            Wanted(outgoing=(f"m{buyer}",), buyers=(("s", buyer),), orders=(("s", f"o{buyer}"),)),
        ]
        parts.append(chance.choice(ways))
    return chosen, Wanted.all_of(parts)


def work(store: SqlStore, plan: list[tuple[list[str], Wanted]]) -> None:
    """Count up the orders of each plan's buyers, one transaction after the other."""
    for buyers, wanted in plan:

        def add(tx: Tx, buyers: list[str] = buyers) -> None:
            for buyer in buyers:
                order = tx.get(Order, "s", f"o{buyer}") or an_order(f"o{buyer}", buyer)
                tx.save(an_order(f"o{buyer}", buyer, goods=str(int(order.goods or 0) + 1)))

        store.run(add, wanted)


def count_collisions(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A list of all collisions from now on."""
    seen: list[BaseException] = []
    is_collision = store.dialect.is_collision

    def counting(error: BaseException) -> bool:
        collided = is_collision(error)
        if collided:
            seen.append(error)
        return collided

    monkeypatch.setattr(store.dialect, "is_collision", counting)
    return seen
