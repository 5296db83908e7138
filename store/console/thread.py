"""Everything about one thread for its page: its story, its order, its buyer with his other matters, what was said.

A chat in which nothing is followed up has such a page too: a thread without a kind stands for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select

from followup.after_sales.model import AfterSale, Grant
from followup.evidence import Evidence
from followup.model import (
    Buyer,
    Chat,
    Facts,
    Inbound,
    Instant,
    Note,
    Order,
    Outgoing,
    Parcel,
    Refund,
    Review,
    State,
    Thread,
)
from store import schema
from store.codec import from_micros, to_micros
from store.tables import KEPT
from store.views import Story, story_of

AROUND = timedelta(days=1)
"""So long before the thread opens and after it closes are words of the buyer part of what is shown."""
MOST, OTHERS, FEW = 300, 100, 20
EVER = datetime(1970, 1, 2, tzinfo=UTC)
SAYS = "says "


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """What is known of a thread. `others` are the buyer's other threads, the newest first; `heard` and `said` all that
    was said in his chats around this matter, oldest first and the newest of them where they are many; `by_people` the
    notes that tell who of the shop's people wrote which of it. `orders` are his newest orders where the thread is about
    none, and `asks` those of his chats, beside this one, in which a task waits that is about no thread."""

    story: Story
    facts: Facts | None
    orders: tuple[Order, ...]
    buyer: Buyer
    chats: tuple[Chat, ...]
    asks: tuple[str, ...]
    others: tuple[Thread, ...]
    heard: tuple[Inbound, ...]
    said: tuple[Outgoing, ...]
    by_people: tuple[Note, ...]
    evidence: tuple[Evidence, ...]
    sale: AfterSale | None
    grants: tuple[Grant, ...]

    @property
    def thread(self) -> Thread:
        """The thread itself."""
        return self.story.thread

    @property
    def called(self) -> str:
        """The buyer's name, else the one on an order of his; "" if nobody knows it."""
        return self.buyer.name or next((order.buyer_name for order in self.orders if order.buyer_name), "")

    @property
    def is_followed(self) -> bool:
        """Whether it is a matter, and not a chat in which nothing is followed up."""
        return bool(self.thread.kind)


def thread_page(connection: Connection, id_: str) -> ThreadPage | None:
    """All of it; None if there is no such thread or chat."""
    thread = _thread(connection, id_)
    if thread is None:
        return None
    chats = _chats(connection, thread)
    others = _others(connection, thread)
    spoken = [id_, *(each.id for each in others), *(each.id for each in chats)]
    during = _during(thread)
    return ThreadPage(
        story_of(connection, thread),
        _facts(connection, thread),
        () if thread.order_id else _orders(connection, thread, others),
        _buyer(connection, thread),
        chats,
        _asks(connection, [each.id for each in chats if each.id != id_]),
        others,
        _heard(connection, [each.id for each in chats], during),
        _said(connection, spoken, during),
        said_by_people(connection, spoken, during[0]),
        _evidence(connection, spoken, chats),
        next(iter(_of_thread(connection, AfterSale, schema.after_sales, id_)), None),
        tuple(_of_thread(connection, Grant, schema.grants, id_)),
    )


def said_by_people(connection: Connection, threads: Sequence[str], since: Instant) -> tuple[Note, ...]:
    """The notes of what people said to the buyer in these threads (or chats) since a moment, oldest first."""
    of = schema.notes.c
    wanted = select(schema.notes).where(of.thread.in_(threads), of.at >= to_micros(since))
    rows = connection.execute(wanted.where(of.text.startswith(SAYS, autoescape=True)).order_by(of.at, of.seq))
    return tuple(Note(row.thread, from_micros(row.at), row.who, row.text) for row in rows)


def evidence_of_id(connection: Connection, id_: str) -> Evidence | None:
    """One photo or file by its id."""
    return next(iter(_all(connection, Evidence, select(schema.evidence).where(schema.evidence.c.id == id_))), None)


def message_of_id(connection: Connection, id_: str) -> Outgoing | None:
    """One message of ours by its id."""
    return next(iter(_all(connection, Outgoing, select(schema.outbox).where(schema.outbox.c.id == id_))), None)


def _thread(connection: Connection, id_: str) -> Thread | None:
    known = _all(connection, Thread, select(schema.threads).where(schema.threads.c.id == id_))
    if known:
        return known[0]  # type: ignore[no-any-return]
    found = _all(connection, Chat, select(schema.chats).where(schema.chats.c.id == id_))
    return next((Thread(id_, chat.shop, "", "", chat.buyer, id_, State.OPEN, EVER, EVER) for chat in found), None)


