"""Locks on PostgreSQL, taken before anything is read: the chats of every buyer concerned, in one order.

Locking and reading are two statements, because a statement that had to wait for a lock still reads what was there
before it waited. SQLite needs none of this: its one writer has everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, text

from store.wanted import Pair, Wanted

_NEWCOMERS = text(
    "SELECT pg_advisory_xact_lock(key) FROM ("
    " SELECT hashtextextended(asked.shop || '/' || asked.buyer, 0) AS key"
    " FROM unnest(CAST(:shops AS text[]), CAST(:buyers AS text[])) AS asked (shop, buyer)"
    " WHERE NOT EXISTS (SELECT 1 FROM chats WHERE chats.shop = asked.shop AND chats.buyer = asked.buyer)"
    " UNION SELECT hashtextextended(asked.id, 0) FROM unnest(CAST(:chats AS text[])) AS asked (id)"
    " WHERE NOT EXISTS (SELECT 1 FROM chats WHERE chats.id = asked.id)"
    " ORDER BY key) AS newcomers"
)
_CONCERNED = text(
    "SELECT id FROM chats WHERE (shop, buyer) IN ("
    " SELECT * FROM unnest(CAST(:shops AS text[]), CAST(:buyers AS text[]))"
    " UNION SELECT orders.shop, orders.buyer FROM orders"
    "  JOIN unnest(CAST(:order_shops AS text[]), CAST(:orders AS text[])) AS named (shop, id)"
    "  ON orders.shop = named.shop AND orders.id = named.id"
    " UNION SELECT shop, buyer FROM chats WHERE id = ANY(:chats)"
    " UNION SELECT shop, buyer FROM threads WHERE id = ANY(:threads)"
    " UNION SELECT shop, buyer FROM outbox WHERE id = ANY(:outgoing)"
    " UNION SELECT threads.shop, threads.buyer FROM tasks JOIN threads ON threads.id = tasks.thread"
    "  WHERE tasks.id = ANY(:tasks)"
    " UNION SELECT outbox.shop, outbox.buyer FROM tasks JOIN outbox ON outbox.id = tasks.outgoing"
    "  WHERE tasks.id = ANY(:tasks)"
    ") ORDER BY id FOR UPDATE"
)
_CHATS = text("SELECT id FROM chats WHERE id = ANY(:chats) ORDER BY id FOR UPDATE")
_DUE = text(
    "SELECT reminders.shop, reminders.buyer FROM reminders"
    " JOIN chats ON chats.shop = reminders.shop AND chats.buyer = reminders.buyer"
    " WHERE reminders.state = 'pending' AND reminders.due_at <= :now"
    " ORDER BY reminders.due_at LIMIT :limit FOR UPDATE OF chats SKIP LOCKED"
)
_FREE = text(
    "SELECT id FROM chats WHERE (shop, buyer) IN ("
    " SELECT * FROM unnest(CAST(:shops AS text[]), CAST(:buyers AS text[]))) FOR UPDATE SKIP LOCKED"
)


def lock(connection: Connection, wanted: Wanted) -> None:
    """Wait for everybody who is at work for the same buyers. Those without a chat yet queue up by their names."""
    values = {**_columns("shops", "buyers", wanted.buyers), **_columns("order_shops", "orders", wanted.orders)}
    for name in ("chats", "threads", "outgoing", "tasks"):
        values[name] = list(getattr(wanted, name))
    if wanted.buyers or wanted.chats:
        connection.execute(_NEWCOMERS, values)
    if any(values.values()):
        connection.execute(_CONCERNED, values)


def lock_chats(connection: Connection, chats: Iterable[str]) -> None:
    """Wait for the chats themselves."""
    connection.execute(_CHATS, {"chats": list(set(chats))})


def claim_buyers(connection: Connection, now: int, limit: int) -> tuple[list[Pair], set[str]]:
    """The buyers of the first due reminders that nobody else is at, and those of their chats that are ours now.

    `now` in microseconds. A buyer of whom one chat is missing is somebody else's after all.
    """
    due = connection.execute(_DUE, {"now": now, "limit": limit})
    buyers = [(shop, buyer) for shop, buyer in dict.fromkeys(map(tuple, due))]
    if not buyers:
        return [], set()
    return buyers, set(connection.execute(_FREE, _columns("shops", "buyers", buyers)).scalars())


def _columns(first: str, second: str, pairs: Iterable[Pair]) -> dict[str, Any]:
    pairs = list(pairs)
    return {first: [one for one, _ in pairs], second: [other for _, other in pairs]}
