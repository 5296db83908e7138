"""Rows with sensible values; each maker takes what a test cares about and fills in the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Engine, func, select

from followup.model import (
    Buyer,
    Chat,
    Instant,
    Money,
    Order,
    Outgoing,
    OutgoingState,
    Refund,
    RefundStatus,
    Reminder,
    Role,
    State,
    Status,
    Task,
    Thread,
)
from store.store import SqlStore, Store
from store.tables import KEPT
from store.tx import Tx
from store.wanted import Wanted

T = TypeVar("T")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHARED = Wanted()


def an_order(id_: str = "o1", buyer: str = "b1", **more: Any) -> Order:
    """An unpaid order."""
    return replace(Order("s", id_, buyer, Status.UNPAID, Money(Decimal("37.00")), NOON, NOON), **more)


def a_refund(id_: str = "r1", order: str = "o1", **more: Any) -> Refund:
    """A refund that was asked for."""
    return replace(Refund("s", id_, order, RefundStatus.REQUESTED, Money(Decimal("37.00")), NOON, NOON), **more)


def a_buyer(id_: str = "b1", **more: Any) -> Buyer:
    return replace(Buyer("s", id_), **more)


def a_chat(buyer: str = "b1", channel: str = "manual", **more: Any) -> Chat:
    """The chat of a buyer on a channel."""
    return replace(Chat(f"s/{channel}/{buyer}", "s", buyer, channel, buyer), **more)


def a_thread(order: str = "o1", buyer: str = "b1", kind: str = "unpaid_order", **more: Any) -> Thread:
    """An open thread."""
    thread = Thread(f"s/{order}/{kind}", "s", order, kind, buyer, f"s/manual/{buyer}", State.OPEN, NOON, NOON)
    return replace(thread, **more)


def a_reminder(
    order: str = "o1", buyer: str = "b1", step: str = "unpaid.help", due: Instant = NOON, **more: Any
) -> Reminder:
    """A pending reminder of an unpaid order."""
    thread = f"s/{order}/unpaid_order"
    return replace(Reminder(f"{thread}/{step}", thread, "s", buyer, step, due), **more)


def a_message(id_: str = "m1", buyer: str = "b1", **more: Any) -> Outgoing:
    """A nudge that is due."""
    message = Outgoing(
        id=id_,
        shop="s",
        buyer=buyer,
        chat=f"s/manual/{buyer}",
        channel="manual",
        address=buyer,
        thread="s/o1/unpaid_order",
        step="unpaid.help",
        role=Role.NUDGE,
        lang="en",
        text="Hello",
        state=OutgoingState.DUE,
        created_at=NOON,
        due_at=NOON,
    )
    return replace(message, **more)


def a_task(id_: str = "t1", thread: str = "s/o1/unpaid_order", **more: Any) -> Task:
    """An open task."""
    return replace(Task(id_, "s", thread, "buyer_message", "Look at this", NOON), **more)


def keep(store: Store, *items: object) -> None:
    """Have items written, in one transaction."""

    def save(tx: Tx) -> None:
        for item in items:
            tx.save(item)

    store.run(save)


def kept(store: Store, item: T) -> T | None:
    """What is stored under the key of `item`: the row itself where there is a database."""
    cls = type(item)
    if not isinstance(store, SqlStore):
        return store.run(lambda tx: tx.get(cls, *KEPT[cls].key(item)))
    return row_of(store.engine, item)


def row_of(engine: Engine, item: T) -> T | None:
    """The row under the key of `item`."""
    how = KEPT[type(item)]
    where = [how.table.c[name] == value for name, value in zip(how.key_names, how.key(item), strict=True)]
    with engine.connect() as connection:
        row = connection.execute(select(how.table).where(*where)).first()
    return None if row is None else how.codec.decode(row)


def count(store: SqlStore, cls: type) -> int:
    """How many rows there are."""
    with store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(KEPT[cls].table)).scalar_one()
