"""Reading evidence: what waits to be fetched, and all that is known of a matter. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from followup.after_sales.model import AfterSale, Grant
from followup.evidence import Evidence
from followup.model import Buyer, Chat, Facts, Inbound, Instant, Note, Order, Outgoing, Parcel, Refund, Review
from followup.promises import Promise
from store import schema, views
from store.codec import from_micros, to_micros
from store.schema import in_state
from store.tables import KEPT

AROUND = timedelta(days=1)
"""So long before the first thread opens and after the last one closes are words part of the matter."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something to fetch, and how many files of its thread (or of its chat, outside all threads) are kept so far."""

    evidence: Evidence
    beside: int


@dataclass(frozen=True, slots=True)
class Matter:
    """All that is known of threads about one order, each list in the order of time.

    `heard` and `said` are all messages of the chats in which they were spoken of, from a day before the first thread
    opened to a day after the last one closed, whatever they are about.
    """

    shop: str
    order_id: str
    facts: Facts | None
    buyers: tuple[Buyer, ...]
    chats: tuple[Chat, ...]
    stories: tuple[views.Story, ...]
    heard: tuple[Inbound, ...]
    said: tuple[Outgoing, ...]
    evidence: tuple[Evidence, ...]
    sales: tuple[AfterSale, ...]
    grants: tuple[Grant, ...]
    promises: tuple[Promise, ...]


def waiting(connection: Connection, channel: str, due: Instant, limit: int) -> list[Waiting]:
    """What is to be fetched from a channel by `due`: the least tried first, then the oldest."""
    row, other = schema.evidence, schema.evidence.alias("other")
    same_chat = or_(row.c.thread != "", other.c.chat == row.c.chat)
    beside = select(func.count()).select_from(other).where(other.c.thread == row.c.thread, same_chat)
    statement = (
        select(row, beside.where(in_state(other, "kept")).scalar_subquery())
        .where(in_state(row, "wanted"), row.c.channel == channel)
        .where(or_(row.c.retry_at.is_(None), row.c.retry_at <= to_micros(due)))
        .order_by(row.c.tries, row.c.at, row.c.id)
        .limit(limit)
    )
    decode = KEPT[Evidence].codec.decode
    return [Waiting(decode(found), found[-1]) for found in connection.execute(statement)]


def of_threads(connection: Connection, threads: Sequence[str]) -> list[Evidence]:
    """What was sent in these threads, in the order of time."""
    of = schema.evidence.c
    return _all(connection, Evidence, select(schema.evidence).where(of.thread.in_(threads)).order_by(of.at, of.id))


def seals(connection: Connection, note: str, order_id: str) -> list[Note]:
    """The notes that begin with `note` in the threads of an order."""
    of, threads = schema.notes.c, schema.threads
    statement = (
        select(schema.notes)
        .join(threads, threads.c.id == of.thread)
        .where(threads.c.order_id == order_id, of.text.startswith(f"{note} ", autoescape=True))
        .order_by(of.at, of.seq)
    )
    return [Note(row.thread, from_micros(row.at), row.who, row.text) for row in connection.execute(statement)]


def matter(connection: Connection, threads: Sequence[str]) -> Matter:
    """Everything about threads of one order. Raises LookupError if one of them is not there."""
    stories = tuple(views.story(connection, id_) for id_ in threads)
    first = stories[0].thread
    own = of_threads(connection, threads)
    chats = _chats(connection, stories, own)
    ids, between = [chat.id for chat in chats], _between(stories)
    of = schema.evidence.c
    loose = select(schema.evidence).where(of.thread == "", of.chat.in_(ids), *_during(of.at, between))
    return Matter(
        first.shop,
        first.order_id,
        _facts(connection, first.shop, first.order_id),
        tuple(_buyers(connection, first.shop, [story.thread.buyer for story in stories])),
        chats,
        stories,
        tuple(_heard(connection, ids, between)),
        tuple(_said(connection, ids, threads, between)),
        tuple(sorted([*own, *_all(connection, Evidence, loose)], key=lambda each: (each.at, each.id))),
        tuple(_of_threads(connection, AfterSale, schema.after_sales, threads, "thread")),
        tuple(_of_threads(connection, Grant, schema.grants, threads, "asked_at")),
        tuple(_of_threads(connection, Promise, schema.promises, threads, "made_at")),
    )


Period = tuple[Instant, Instant | None]


def _between(stories: Sequence[views.Story]) -> Period:
    threads = [story.thread for story in stories]
    closed = [thread.closed_at for thread in threads if thread.state.closed and thread.closed_at is not None]
    end = max(closed) + AROUND if len(closed) == len(threads) else None
    return min(thread.opened_at for thread in threads) - AROUND, end


def _during(column: Any, between: Period) -> list[Any]:
    start, end = between
    return [column >= to_micros(start), *([] if end is None else [column <= to_micros(end)])]


def _chats(connection: Connection, stories: Sequence[views.Story], evidence: Sequence[Evidence]) -> tuple[Chat, ...]:
    ids = {story.thread.chat for story in stories} | {each.chat for each in evidence}
    ids |= {message.chat for story in stories for message in story.outgoing}
    of = schema.chats.c
    return tuple(_all(connection, Chat, select(schema.chats).where(of.id.in_(sorted(ids))).order_by(of.id)))


def _heard(connection: Connection, chats: Sequence[str], between: Period) -> list[Inbound]:
    of = schema.inbox.c
    statement = select(schema.inbox).where(of.chat.in_(chats), *_during(of.at, between))
    return _all(connection, Inbound, statement.order_by(of.at, of.source, of.external_id))


def _said(connection: Connection, chats: Sequence[str], threads: Sequence[str], between: Period) -> list[Outgoing]:
    of = schema.outbox.c
    in_chats = of.chat.in_(chats) & (of.created_at >= to_micros(between[0]))
    if between[1] is not None:
        in_chats &= of.created_at <= to_micros(between[1])
    statement = select(schema.outbox).where(in_chats | of.thread.in_(threads))
    return _all(connection, Outgoing, statement.order_by(of.created_at, of.id))


def _facts(connection: Connection, shop: str, order_id: str) -> Facts | None:
    orders = select(schema.orders).where(schema.orders.c.shop == shop, schema.orders.c.id == order_id)
    found = _all(connection, Order, orders)
    if not found:
        return None
    refunds, reviews, parcels = (
        tuple(_all(connection, cls, select(table).where(table.c.shop == shop, table.c.order_id == order_id)))
        for cls, table in ((Refund, schema.refunds), (Review, schema.reviews), (Parcel, schema.parcels))
    )
    return Facts(found[0], refunds, reviews, parcels)


def _buyers(connection: Connection, shop: str, ids: Sequence[str]) -> list[Buyer]:
    of = schema.buyers.c
    return _all(connection, Buyer, select(schema.buyers).where(of.shop == shop, of.id.in_(ids)).order_by(of.id))


def _of_threads(connection: Connection, cls: type, table: Any, threads: Sequence[str], order: str) -> list[Any]:
    statement = select(table).where(table.c.thread.in_(threads)).order_by(table.c[order], table.c.thread)
    return _all(connection, cls, statement)


def _all(connection: Connection, cls: type, statement: Select[Any]) -> list[Any]:
    decode = KEPT[cls].codec.decode
    return [decode(row) for row in connection.execute(statement)]
