"""What a transaction on a database reads at its start, once it has its locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from followup.after_sales.model import AfterSale, Grant
from followup.desk.records import Suppressed, Topic
from followup.evidence import Evidence
from followup.linking import subject_of
from followup.model import (
    Buyer,
    ChannelState,
    Chat,
    Inbound,
    Link,
    Order,
    Outgoing,
    Parcel,
    Raw,
    Refund,
    Reminder,
    Review,
    Task,
    Thread,
    Tries,
)
from followup.promises import STEPS as PROMISE_STEPS
from followup.promises import Promise
from store import locks, queries
from store.engine import Dialect
from store.tables import KEPT
from store.tx import Tx
from store.wanted import Pair, Wanted


class Reading(Tx):
    """The same book as `Tx`, filled from one database connection."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        super().__init__()
        self.connection = connection
        self.dialect = dialect
        self._fetched: set[tuple[type, *tuple[str, ...]]] = set()
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

    def look(self, wanted: Wanted) -> None:
        """Read what is wanted without any lock, only to look at it: nothing of it may be written."""
        self._read_wanted(wanted)

    def _read_wanted(self, wanted: Wanted) -> None:
        for source, ids in by_shop(wanted.messages).items():
            self._read(Inbound, queries.seen, ids, shop=source)
        self._read_of_channels(wanted)
        tasks = self._read(Task, queries.tasks_by_id, wanted.tasks)
        asked = (*wanted.outgoing, *(task.outgoing for task in tasks if task.outgoing))
        messages = self._read(Outgoing, queries.messages_by_id, asked)
        for channel, ids in by_shop(wanted.receipts).items():
            messages += self._read(Outgoing, queries.messages_by_external_id, ids, shop=channel)
        of_rows = (*(row.thread for row in (*messages, *tasks)), *self._told_of(wanted, messages))
        self._read(Thread, queries.threads_by_id, (*wanted.threads, *of_rows))
        self._read_orders(wanted.orders)
        self._read_chats(wanted, messages, of_rows)
        self._read_asked(wanted)
        self._read_paid(wanted.paid_of)
        if wanted.chats or wanted.buyers or wanted.threads or wanted.topics:
            self._read_open_threads()
        self._read_facts(())
        self._read_pending()
        self._read_cases()
        self._read(Evidence, queries.evidence_by_id, wanted.evidence)

    def _read_of_channels(self, wanted: Wanted) -> None:
        for channel, ids in by_shop(wanted.raws).items():
            self._read(Raw, queries.raws_by_id, ids, shop=channel)
        for shop, subjects in by_shop(wanted.tries).items():
            self._read(Tries, queries.tries_of, subjects, shop=shop)
        links = self._read(Link, queries.links_by_digest, wanted.links)
        self._read_orders((link.shop, link.order_id) for link in links)
        self._read(ChannelState, queries.states_of_channels, wanted.states)
        for shop, digests in by_shop(wanted.suppressed).items():
            self._read(Suppressed, queries.suppressed_in, digests, shop=shop)

    def _told_of(self, wanted: Wanted, messages: Iterable[Outgoing]) -> list[str]:
        """The threads, or chats without one, of topics and of what was written to the shop's own people."""
        about = [message.about for message in messages if message.about]
        for desk, numbers in by_shop(wanted.topics).items():
            about += [topic.thread for topic in self._read(Topic, queries.topics_by_number, numbers, shop=desk)]
        return about

    def _read_chats(self, wanted: Wanted, messages: Iterable[Outgoing], of_rows: Iterable[str]) -> None:
        ids = (*wanted.chats, *(message.chat for message in messages), *of_rows)
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
        for shop, ids in by_shop(asked).items():
            self._read(Tries, queries.tries_of, [subject_of(order=id_) for id_ in ids], shop=shop)
        self._read_chats_of(self._owners())

    def _read_paid(self, chats: Iterable[str]) -> None:
        """The orders that the buyers of these chats paid, with all facts."""
        known = filter(None, (self.get(Chat, id_) for id_ in chats))
        for shop, buyers in by_shop((chat.shop, chat.buyer) for chat in known).items():
            self._fetched.update((Order, shop, buyer) for buyer in buyers)
            self._read_paid_by(shop, list(dict.fromkeys(buyers)))

    def _read_paid_by(self, shop: str, buyers: list[str]) -> None:
        orders = self._read(Order, queries.paid_of_buyers, buyers, shop=shop)
        self._read_orders((order.shop, order.id) for order in orders)

    def _read_chats_of(self, buyers: Iterable[Pair]) -> None:
        for shop, ids in by_shop(dict.fromkeys(buyers)).items():
            self._keep_chats(self.connection.execute(queries.chats_of_buyers, {"shop": shop, "ids": ids}))

    def _keep_chats(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self.remember(KEPT[Chat].codec.decode(row))
            if row[queries.CHAT_WIDTH] is not None:
                self.remember(KEPT[Buyer].codec.decode(row[queries.CHAT_WIDTH :]))

    def _read_open_threads(self) -> None:
        buyers = dict.fromkeys((chat.shop, chat.buyer) for chat in self.items[Chat].values())
        for shop, ids in by_shop(buyers).items():
            self._read(Thread, queries.open_threads_of_buyers, ids, shop=shop)

    def _owners(self) -> dict[Pair, None]:
        """The buyers of all orders and threads that were read."""
        return {(item.shop, item.buyer): None for cls in (Order, Thread) for item in self.items[cls].values()}

    def _read_orders(self, orders: Iterable[Pair]) -> None:
        """Orders with their threads, in whosever name they are, and all facts."""
        pairs = tuple(orders)
        for shop, ids in by_shop(pairs).items():
            self._read(Thread, queries.threads_of_orders, ids, shop=shop)
        self._read_facts(pairs)

    def _read_facts(self, orders: Iterable[Pair]) -> None:
        of_threads = ((thread.shop, thread.order_id) for thread in self.items[Thread].values())
        unread = dict.fromkeys(pair for pair in (*orders, *of_threads) if pair not in self._facts_of)
        self._facts_of.update(unread)
        for shop, ids in by_shop(unread).items():
            self._read(Order, queries.orders_by_id, ids, shop=shop)
            self._read(Refund, queries.refunds_of_orders, ids, shop=shop)
            self._read(Review, queries.reviews_of_orders, ids, shop=shop)
            self._read(Parcel, queries.parcels_of_orders, ids, shop=shop)

    def _read_pending(self) -> None:
        waiting = [thread.id for thread in self.items[Thread].values() if not thread.state.closed]
        self._fetch_once(Reminder, queries.pending_of_threads, waiting)

    def _read_cases(self) -> None:
        """How after-sales cases stand, and the promises whose clock runs."""
        cases = [thread.id for thread in self.items[Thread].values() if thread.kind == "after_sales"]
        for cls, statement in _OF_CASES:
            self._fetch_once(cls, statement, cases)
        promised = {r.thread: None for r in self.items[Reminder].values() if r.step in PROMISE_STEPS}
        self._fetch_once(Promise, queries.promises_of_threads, promised)

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


_OF_CASES = (
    (AfterSale, queries.sales_of_threads),
    (Grant, queries.grants_of_threads),
    (Evidence, queries.evidence_of_threads),
)


def by_shop(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """The keys of each shop, source or channel."""
    shops: dict[str, list[str]] = defaultdict(list)
    for shop, key in pairs:
        shops[shop].append(key)
    return shops
