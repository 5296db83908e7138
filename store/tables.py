"""Which table keeps which dataclass, and what happens when its key is there already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Table

from followup.model import (
    Buyer,
    Chat,
    Inbound,
    Order,
    Outgoing,
    Refund,
    Reminder,
    Review,
    Task,
    Thread,
)
from store import schema
from store.codec import Codec

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Kept:
    """A dataclass, its table, the names of its key, and whether a new one must give way to one that exists."""

    table: Table
    codec: Codec[Any]
    key_names: tuple[str, ...]
    key: Callable[[Any], Key]
    first_wins: bool = False


def _kept(cls: type, table: Table, *key_names: str, first_wins: bool = False) -> tuple[type, Kept]:
    return cls, Kept(table, Codec(cls), key_names, _key(*key_names), first_wins)


def _key(*names: str) -> Callable[[Any], Key]:
    if len(names) > 1:
        return attrgetter(*names)
    only = attrgetter(*names)
    return lambda item: (only(item),)


KEPT: dict[type, Kept] = dict(
    (
        _kept(Order, schema.orders, "shop", "id"),
        _kept(Refund, schema.refunds, "shop", "id"),
        _kept(Review, schema.reviews, "shop", "id"),
        _kept(Buyer, schema.buyers, "shop", "id"),
        _kept(Chat, schema.chats, "id"),
        _kept(Thread, schema.threads, "id"),
        _kept(Reminder, schema.reminders, "id", first_wins=True),
        _kept(Outgoing, schema.outbox, "id", first_wins=True),
        _kept(Task, schema.tasks, "id", first_wins=True),
        _kept(Inbound, schema.inbox, "source", "external_id", first_wins=True),
    )
)
