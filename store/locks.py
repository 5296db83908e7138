"""Locks on PostgreSQL, taken before anything is read: the chats of every buyer concerned, in one order.

Locking and reading are two statements, because a statement that had to wait for a lock still reads what was there
before it waited. SQLite needs none of this: its one writer has everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, text

from store.wanted import Pair, Wanted

_ASKED = (
    "WITH named (shop, id) AS (SELECT * FROM unnest(CAST(:order_shops AS text[]), CAST(:orders AS text[]))"
    " UNION SELECT shop, asked_order FROM chats WHERE id = ANY(:chats) AND asked_order <> ''"
    " UNION SELECT shop, order_id FROM links WHERE digest = ANY(:links)),"
    " asked (shop, buyer) AS (SELECT * FROM unnest(CAST(:shops AS text[]), CAST(:buyers AS text[]))"
    " UNION SELECT orders.shop, orders.buyer FROM orders"
    "  JOIN named ON orders.shop = named.shop AND orders.id = named.id)"
)
_NEWCOMERS = (
    " SELECT pg_advisory_xact_lock(key) FROM ("
    " SELECT hashtextextended(asked.shop || '/' || asked.buyer, 0) AS key FROM asked"
    " WHERE NOT EXISTS (SELECT 1 FROM chats WHERE chats.shop = asked.shop AND chats.buyer = asked.buyer)"
    " UNION SELECT hashtextextended(asked.id, 0) FROM unnest(CAST(:chats AS text[])) AS asked (id)"
    " WHERE NOT EXISTS (SELECT 1 FROM chats WHERE chats.id = asked.id)"
    " ORDER BY key) AS newcomers"
)
# By their ids, for a chat that changes hands while this waits is concerned all the same.
_CONCERNED = (
    ", messages AS (SELECT * FROM outbox WHERE id = ANY(:outgoing)"
    " UNION ALL SELECT outbox.* FROM outbox"
    "  JOIN unnest(CAST(:receipt_channels AS text[]), CAST(:receipts AS text[])) AS told (channel, external_id)"
    "  ON outbox.channel = told.channel AND outbox.external_id = told.external_id AND outbox.external_id <> ''"
    " UNION ALL SELECT outbox.* FROM tasks JOIN outbox ON outbox.id = tasks.outgoing WHERE tasks.id = ANY(:tasks)),"
    " owners (shop, buyer) AS (SELECT * FROM asked"
    " UNION SELECT shop, buyer FROM messages"
    " UNION SELECT shop, buyer FROM chats WHERE id = ANY(:chats)"
    " UNION SELECT chats.shop, chats.buyer FROM chats JOIN messages ON chats.id = messages.chat"
    " UNION SELECT shop, buyer FROM threads WHERE id = ANY(:threads)"
    " UNION SELECT threads.shop, threads.buyer FROM threads JOIN messages ON threads.id = messages.thread"
    " UNION SELECT threads.shop, threads.buyer FROM threads JOIN tasks ON threads.id = tasks.thread"
    "  WHERE tasks.id = ANY(:tasks)"
    " UNION SELECT threads.shop, threads.buyer FROM threads"
    "  JOIN named ON threads.shop = named.shop AND threads.order_id = named.id)"
    " SELECT id FROM chats WHERE id IN (SELECT theirs.id FROM chats AS theirs"
    "  WHERE (theirs.shop, theirs.buyer) IN (SELECT * FROM owners)) ORDER BY id FOR UPDATE"
)
_LOCK_NEWCOMERS, _LOCK_CONCERNED = text(_ASKED + _NEWCOMERS), text(_ASKED + _CONCERNED)
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


def lock(connection: Connection, wanted: Wanted) -> set[str]:
    """Wait for everybody who is at work for the same buyers; returns the chats that are ours now.

    Buyers without a chat yet queue up by their names. Who shows a link queues up for the buyer of its order.
    """
    values = {**_columns("shops", "buyers", wanted.buyers), **_columns("order_shops", "orders", wanted.orders)}
    values |= _columns("receipt_channels", "receipts", wanted.receipts)
    for name in ("chats", "threads", "outgoing", "tasks", "links"):
        values[name] = list(getattr(wanted, name))
    if wanted.buyers or wanted.chats:
        connection.execute(_LOCK_NEWCOMERS, values)
    if not any(values.values()):
        return set()
    return set(connection.execute(_LOCK_CONCERNED, values).scalars())


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
