"""Locks on PostgreSQL, taken before anything is read: the chats of every buyer concerned, in one order.

Locking and reading are two statements, because a statement that waited for a lock still reads what was there before
it waited. SQLite needs none of this: its one writer has everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from sqlalchemy import Connection, text

from store.wanted import Pair, Wanted

_PAIRS = "SELECT * FROM unnest(CAST(:{0}_shops AS text[]), CAST(:{0} AS text[]))"
_NEWCOMERS = text(
    "SELECT pg_advisory_xact_lock(key) FROM ("
    " SELECT key FROM unnest(CAST(:shops AS text[]), CAST(:buyers AS text[]), CAST(:keys AS bigint[]))"
    " AS asked (shop, buyer, key)"
    " WHERE NOT EXISTS (SELECT 1 FROM chats WHERE chats.shop = asked.shop AND chats.buyer = asked.buyer)"
    " ORDER BY key) AS missing"
)
_CONCERNED = text(
    "SELECT id FROM chats WHERE (shop, buyer) IN ("
    + _PAIRS.format("buyers")
    + " UNION SELECT shop, buyer FROM orders WHERE (shop, id) IN ("
    + _PAIRS.format("orders")
    + ") UNION SELECT shop, buyer FROM chats WHERE id = ANY(:chats)"
    " UNION SELECT shop, buyer FROM threads WHERE id = ANY(:threads)"
    " UNION SELECT shop, buyer FROM outbox WHERE id = ANY(:outgoing)"
    ") OR id = ANY(:locks) ORDER BY id FOR UPDATE"
)
_DUE = text(
    "SELECT reminders.shop, reminders.buyer FROM reminders"
    " JOIN chats ON chats.shop = reminders.shop AND chats.buyer = reminders.buyer"
    " WHERE reminders.state = 'pending' AND reminders.due_at <= :now"
    " ORDER BY reminders.due_at LIMIT :limit FOR UPDATE OF chats SKIP LOCKED"
)
_FREE = text("SELECT id FROM chats WHERE (shop, buyer) IN (" + _PAIRS.format("buyers") + ") FOR UPDATE SKIP LOCKED")
