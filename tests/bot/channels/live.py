"""The whole bot, with one channel to a service, on a database in a folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import select, text

from bot.app import App, bootstrap
from bot.config import Config, Database, Evidence, Http, Orders
from bot.config_shop import QuietHoursOptions, ShiftOptions, Shop
from followup.events import OrderChanged, chat_id
from followup.model import (
    ChannelState,
    Chat,
    Inbound,
    Instant,
    Money,
    Order,
    Outgoing,
    Raw,
    Reminder,
    Role,
    Status,
    Task,
    Thread,
)
from followup.ports import Clock, Receiver, Scripts
from handlers.order_changed import order_changed, wanted
from scheduler.clock import SystemClock
from store import schema
from store.tables import KEPT

PATIENCE = 90.0
ALL_DAY = QuietHoursOptions(opens="00:00", closes="23:59:59")  # type: ignore[arg-type]
ALL_SHIFTS = {"all": ShiftOptions(opens="00:00", closes="00:00")}  # type: ignore[arg-type]


async def until(true: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    """Wait until something is true; a test whose hope never comes true fails here."""
    last = time.monotonic() + seconds
    while True:
        found = true()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() < last, f"not within {seconds} s"
        await asyncio.sleep(0.02)


def an_order(at: Instant, number: int = 1, **more: Any) -> Order:
    """An unpaid order of shop `tea`."""
    price = Money(Decimal("37.00"))
    order = Order("tea", f"90{number:06}", f"b{number}", Status.UNPAID, price, at, at, goods="wool scarf")
    return replace(order, **more)


class Live:
    """Shop `tea`, which speaks at all hours through `receiver` only.

    Time is the machine's unless a clock is given.
    """

    def __init__(
        self, folder: Path, receiver: Receiver, clock: Clock | None = None, scripts: Scripts | None = None
    ) -> None:
        self.receiver, self.clock = receiver, clock or SystemClock()
        folder.mkdir(exist_ok=True)
        shop = Shop(platform="independent", channel=receiver.name, lang="en", quiet_hours=ALL_DAY, shifts=ALL_SHIFTS)
        self.config = Config(
            database=Database(url=f"sqlite:///{folder}/shop.db"),
            orders=Orders(folder=folder / "orders"),
            evidence=Evidence(folder=folder / "evidence"),
            http=Http(port=0),
            shops={"tea": shop},
        )
        self._scripts = scripts
        self.app: App

    def wire(self) -> Self:
        """Everything is there, and nothing runs."""
        self.app = bootstrap(self.config, clock=self.clock, channels=[self.receiver], scripts=self._scripts)
        return self

    async def start(self) -> Self:
        """Everything runs."""
        await self.wire().app.engine.start()
        return self

    async def stop(self) -> None:
        """It ends as `huifang run` does at SIGTERM."""
        await self.app.engine.stop()
        self.app.close()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None):  # type: ignore[no-untyped-def]
        await self.stop()

    def learn(self, address: str, number: int = 1) -> None:
        """Whoever writes from `address` has not paid for an order of half an hour ago."""
        now = self.clock.now()
        chat = self.chat(address)
        assert chat, "somebody who has not written is nobody yet"
        order = an_order(now - timedelta(minutes=30), number, buyer=chat.buyer, observed_at=now)
        event = OrderChanged(order)
        self.app.store.run(lambda tx: order_changed(event, tx, self.app.deps, now), wanted(event))

    def rows(self, cls: type, table: Any) -> list[Any]:
        """All rows of a table, oldest first."""
        order = table.c.seq if "seq" in table.c else next(iter(table.primary_key))
        with self.app.store.engine.connect() as connection:
            return [KEPT[cls].codec.decode(row) for row in connection.execute(select(table).order_by(order))]

    def said_by(self, address: str) -> list[str]:
        """The texts of a buyer, in the order in which they were handled."""
        chat = chat_id("tea", self.receiver.name, address)
        texts = select(schema.inbox.c.text).where(schema.inbox.c.chat == chat).order_by(text("rowid"))
        with self.app.store.engine.connect() as connection:
            return list(connection.execute(texts).scalars())

    def said(self) -> int:
        """How many messages of buyers were handled."""
        return len(self.rows(Inbound, schema.inbox))

    def raws(self) -> list[Raw]:
        """Every event as it was delivered."""
        return self.rows(Raw, schema.raw_events)

    def reminders(self) -> list[Reminder]:
        """All planned touches."""
        return self.rows(Reminder, schema.reminders)

    def thread(self) -> Thread:
        """The only thread there is."""
        (thread,) = self.rows(Thread, schema.threads)
        return thread

    def nudges(self) -> list[Outgoing]:
        """Our own words, whatever became of them."""
        return [row for row in self.rows(Outgoing, schema.outbox) if row.role is Role.NUDGE]

    def outgoing(self) -> list[Outgoing]:
        """All our messages."""
        return self.rows(Outgoing, schema.outbox)

    def chat(self, address: str) -> Chat | None:
        """The chat with that address."""
        id_ = chat_id("tea", self.receiver.name, address)
        return next((row for row in self.rows(Chat, schema.chats) if row.id == id_), None)

    def tasks(self) -> list[Task]:
        """What agents were asked to do."""
        return self.rows(Task, schema.tasks)

    def forget_health(self) -> None:
        """As if the channel had never stood in any way, so that its next word can be waited for."""
        with self.app.store.engine.begin() as connection:
            connection.execute(schema.channel_states.delete())

    def health(self) -> str:
        """How the channel stands."""
        return next((state.health.value for state in self.rows(ChannelState, schema.channel_states)), "")
