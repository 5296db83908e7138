"""A small shop with a scripted channel, for tests of the scheduler."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from followup.events import DeliveryResult, OrderChanged, Outcome, chat_id
from followup.model import (
    Chat,
    Decided,
    Instant,
    Money,
    Order,
    Outgoing,
    OutgoingState,
    Reminder,
    Role,
    Status,
    Task,
)
from followup.policy import Policy
from followup.ports import Capabilities
from followup.understood import Intent, Understood
from handlers.deps import Deps
from handlers.order_changed import order_changed, wanted
from scheduler.clock import FakeClock
from scheduler.outbox import Outbox
from scripts_library.library import Library
from store import schema, views
from store.store import SqlStore
from store.tables import KEPT
from store.wanted import Wanted

T = TypeVar("T")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Answer = Callable[[Outgoing], Awaitable[DeliveryResult]]
on_both = pytest.mark.parametrize("shop", ["sqlite", "postgres"], indirect=True)


@dataclass
class ScriptedChannel:
    """Answers as it is told, message by message, and else accepts; remembers what it was given and how many at once."""

    clock: FakeClock
    name: str = "manual"
    capabilities: Capabilities = field(default_factory=Capabilities)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def send(self, message: Outgoing) -> DeliveryResult:
        self.calls.append(message.id)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(0)
        self.in_flight -= 1
        script = self.answers.get(message.id, [])
        answer = script.pop(0) if script else Outcome.ACCEPTED
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = await answer(message)
        if isinstance(answer, DeliveryResult):
            return answer
        return DeliveryResult(message.id, answer, self.clock.now())

    def retry(self, id_: str, at: Instant) -> None:
        """Ask for another attempt of a message at that time."""
        self.answers.setdefault(id_, []).append(DeliveryResult(id_, Outcome.RETRY, self.clock.now(), retry_at=at))


class Shop:
    """Shop `s` on its own database."""

    def __init__(self, url: str, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock(NOON)
        self.store = SqlStore(url)
        self.channel = ScriptedChannel(self.clock)
        self.deps = Deps(Library.load(), {"s": Policy("s")}, lambda *_: Understood(Intent.OTHER), {"s": "manual"})
        self.outbox = self.an_outbox()

    def an_outbox(self, **options: Any) -> Outbox:
        """A fresh outbox, as after a restart."""
        return Outbox(self.channel, self.store, self.deps, self.clock, **options)

    def idempotent(self) -> None:
        """From now on the channel refuses repeats."""
        self.channel.capabilities = Capabilities(idempotent=True)
        self.deps = replace(self.deps, capabilities={"manual": self.channel.capabilities})
        self.outbox = self.an_outbox()

    def limited_to(self, per_second: float) -> None:
        """From now on the channel takes so many messages a second."""
        self.channel.capabilities = Capabilities(per_second=per_second)
        self.outbox = self.an_outbox()

    def learn(self, *orders: Order) -> None:
        """The source tells about orders."""
        events = [OrderChanged(order) for order in orders]

        def take(tx: Any) -> None:
            for event in events:
                order_changed(event, tx, self.deps, self.clock.now())

        self.store.run(take, Wanted.all_of(map(wanted, events)))

    def waiting(self, id_: str, chat: str = "b1", thread: str = "", **more: Any) -> Outgoing:
        """Put a message into the outbox."""
        now = self.clock.now()
        message = Outgoing(
            id=id_,
            shop="s",
            buyer=chat,
            chat=chat_id("s", "manual", chat),
            channel="manual",
            address=chat,
            thread=thread,
            step="unpaid.help",
            role=Role.NUDGE,
            lang="en",
            text="Hello",
            state=OutgoingState.DUE,
            created_at=now,
            due_at=now,
        )
        message = replace(message, **more)

        def put(tx: Any) -> None:
            tx.save(Chat(message.chat, "s", chat, "manual", chat))
            tx.save(message)

        self.store.run(put, Wanted(chats=(message.chat,)))
        return message

    def message(self, id_: str) -> Outgoing:
        """A message as it is stored."""
        return self._one(Outgoing, schema.outbox, id_)

    def reminder(self, id_: str) -> Reminder:
        """A planned touch as it is stored."""
        return self._one(Reminder, schema.reminders, id_)

    def states(self) -> dict[str, str]:
        """The state of every message."""
        with self.store.engine.connect() as connection:
            rows = connection.execute(select(schema.outbox.c.id, schema.outbox.c.state))
            return dict(map(tuple, rows))

    def tasks(self) -> list[Task]:
        """The open tasks."""
        with self.store.engine.connect() as connection:
            return views.open_tasks(connection)

    def decided(self, id_: str) -> list[Decided]:
        """The decisions about a planned touch, in the order of time."""
        of = schema.decisions.c
        with self.store.engine.connect() as connection:
            statement = select(schema.decisions).where(of.reminder == id_).order_by(of.seq)
            return views.decisions(connection, statement)

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables."""
        with self.store.engine.connect() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in schema.metadata.sorted_tables
            }

    def _one(self, cls: type[T], table: Any, id_: str) -> T:
        with self.store.engine.connect() as connection:
            found: T = KEPT[cls].codec.decode(connection.execute(select(table).where(table.c.id == id_)).one())
        return found


def an_order(number: int, at: Instant = NOON, **more: Any) -> Order:
    """An unpaid order of its own buyer."""
    order = Order("s", f"o{number}", f"b{number}", Status.UNPAID, Money(Decimal("37.00")), at, at, goods="wool scarf")
    return replace(order, **more)


def help_of(number: int) -> str:
    """The id of the first reminder of an unpaid order, and of its message."""
    return f"s/o{number}/unpaid_order/unpaid.help"
