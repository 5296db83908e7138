"""Locks on PostgreSQL, taken before anything is read: the chats of every buyer concerned, in one order.

Locking and reading are two statements, because a statement that had to wait for a lock still reads what was there
before it waited. SQLite needs none of this: its one writer has everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, TextClause, text

from store.wanted import Pair, Wanted

# OFFSET 0 has each row looked up by its index: the planner knows nothing of lists, and would rather read whole tables.
_EACH = (
    "SELECT found.* FROM {0}, LATERAL (SELECT shop, buyer FROM {1} WHERE {1}.shop = {0}.shop AND {2} OFFSET 0) AS found"
)
_PAIRS = "SELECT * FROM unnest(CAST(:{} AS text[]), CAST(:{} AS text[]))"
_OF_OUTBOX = "SELECT outbox.* FROM outbox JOIN"
_OF_THREADS = "SELECT threads.shop, threads.buyer FROM threads JOIN"
_OF_RECEIPTS = (
    " unnest(CAST(:receipt_channels AS text[]), CAST(:receipts AS text[])) AS told (channel, external_id)"
    " ON outbox.channel = told.channel AND outbox.external_id = told.external_id AND outbox.external_id <> ''"
)
_TOPICS = (
    "SELECT topics.thread FROM topics JOIN"
    " unnest(CAST(:topic_desks AS text[]), CAST(:topics AS text[])) AS named_topics (desk, number)"
    " ON topics.desk = named_topics.desk AND topics.number = named_topics.number"
)
_NEW_BUYERS = (
    "SELECT hashtextextended(asked.shop || '/' || asked.buyer, 0) AS key FROM asked WHERE NOT EXISTS"
    " (SELECT 1 FROM chats WHERE chats.shop = asked.shop AND chats.buyer = asked.buyer OFFSET 0)"
)
_NEW_CHATS = (
    "SELECT hashtextextended(asked.id, 0) AS key FROM unnest(CAST(:chats AS text[])) AS asked (id)"
    " WHERE NOT EXISTS (SELECT 1 FROM chats WHERE chats.id = asked.id)"
)
# What is named and is not there has nobody to queue up for, and guesses at it are counted all the same.
_NOWHERE = (
    "SELECT hashtextextended(named.shop || '/order/' || named.id, 0) AS key FROM named WHERE NOT EXISTS"
    " (SELECT 1 FROM orders WHERE orders.shop = named.shop AND orders.id = named.id OFFSET 0)"
)
# By their ids, for a chat that changes hands while this waits is concerned all the same.
_LOCK = (
    "SELECT id FROM chats WHERE id IN (SELECT theirs.id FROM owners, LATERAL (SELECT id FROM chats"
    " WHERE chats.shop = owners.shop AND chats.buyer = owners.buyer OFFSET 0) AS theirs) ORDER BY id FOR UPDATE"
)
# Each table is a union of branches, and each branch finds something only if what it starts from is not empty.
_TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "named (shop, id)": (
        ("orders", _PAIRS.format("order_shops", "orders")),
        ("chats", "SELECT shop, asked_order FROM chats WHERE id = ANY(:chats) AND asked_order <> ''"),
        ("links", "SELECT shop, order_id FROM links WHERE digest = ANY(:links)"),
    ),
    "asked (shop, buyer)": (
        ("buyers", _PAIRS.format("shops", "buyers")),
        ("named", _EACH.format("named", "orders", "orders.id = named.id")),
    ),
    "messages": (
        ("outgoing", "SELECT * FROM outbox WHERE id = ANY(:outgoing)"),
        ("receipts", _OF_OUTBOX + _OF_RECEIPTS),
        ("tasks", _OF_OUTBOX + " tasks ON outbox.id = tasks.outgoing WHERE tasks.id = ANY(:tasks)"),
    ),
    "told (about)": (
        ("messages", "SELECT about FROM messages WHERE about <> ''"),
        ("topics", _TOPICS),
        ("tasks", "SELECT thread FROM tasks WHERE id = ANY(:tasks)"),
    ),
    "owners (shop, buyer)": (
        ("asked", "SELECT * FROM asked"),
        ("messages", "SELECT shop, buyer FROM messages"),
        ("messages", "SELECT chats.shop, chats.buyer FROM chats JOIN messages ON chats.id = messages.chat"),
        ("messages", _OF_THREADS + " messages ON threads.id = messages.thread"),
        ("chats", "SELECT shop, buyer FROM chats WHERE id = ANY(:chats)"),
        ("threads", "SELECT shop, buyer FROM threads WHERE id = ANY(:threads)"),
        ("told", _OF_THREADS + " told ON threads.id = told.about"),
        ("told", "SELECT chats.shop, chats.buyer FROM chats JOIN told ON chats.id = told.about"),
        ("named", _EACH.format("named", "threads", "threads.order_id = named.id")),
    ),
}
_LISTS = ("buyers", "orders", "chats", "links", "threads", "outgoing", "receipts", "tasks", "topics")


@lru_cache(maxsize=64)
def _statements(lists: tuple[str, ...]) -> tuple[TextClause, TextClause]:
    """How to lock newcomers, and all others, where these lists hold something: what is empty is not looked for."""
    given, tables = set(lists), list[str]()
    for name, branches in _TABLES.items():
        if rows := _union(branches, given):
            given.add(name.partition(" ")[0])
            tables.append(f"{name} AS ({rows})")
    keys = (
        _union((("asked", _NEW_BUYERS), ("chats", _NEW_CHATS), ("chats", _NOWHERE)), given)
        or "SELECT 0 AS key WHERE false"
    )
    newcomers = f"SELECT pg_advisory_xact_lock(key) FROM ({keys} ORDER BY key) AS newcomers"  # noqa: S608 - all ours
    return text(f"WITH {', '.join(tables)} {newcomers}"), text(f"WITH {', '.join(tables)} {_LOCK}")


def _union(branches: Iterable[tuple[str, str]], given: Collection[str]) -> str:
    return " UNION ".join(branch for source, branch in branches if source in given)


_CHATS = text("SELECT id FROM chats WHERE id = ANY(:chats) ORDER BY id FOR UPDATE")
_TASKS = text("SELECT id FROM tasks WHERE id = ANY(:tasks) ORDER BY id FOR UPDATE")  # some are about no buyer
# Chat by chat in the order in which they are due, so that it ends with the last that is wanted: as a join, the planner
# would rather read all chats of a shop that has much behind it.
_DUE = (
    "SELECT due.shop, due.buyer FROM"
    " (SELECT shop, buyer FROM reminders WHERE state = 'pending' AND due_at <= :now{} ORDER BY due_at) AS due,"
    " LATERAL (SELECT FROM chats WHERE chats.shop = due.shop AND chats.buyer = due.buyer FOR UPDATE SKIP LOCKED)"
    " AS theirs LIMIT :limit"
)
_DUE_OF_ALL, _DUE_OF_SHOP = text(_DUE.format("")), text(_DUE.format(' AND shop COLLATE "C" = :shop'))
_FREE = text(
    "SELECT id FROM chats WHERE (shop, buyer) IN ("
    " SELECT * FROM unnest(CAST(:shops AS text[]), CAST(:buyers AS text[]))) FOR UPDATE SKIP LOCKED"
)


def lock(connection: Connection, wanted: Wanted) -> set[str]:
    """Wait for everybody who is at work for the same buyers; returns the chats that are ours now.

    Buyers without a chat yet queue up by their names, and so does whoever names an order that is not there. Who shows a
    link queues up for the buyer of its order. Tasks are locked themselves, after the chats.
    """
    given = tuple(name for name in _LISTS if getattr(wanted, name))
    if not given:
        return set()
    values = {**_columns("shops", "buyers", wanted.buyers), **_columns("order_shops", "orders", wanted.orders)}
    values |= _columns("receipt_channels", "receipts", wanted.receipts)
    values |= _columns("topic_desks", "topics", wanted.topics)
    for name in ("chats", "threads", "outgoing", "tasks", "links"):
        values[name] = list(getattr(wanted, name))
    newcomers, concerned = _statements(given)
    if wanted.buyers or wanted.chats:
        connection.execute(newcomers, values)
    held = set(connection.execute(concerned, values).scalars())
    if wanted.tasks:
        connection.execute(_TASKS, values)
    return held


def lock_chats(connection: Connection, chats: Iterable[str]) -> None:
    """Wait for the chats themselves."""
    connection.execute(_CHATS, {"chats": list(set(chats))})


def claim_buyers(connection: Connection, now: int, limit: int, shop: str = "") -> tuple[list[Pair], set[str]]:
    """The buyers of the first due reminders (of a shop) that nobody else is at, and those of their chats that are ours
    now.

    `now` in microseconds. A buyer of whom one chat is missing is somebody else's after all.
    """
    due = connection.execute(_DUE_OF_SHOP if shop else _DUE_OF_ALL, {"now": now, "limit": limit, "shop": shop})
    buyers = [(shop, buyer) for shop, buyer in dict.fromkeys(map(tuple, due))]
    if not buyers:
        return [], set()
    return buyers, set(connection.execute(_FREE, _columns("shops", "buyers", buyers)).scalars())


def _columns(first: str, second: str, pairs: Iterable[Pair]) -> dict[str, Any]:
    pairs = list(pairs)
    return {first: [one for one, _ in pairs], second: [other for _, other in pairs]}
