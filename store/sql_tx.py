"""A transaction on a database: lock the chats, read afresh, write everything in bulk at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from followup.linking import subject_of
from followup.model import (
    Buyer,
    ChannelState,
    Chat,
    Inbound,
    Instant,
    Link,
    Order,
    Outgoing,
    Raw,
    Refund,
    Reminder,
    ReminderState,
    Review,
    Task,
    Thread,
    Tries,
)
from store import locks, queries
from store.codec import from_micros, to_micros
from store.engine import Dialect
from store.tables import KEPT
from store.tx import Tx
from store.wanted import Pair, Wanted


class SqlTx(Tx):
    """The same book as `Tx`, filled from and written to one database connection."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        super().__init__()
        self.connection = connection
        self.dialect = dialect
        self._fetched: set[tuple[type, str]] = set()
        self._facts_of: set[Pair] = set()

    def load(self, wanted: Wanted) -> None:
        if self.dialect.is_sqlite:
            self._read_wanted(wanted)
            return
        before, fetched, facts_of = self.known(), set(self._fetched), set(self._facts_of)
        held = locks.lock(self.connection, wanted)
        self._read_wanted(wanted)
        while stray := {key[0] for key in self.items[Chat].keys() - before[Chat]} - held:
            # A chat changed hands while we waited: whoever is at work for its buyer now has to be waited for too.
            locks.lock_chats(self.connection, stray)
            held |= stray | locks.lock(self.connection, wanted)
            self.forget_all_but(before)
            self._fetched, self._facts_of = set(fetched), set(facts_of)
            self._read_wanted(wanted)

    def _read_wanted(self, wanted: Wanted) -> None:
        for source, ids in _by_shop(wanted.messages).items():
            self._read(Inbound, queries.seen, ids, shop=source)
        self._read_of_channels(wanted)
        tasks = self._read(Task, queries.tasks_by_id, wanted.tasks)
        asked = (*wanted.outgoing, *(task.outgoing for task in tasks if task.outgoing))
        messages = self._read(Outgoing, queries.messages_by_id, asked)
        for channel, ids in _by_shop(wanted.receipts).items():
            messages += self._read(Outgoing, queries.messages_by_external_id, ids, shop=channel)
        of_rows = (row.thread for row in (*messages, *tasks))
        self._read(Thread, queries.threads_by_id, (*wanted.threads, *of_rows))
        self._read_orders(wanted.orders)
        self._read_chats(wanted, messages)
        self._read_asked(wanted)
        if wanted.chats or wanted.buyers or wanted.threads:
            self._read_open_threads()
        self._read_facts(())
        self._read_pending()

    def _read_of_channels(self, wanted: Wanted) -> None:
        for channel, ids in _by_shop(wanted.raws).items():
            self._read(Raw, queries.raws_by_id, ids, shop=channel)
        for shop, subjects in _by_shop(wanted.tries).items():
            self._read(Tries, queries.tries_of, subjects, shop=shop)
        links = self._read(Link, queries.links_by_digest, wanted.links)
        self._read_orders((link.shop, link.order_id) for link in links)
        self._read(ChannelState, queries.states_of_channels, wanted.states)

    def _read_chats(self, wanted: Wanted, messages: Iterable[Outgoing]) -> None:
        ids = (*wanted.chats, *(message.chat for message in messages))
        if ids:
            self._keep_chats(self.connection.execute(queries.chats_and_siblings, {"ids": ids}))
        self._read_chats_of((*wanted.buyers, *self._owners()))

    def _read_asked(self, wanted: Wanted) -> None:
        """The orders that the chats have yet to prove, with how often that was tried and with their buyers."""
        chats = filter(None, (self.get(Chat, id_) for id_ in wanted.chats))
        asked = [(chat.shop, chat.asked_order) for chat in chats if chat.asked_order]
        if not asked:
            return
        self._read_orders(asked)
        for shop, ids in _by_shop(asked).items():
            self._read(Tries, queries.tries_of, [subject_of(order=id_) for id_ in ids], shop=shop)
        self._read_chats_of(self._owners())

    def _read_chats_of(self, buyers: Iterable[Pair]) -> None:
        for shop, ids in _by_shop(dict.fromkeys(buyers)).items():
            self._keep_chats(self.connection.execute(queries.chats_of_buyers, {"shop": shop, "ids": ids}))

    def _keep_chats(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self.remember(KEPT[Chat].codec.decode(row))
            if row[queries.CHAT_WIDTH] is not None:
                self.remember(KEPT[Buyer].codec.decode(row[queries.CHAT_WIDTH :]))

    def _read_open_threads(self) -> None:
        buyers = dict.fromkeys((chat.shop, chat.buyer) for chat in self.items[Chat].values())
        for shop, ids in _by_shop(buyers).items():
            self._read(Thread, queries.open_threads_of_buyers, ids, shop=shop)

    def _owners(self) -> dict[Pair, None]:
        """The buyers of all orders and threads that were read."""
        return {(item.shop, item.buyer): None for cls in (Order, Thread) for item in self.items[cls].values()}

    def _read_orders(self, orders: Iterable[Pair]) -> None:
        """Orders with their threads, in whosever name they are, and all facts."""
        pairs = tuple(orders)
        for shop, ids in _by_shop(pairs).items():
            self._read(Thread, queries.threads_of_orders, ids, shop=shop)
        self._read_facts(pairs)

    def _read_facts(self, orders: Iterable[Pair]) -> None:
        of_threads = ((thread.shop, thread.order_id) for thread in self.items[Thread].values())
        unread = dict.fromkeys(pair for pair in (*orders, *of_threads) if pair not in self._facts_of)
        self._facts_of.update(unread)
        for shop, ids in _by_shop(unread).items():
            self._read(Order, queries.orders_by_id, ids, shop=shop)
            self._read(Refund, queries.refunds_of_orders, ids, shop=shop)
            self._read(Review, queries.reviews_of_orders, ids, shop=shop)

    def _read_pending(self) -> None:
        waiting = [thread.id for thread in self.items[Thread].values() if not thread.state.closed]
        self._fetch_once(Reminder, queries.pending_of_threads, waiting)

    def _read(self, cls: type, statement: Any, ids: Any, **more: Any) -> list[Any]:
        """The items found, as this transaction knows them by now."""
        if not ids:
            return []
        decode, key, known = KEPT[cls].codec.decode, KEPT[cls].key, self.items[cls]
        found = [decode(row) for row in self.connection.execute(statement, {"ids": ids, **more}).all()]
        for item in found:
            self.remember(item)
        return [known[key(item)] for item in found]

    def _fetch_once(self, cls: type, statement: Any, threads: Iterable[str]) -> None:
        unread = [thread for thread in threads if (cls, thread) not in self._fetched]
        self._fetched.update((cls, thread) for thread in unread)
        self._read(cls, statement, unread)

    def claim_due(self, now: Instant, limit: int) -> list[Reminder]:
        found: list[Reminder] = []
        for shop, ids in _by_shop(self._claim_buyers(to_micros(now), limit)).items():
            found += self._read(Reminder, queries.pending_of_buyers, ids, shop=shop)
        due = [r for r in found if r.state is ReminderState.PENDING and r.due_at <= now]
        self._fetched.update((Reminder, reminder.thread) for reminder in found)
        self._read(Thread, queries.threads_by_id, list(dict.fromkeys(reminder.thread for reminder in due)))
        self._read_facts(())
        return due

    def _claim_buyers(self, moment: int, limit: int) -> list[Pair]:
        """The buyers of the first due reminders, with their chats; on PostgreSQL those that are free."""
        if self.dialect.is_sqlite:
            rows = self.connection.execute(queries.first_due, {"now": moment, "limit": limit})
            buyers = list(dict.fromkeys((shop, buyer) for shop, buyer in rows))
            self._read_chats_of(buyers)
            return buyers
        buyers, ours = locks.claim_buyers(self.connection, moment, limit)
        self._read_chats_of(buyers)
        return [buyer for buyer in buyers if all(chat.id in ours for chat in self.chats_of(*buyer))]

    def lock_chats(self, chats: Iterable[str]) -> None:
        """Take the chats for this transaction, which must hold no others."""
        if not self.dialect.is_sqlite:
            locks.lock_chats(self.connection, chats)

    def has_paid_before(self, shop: str, buyer: str, this: str) -> bool:
        if super().has_paid_before(shop, buyer, this):
            return True
        found = self.connection.execute(queries.paid_before, {"shop": shop, "buyer": buyer, "this": this})
        return found.first() is not None

    def every_thread_of(self, shop: str, buyer: str) -> list[Thread]:
        self._read(Thread, queries.threads_of_buyers, [buyer], shop=shop)
        return super().every_thread_of(shop, buyer)

    def pending(self, thread: str) -> list[Reminder]:
        self._fetch_once(Reminder, queries.pending_of_threads, [thread])
        return super().pending(thread)

    def pending_of(self, shop: str, buyer: str) -> list[Reminder]:
        self._read(Reminder, queries.pending_of_buyers, [buyer], shop=shop)
        known = self.items[Reminder].values()
        return [r for r in known if (r.shop, r.buyer) == (shop, buyer) and r.state is ReminderState.PENDING]

    def unsent(self, thread: str) -> list[Outgoing]:
        self._fetch_once(Outgoing, queries.unsent_of_threads, [thread])
        return super().unsent(thread)

    def every_message_of(self, thread: str) -> list[Outgoing]:
        self._read(Outgoing, queries.messages_of_threads, [thread])
        return super().every_message_of(thread)

    def unfinished(self, chat: str) -> list[Outgoing]:
        if (Chat, chat) not in self._fetched:
            self._fetched.add((Chat, chat))
            self._read(Outgoing, queries.unfinished_in_chats, [chat])
        return super().unfinished(chat)

    def open_tasks(self, thread: str) -> list[Task]:
        self._fetch_once(Task, queries.open_tasks_of_threads, [thread])
        return super().open_tasks(thread)

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
        due = self.connection.execute(queries.next_reminder).scalar()
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
