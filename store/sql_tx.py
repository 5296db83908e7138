"""A transaction on a database: lock the chats, read afresh, write everything in bulk at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from followup.model import (
    Buyer,
    Chat,
    Inbound,
    Instant,
    Order,
    Outgoing,
    Refund,
    Reminder,
    Review,
    Task,
    Thread,
)
from store import schema
from store.codec import from_micros, to_micros
from store.engine import Dialect
from store.schema import in_state
from store.tables import KEPT
from store.tx import Tx
from store.wanted import Pair, Wanted

IDS: BindParameter[Any] = bindparam("ids", expanding=True)
SHOP: BindParameter[str] = bindparam("shop")

_chats_and_buyers = (
    select(schema.chats, schema.buyers)
    .outerjoin_from(
        schema.chats,
        schema.buyers,
        (schema.buyers.c.shop == schema.chats.c.shop) & (schema.buyers.c.id == schema.chats.c.buyer),
    )
    .order_by(schema.chats.c.id)
)
_chats_by_id = _chats_and_buyers.where(schema.chats.c.id.in_(IDS))
_chats_by_buyer = _chats_and_buyers.where((schema.chats.c.shop == SHOP) & schema.chats.c.buyer.in_(IDS))
_chat_ids = select(schema.chats.c.id).where(schema.chats.c.id.in_(IDS)).order_by(schema.chats.c.id)
_chat_width = len(schema.chats.c)

_orders = select(schema.orders).where((schema.orders.c.shop == SHOP) & schema.orders.c.id.in_(IDS))
_refunds = select(schema.refunds).where((schema.refunds.c.shop == SHOP) & schema.refunds.c.order_id.in_(IDS))
_reviews = select(schema.reviews).where((schema.reviews.c.shop == SHOP) & schema.reviews.c.order_id.in_(IDS))
_threads = select(schema.threads).where(schema.threads.c.id.in_(IDS))
_threads_by_order = select(schema.threads).where((schema.threads.c.shop == SHOP) & schema.threads.c.order_id.in_(IDS))
_threads_by_buyer = select(schema.threads).where((schema.threads.c.shop == SHOP) & schema.threads.c.buyer.in_(IDS))
_open_threads_by_buyer = select(schema.threads).where(
    (schema.threads.c.shop == SHOP)
    & schema.threads.c.buyer.in_(IDS)
    & in_state(schema.threads, "open", "with_agent", "solved")
)
_pending = select(schema.reminders).where(schema.reminders.c.thread.in_(IDS) & in_state(schema.reminders, "pending"))
_unsent = select(schema.outbox).where((schema.outbox.c.thread == bindparam("thread")) & in_state(schema.outbox, "due"))
_open_tasks = select(schema.tasks).where(
    (schema.tasks.c.thread == bindparam("thread")) & in_state(schema.tasks, "open")
)
_seen = select(schema.inbox).where((schema.inbox.c.source == SHOP) & schema.inbox.c.external_id.in_(IDS))
_first_due = (
    select(schema.reminders.c.shop, schema.reminders.c.buyer)
    .where(in_state(schema.reminders, "pending") & (schema.reminders.c.due_at <= bindparam("now")))
    .order_by(schema.reminders.c.due_at)
    .limit(bindparam("limit"))
)
_next_reminder = select(func.min(schema.reminders.c.due_at)).where(in_state(schema.reminders, "pending"))
_due_of_buyers = select(schema.reminders).where(
    in_state(schema.reminders, "pending")
    & (schema.reminders.c.shop == SHOP)
    & schema.reminders.c.buyer.in_(IDS)
    & (schema.reminders.c.due_at <= bindparam("now"))
)
_paid_before = (
    select(schema.orders.c.id)
    .where((schema.orders.c.shop == SHOP) & (schema.orders.c.buyer == bindparam("buyer")))
    .where(schema.orders.c.paid_at.is_not(None) & (schema.orders.c.id != bindparam("this")))
    .limit(1)
)
_tasks = select(schema.tasks).where(schema.tasks.c.id.in_(IDS))
_outgoing = select(schema.outbox).where(schema.outbox.c.id.in_(IDS))


class SqlTx(Tx):
    """The same book as `Tx`, filled from and written to one database connection."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        super().__init__()
        self.connection = connection
        self.dialect = dialect
        self._fetched: set[tuple[type, str]] = set()

    def load(self, wanted: Wanted) -> None:
        self._lock(wanted)
        self._read_messages(wanted.messages)
        tasks = self._read(Task, _tasks, wanted.tasks)
        self._read(Outgoing, _outgoing, (*wanted.outgoing, *(task.outgoing for task in tasks)))
        orders = _by_shop(wanted.orders)
        self._read(Thread, _threads, wanted.threads)
        for shop, ids in orders.items():
            self._read(Thread, _threads_by_order, ids, shop=shop)
        for shop, ids in _by_shop((c.shop, c.buyer) for c in self._asked_chats(wanted)).items():
            self._read(Thread, _open_threads_by_buyer, ids, shop=shop)
        self._read_facts(orders)
        waiting = [thread.id for thread in self.items[Thread].values() if not thread.state.closed]
        self._read(Reminder, _pending, waiting)

    def claim_due(self, now: Instant, limit: int) -> list[Reminder]:
        moment = to_micros(now)
        first = self.connection.execute(_first_due, {"now": moment, "limit": limit}).all()
        buyers = _by_shop((shop, buyer) for shop, buyer in first)
        due: list[Reminder] = []
        for shop, ids in buyers.items():
            due += self._claim_of(shop, list(dict.fromkeys(ids)), moment)
        threads = list(dict.fromkeys(reminder.thread for reminder in due))
        self._read(Thread, _threads, threads)
        self._read_facts({})
        return due

    def _claim_of(self, shop: str, buyers: list[str], moment: int) -> list[Reminder]:
        locked = self._lock_buyers(shop, buyers, skip=True)
        return self._read(Reminder, _due_of_buyers, locked, shop=shop, now=moment)

    def lock_chats(self, chats: Iterable[str]) -> None:
        """Take the chats for this transaction, in the order of their ids."""
        if not self.dialect.is_sqlite:
            self.connection.execute(self.dialect.locking(_chat_ids), {"ids": sorted(set(chats))})

    def _lock(self, wanted: Wanted) -> None:
        for shop, ids in _by_shop(wanted.buyers).items():
            self._lock_buyers(shop, ids)
        chats = [*wanted.chats, *self._chats_of_rows(schema.threads, wanted.threads, "chat")]
        chats += self._chats_of_rows(schema.outbox, wanted.outgoing, "chat")
        if chats:
            rows = self.connection.execute(self.dialect.locking(_chats_by_id), {"ids": sorted(set(chats))}).all()
            self._keep_chats(rows)

    def _lock_buyers(self, shop: str, buyers: list[str], skip: bool = False) -> list[str]:
        statement = self.dialect.locking(_chats_by_buyer, skip)
        return self._keep_chats(self.connection.execute(statement, {"shop": shop, "ids": buyers}).all())

    def _keep_chats(self, rows: Iterable[Any]) -> list[str]:
        buyers = []
        for row in rows:
            chat = KEPT[Chat].codec.decode(row)
            self.remember(chat)
            buyers.append(chat.buyer)
            if row[_chat_width] is not None:
                self.remember(KEPT[Buyer].codec.decode(row[_chat_width:]))
        return buyers

    def _chats_of_rows(self, table: Any, ids: tuple[str, ...], column: str) -> list[str]:
        if not ids:
            return []
        return list(self.connection.execute(select(table.c[column]).where(table.c.id.in_(IDS)), {"ids": ids}).scalars())

    def _asked_chats(self, wanted: Wanted) -> list[Chat]:
        return list(self.items[Chat].values()) if wanted.chats or wanted.buyers else []

    def _read_messages(self, messages: tuple[Pair, ...]) -> None:
        for source, ids in _by_shop(messages).items():
            self._read(Inbound, _seen, ids, shop=source)

    def _read_facts(self, orders: dict[str, list[str]]) -> None:
        wanted = defaultdict(list, {shop: list(ids) for shop, ids in orders.items()})
        for thread in self.items[Thread].values():
            wanted[thread.shop].append(thread.order_id)
        for shop, many in wanted.items():
            ids = list(dict.fromkeys(many))
            self._read(Order, _orders, ids, shop=shop)
            self._read(Refund, _refunds, ids, shop=shop)
            self._read(Review, _reviews, ids, shop=shop)

    def _read(self, cls: type, statement: Any, ids: Any, **more: Any) -> list[Any]:
        if not ids:
            return []
        decode = KEPT[cls].codec.decode
        found = [decode(row) for row in self.connection.execute(statement, {"ids": ids, **more}).all()]
        for item in found:
            self.remember(item)
        return found

    def has_paid_before(self, shop: str, buyer: str, this: str) -> bool:
        if super().has_paid_before(shop, buyer, this):
            return True
        found = self.connection.execute(_paid_before, {"shop": shop, "buyer": buyer, "this": this})
        return found.first() is not None

    def every_thread_of(self, shop: str, buyer: str) -> list[Thread]:
        self._read(Thread, _threads_by_buyer, [buyer], shop=shop)
        return super().every_thread_of(shop, buyer)

    def unsent(self, thread: str) -> list[Outgoing]:
        self._fetch_once(Outgoing, _unsent, thread)
        return super().unsent(thread)

    def open_tasks(self, thread: str) -> list[Task]:
        self._fetch_once(Task, _open_tasks, thread)
        return super().open_tasks(thread)

    def _fetch_once(self, cls: type, statement: Any, thread: str) -> None:
        if (cls, thread) in self._fetched:
            return
        self._fetched.add((cls, thread))
        decode = KEPT[cls].codec.decode
        for row in self.connection.execute(statement, {"thread": thread}).all():
            self.remember(decode(row))

    def earliest_due(self) -> Instant | None:
        """The earliest due time among what this transaction writes."""
        due = [
            item.due_at
            for cls in (Reminder, Outgoing)
            for item in map(self.items[cls].__getitem__, self.written.items[cls])
            if item.state.value in ("pending", "due")
        ]
        return min(due, default=None)

    def next_reminder(self) -> Instant | None:
        """When the next reminder is due, if any is pending."""
        due = self.connection.execute(_next_reminder).scalar()
        return None if due is None else from_micros(due)

    def flush(self) -> None:
        """Write what was saved, one statement a table."""
        for cls, marks in self.written.items.items():
            self.dialect.write(self.connection, cls, self.items[cls], marks)
        self.dialect.write_lines(self.connection, self.written.lines)


def _by_shop(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    shops: dict[str, list[str]] = defaultdict(list)
    for shop, key in pairs:
        shops[shop].append(key)
    return shops