Period = tuple[Instant, Instant | None]


def _during(thread: Thread) -> Period:
    end = thread.closed_at + AROUND if thread.state.closed and thread.closed_at is not None else None
    return thread.opened_at - AROUND, end


def _in(column: Any, during: Period) -> list[Any]:
    start, end = during
    return [column >= to_micros(start), *([] if end is None else [column <= to_micros(end)])]


def _chats(connection: Connection, thread: Thread) -> tuple[Chat, ...]:
    of = schema.chats.c
    his = select(schema.chats).where(of.shop == thread.shop, of.buyer == thread.buyer)
    return tuple(_all(connection, Chat, his.order_by(of.id)))


def _asks(connection: Connection, chats: Sequence[str]) -> tuple[str, ...]:
    of = schema.tasks.c
    waiting = select(of.thread).where(schema.in_state(schema.tasks, "open"), of.thread.in_(chats)).distinct()
    return tuple(sorted(connection.execute(waiting).scalars()))


def _others(connection: Connection, thread: Thread) -> tuple[Thread, ...]:
    of = schema.threads.c
    his = select(schema.threads).where(of.shop == thread.shop, of.buyer == thread.buyer, of.id != thread.id)
    return tuple(_all(connection, Thread, his.order_by(of.opened_at.desc(), of.id).limit(OTHERS)))


def _buyer(connection: Connection, thread: Thread) -> Buyer:
    of = schema.buyers.c
    found = _all(connection, Buyer, select(schema.buyers).where(of.shop == thread.shop, of.id == thread.buyer))
    return found[0] if found else Buyer(thread.shop, thread.buyer)


def _heard(connection: Connection, chats: Sequence[str], during: Period) -> tuple[Inbound, ...]:
    of = schema.inbox.c
    wanted = select(schema.inbox).where(of.chat.in_(chats), *_in(of.at, during))
    return _newest(connection, Inbound, wanted, of.at, of.external_id)


def _said(connection: Connection, threads: Sequence[str], during: Period) -> tuple[Outgoing, ...]:
    """By threads, which have an index; what was said outside of all of them bears the chat in its place."""
    of = schema.outbox.c
    wanted = select(schema.outbox).where(of.thread.in_(threads), of.role != "alert", *_in(of.created_at, during))
    return _newest(connection, Outgoing, wanted, of.created_at, of.seq)


def _evidence(connection: Connection, threads: Sequence[str], chats: Sequence[Chat]) -> tuple[Evidence, ...]:
    of = schema.evidence.c
    loose = (of.thread == "") & of.chat.in_([chat.id for chat in chats])
    wanted = select(schema.evidence).where(of.thread.in_(threads) | loose)
    return _newest(connection, Evidence, wanted, of.at, of.id)


def _facts(connection: Connection, thread: Thread) -> Facts | None:
    of = schema.orders.c
    orders = select(schema.orders).where(of.shop == thread.shop, of.id == thread.order_id)
    found = _all(connection, Order, orders) if thread.order_id else []
    if not found:
        return None
    refunds, reviews, parcels = (
        tuple(_all(connection, cls, select(table).where(table.c.shop == thread.shop, table.c.order_id == found[0].id)))
        for cls, table in ((Refund, schema.refunds), (Review, schema.reviews), (Parcel, schema.parcels))
    )
    return Facts(found[0], refunds, reviews, parcels)


def _orders(connection: Connection, thread: Thread, others: Sequence[Thread]) -> tuple[Order, ...]:
    """Those that he paid, and those of his other matters; both have an index."""
    of = schema.orders.c
    paid = (of.buyer == thread.buyer) & of.paid_at.is_not(None)
    his = select(schema.orders).where(of.shop == thread.shop, paid | of.id.in_({each.order_id for each in others}))
    return tuple(_all(connection, Order, his.order_by(of.created_at.desc(), of.id).limit(FEW)))


def _of_thread(connection: Connection, cls: type, table: Any, thread: str) -> list[Any]:
    return _all(connection, cls, select(table).where(table.c.thread == thread))


def _newest(connection: Connection, cls: type, statement: Select[Any], *order: Any) -> tuple[Any, ...]:
    """The newest of them, oldest first."""
    found = _all(connection, cls, statement.order_by(*(each.desc() for each in order)).limit(MOST))
    return tuple(reversed(found))


def _all(connection: Connection, cls: type, statement: Select[Any]) -> list[Any]:
    decode = KEPT[cls].codec.decode
    return [decode(row) for row in connection.execute(statement)]
