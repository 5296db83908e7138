"""Huifang in one process on SQLite: orders nobody has paid, and the embedded engine that reminds of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol

import structlog

from bench.peers.contract import Ready, Told
from bot.garbage import no_garbage_collection
from followup.events import DeliveryResult, OrderChanged, Outcome
from followup.model import Instant, Money, Order, Outgoing, Status
from followup.policy import Policy, QuietHours
from followup.ports import Capabilities, Clock
from handlers.deps import Deps
from handlers.order_changed import order_changed, wanted
from handlers.understand import understand
from scheduler.clock import SystemClock
from scheduler.embedded import Embedded
from scheduler.outbox import Outbox
from scripts_library.library import Library
from store.migrate import upgrade
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted

ANY_TIME = QuietHours(time.min, time.max)  # still checked for every reminder, but benches run at night too
HELP_AFTER = timedelta(minutes=15)


class Engine(Protocol):
    """What runs it: the embedded engine, or that of many workers."""

    async def start(self) -> None: ...


class ToldChannel:
    """A channel that tells the receiver, and then gives the loop a turn, as a network would."""

    name = "manual"
    capabilities = Capabilities(anywhere=True)

    def __init__(self, told: Told, clock: Clock) -> None:
        self._told, self._clock = told, clock

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Told."""
        self._told(message.id)
        await asyncio.sleep(0)
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now())


def a_deps() -> Deps:
    """The handlers' needs, for a shop that may write at any hour."""
    return Deps(Library.load(), {"s": Policy("s", quiet=ANY_TIME)}, understand, {"s": "manual"})


def an_order(number: str, created: Instant) -> OrderChanged:
    """An unpaid order of its own buyer."""
    total = Money(Decimal("37.00"))
    return OrderChanged(
        Order(
            "s", f"o{number}", f"b{number}", Status.UNPAID, total, created, created, goods="羊毛围巾", buyer_name="王芳"
        )
    )


class Huifang:
    batch = 500

    def __init__(self, where: str) -> None:
        self.url = where if "://" in where else f"sqlite:///{where}/huifang.db"
        self._store: SqlStore | None = None
        self._deps: Deps | None = None

    def prepare(self) -> None:
        upgrade(self.url)

    def schedule(self, reminders: Sequence[str], due: float) -> None:
        self._store, deps = self._store or SqlStore(self.url), self._deps or a_deps()
        self._deps = deps
        created = datetime.fromtimestamp(due, UTC) - HELP_AFTER
        events = [an_order(reminder, created) for reminder in reminders]

        def take(tx: Tx) -> None:
            for event in events:
                order_changed(event, tx, deps, created)

        self._store.run(take, Wanted.all_of(map(wanted, events)))

    def run(self, told: Told, ready: Ready) -> None:
        asyncio.run(self._run(told, ready))

    async def _run(self, told: Told, ready: Ready) -> None:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
        with no_garbage_collection():
            store, deps, clock = SqlStore(self.url), a_deps(), SystemClock()
        outbox = Outbox(ToldChannel(told, clock), store, deps, clock)
        await self._engine(store, deps, clock, [outbox]).start()
        ready()
        await asyncio.Event().wait()

    def _engine(self, store: SqlStore, deps: Deps, clock: Clock, outboxes: Sequence[Outbox]) -> Engine:
        return Embedded(store, deps, clock, outboxes)

    def listed(self) -> list[str]:
        """What is unsure: each has a task for a person."""
        from sqlalchemy import text

        store = SqlStore(self.url)
        with store.engine.connect() as connection:
            rows = connection.execute(text("SELECT id FROM outbox WHERE state = 'unsure'")).scalars().all()
        store.close()
        return list(rows)
