"""A reminder fires in the very moment in which the buyer pays, three hundred times, on PostgreSQL."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from followup.events import DeliveryResult, OrderChanged, Outcome
from followup.model import Instant, Money, Order, Outgoing, Status
from followup.policy import Policy
from followup.understood import Intent, Understood
from handlers.deps import Deps
from handlers.order_changed import order_changed, wanted
from handlers.reminder_due import fire_due
from scripts_library.library import Library
from store import outbox_rows
from store.audit import audit
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted

TIMES = 300
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # in Shanghai
HELP = timedelta(minutes=15)
DEPS = Deps(Library.load(), {"s": Policy("s")}, lambda *_: Understood(Intent.OTHER), {"s": "manual"})


@dataclass
class Shop:
    """Two programs at work on one database, and how often they got into each other's way."""

    one: SqlStore
    other: SqlStore
    collisions: list[BaseException] = field(default_factory=list)

    def ordered(self, count: int, apart: timedelta) -> None:
        """So many orders come in, each of its own buyer."""
        events = [OrderChanged(an_order(n, NOON + n * apart)) for n in range(count)]

        def take(tx: Tx) -> None:
            for event in events:
                order_changed(event, tx, DEPS, event.order.created_at)

        self.one.run(take, Wanted.all_of(map(wanted, events)))

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What a query finds."""
        with self.one.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]


@pytest.fixture
def shop(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    shop = Shop(SqlStore(postgres_url), SqlStore(postgres_url))
    for store in (shop.one, shop.other):
        monkeypatch.setattr(store.dialect, "is_collision", counting(store.dialect.is_collision, shop.collisions))
    yield shop
    shop.one.close()
    shop.other.close()


def counting(
    is_collision: Callable[[BaseException], bool], seen: list[BaseException]
) -> Callable[[BaseException], bool]:
    def count(error: BaseException) -> bool:
        if is_collision(error):
            seen.append(error)
        return is_collision(error)

    return count


def an_order(n: int, at: Instant) -> Order:
    return Order("s", f"o{n}", f"b{n}", Status.UNPAID, Money(Decimal("37.00")), at, at, goods="scarf")


def pay(store: SqlStore, n: int, now: Instant, apart: timedelta) -> None:
    """The source tells that an order was paid."""
    event = OrderChanged(replace(an_order(n, NOON + n * apart), status=Status.PAID, paid_at=now, observed_at=now))
    store.run(lambda tx: order_changed(event, tx, DEPS, now), wanted(event))


def fire(store: SqlStore, now: Instant, limit: int = 100) -> int:
    """Fire what is due."""
    return store.run(lambda tx: fire_due(tx, DEPS, now, limit))


def mark(store: SqlStore, now: Instant) -> tuple[list[str], float]:
    """Claim what waits in the outbox and mark it as sending; returns the ids, and when the marking began."""
    claimed = store.run(lambda tx: outbox_rows.claim(sql(tx), "manual", now, now + HELP, 100))
    begun = time.perf_counter()
    marked: list[Outgoing] = store.run(lambda tx: outbox_rows.mark_sending(sql(tx), claimed, now))
    return [message.id for message in marked], begun


def accept(store: SqlStore, ids: list[str], now: Instant) -> None:
    """The channel took the messages."""
    results = [DeliveryResult(id_, Outcome.ACCEPTED, now) for id_ in ids]
    store.run(lambda tx: outbox_rows.record_accepted(sql(tx), results))


def sql(tx: Tx) -> SqlTx:
    assert isinstance(tx, SqlTx)
    return tx


class Race:
    """Two runners who start together; whoever won gets a later start the next time, so that it stays close."""

    def __init__(self) -> None:
        self._start = threading.Barrier(2)
        self._never = threading.Event()
        self._head_start = 0

    def run(self, pool: ThreadPoolExecutor, one: Callable[[], object], other: Callable[[], object]) -> list[object]:
        """What both return."""
        runners = [pool.submit(self._run, one, self._head_start), pool.submit(self._run, other, -self._head_start)]
        return [runner.result() for runner in runners]

    def first_won(self, won: bool) -> None:
        """Tell who it was."""
        self._head_start += 1 if won else -1

    def _run(self, runner: Callable[[], object], handicap: int) -> object:
        self._start.wait()
        self._never.wait(max(0, handicap) * 0.0005)
        return runner()


class TestFiresAgainstPaid:
    def test_three_hundred_times(self, shop: Shop) -> None:
        """No deadlock, nothing marked as sending after the cancellation, every thread settled, the ledger proven."""
        apart = timedelta(minutes=1)
        shop.ordered(TIMES, apart)
        firing, marking, ends = Race(), Race(), Counter[str]()
        with ThreadPoolExecutor(2) as pool:
            for n in range(TIMES):
                now = NOON + n * apart + HELP

                def remind(now: Instant = now) -> tuple[list[str], float]:
                    fire(shop.one, now)
                    return mark(shop.one, now)

                def settle(n: int = n, now: Instant = now) -> float:
                    pay(shop.other, n, now, apart)
                    return time.perf_counter()

                race = marking if n % 2 else firing
                (marked, begun), paid = race.run(pool, remind, settle)  # type: ignore[misc]
                assert not (marked and begun > paid)
                accept(shop.one, marked, now)
                said = shop.rows(f"SELECT state FROM outbox WHERE id = 's/o{n}/unpaid_order/unpaid.help'")
                race.first_won(bool(marked if n % 2 else said))
                ends["sent" if marked else "taken back" if said else "not said"] += 1
        assert [] == shop.collisions
        assert TIMES == ends.total()
        assert min(ends["sent"], ends["taken back"], ends["not said"]) > TIMES // 20
        self.check_ledger(shop, ends["sent"])

    async def test_many_at_once(self, shop: Shop) -> None:
        """Thirty payments that share commits against a worker who fires thirty reminders, ten times."""
        wave, waves, marked = 30, 10, list[str]()
        shop.ordered(wave * waves, timedelta())
        for first in range(0, wave * waves, wave):
            events = [
                OrderChanged(replace(an_order(n, NOON), status=Status.PAID, paid_at=NOON, observed_at=NOON + HELP))
                for n in range(first, first + wave)
            ]

            def remind() -> list[str]:
                fire(shop.one, NOON + HELP, wave)
                return mark(shop.one, NOON + HELP)[0]

            reminding = asyncio.ensure_future(asyncio.to_thread(remind))
            settling = [
                shop.other.transact(lambda tx, e=event: order_changed(e, tx, DEPS, NOON + HELP), wanted(event))
                for event in events
            ]
            await asyncio.gather(*settling)
            marked += await reminding
        accept(shop.one, marked, NOON + HELP)
        assert [] == shop.collisions
        assert len(set(marked)) == len(marked)
        self.check_ledger(shop, len(marked))

    def check_ledger(self, shop: Shop, sent: int) -> None:
        """What must be true when everybody has paid."""
        assert [("settled", "paid", TIMES)] == shop.rows("SELECT state, outcome, count(*) FROM threads GROUP BY 1, 2")
        assert [] == shop.rows("SELECT id FROM reminders WHERE state = 'pending'")
        assert {"sent", "cancelled"} >= {state for (state,) in shop.rows("SELECT DISTINCT state FROM outbox")}
        assert [] == shop.rows("SELECT id FROM outbox WHERE (history = '') <> (state = 'cancelled')")
        with shop.one.engine.connect() as connection:
            proof = audit(connection)
        assert (True, sent, []) == (proof.ok, proof.sent, proof.findings)


class TestTwoWorkers:
    def test_nothing_fires_twice(self, shop: Shop) -> None:
        """Two workers fire and send the same three hundred reminders: each is decided once and sent once."""
        shop.ordered(TIMES, timedelta())
        now = NOON + HELP

        def work(store: SqlStore) -> list[str]:
            sent: list[str] = []
            while shop.rows("SELECT 1 FROM reminders WHERE state = 'pending' AND step = 'unpaid.help' LIMIT 1"):
                fire(store, now, 7)
                sent += mark(store, now)[0]
            return [*sent, *mark(store, now)[0]]

        with ThreadPoolExecutor(2) as pool:
            one, other = pool.map(work, (shop.one, shop.other))
        assert [] == shop.collisions
        assert {f"s/o{n}/unpaid_order/unpaid.help": 1 for n in range(TIMES)} == Counter([*one, *other])
        assert min(len(one), len(other)) > TIMES // 10
        assert [] == shop.rows("SELECT reminder FROM decisions GROUP BY 1 HAVING count(*) > 1")
        accept(shop.one, [*one, *other], now)
        with shop.one.engine.connect() as connection:
            assert TIMES == audit(connection).sent
