"""A transaction on a database: lock the chats, read afresh, write everything in bulk at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from followup.desk.deadlines import Deadline
from followup.desk.records import Topic
from followup.events import LOOK, looked_at
from followup.evidence import Evidence
from followup.model import Chat, Inbound, Instant, Order, Outgoing, Reminder, ReminderState, Task, Thread
from followup.promises import STEPS as PROMISE_STEPS
from followup.promises import Promise
from store import locks, queries
from store.activity import activity_of, be_active
from store.codec import from_micros, to_micros
from store.engine import Dialect
from store.reading import Reading, by_shop
from store.suppression import Suppression
from store.wanted import Pair, Wanted


class SqlTx(Reading):
    """What handlers look up as they go, and what is written when they are done. `has_kept`: of a database in trouble,
    whether this wrote anything."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        super().__init__(connection, dialect)
        self.has_kept = False
        self._steps_since: dict[str, int] = {}
        self._steps: dict[str, dict[str, int]] = defaultdict(dict)
        self._dues: dict[str, frozenset[str]] = {}
        self._suppression: Suppression | None = None
        self._about: tuple[Pair, ...] = ()
        self._paid_by: dict[Pair, frozenset[str]] = {}

    def load(self, wanted: Wanted) -> None:
        super().load(wanted)
        self._about += wanted.buyers

    def claim_due(self, now: Instant, limit: int, shop: str = "") -> list[Reminder]:
        found: list[Reminder] = []
        for of, ids in by_shop(self._claim_buyers(to_micros(now), limit, shop)).items():
            found += self._read(Reminder, queries.pending_of_buyers, ids, shop=of)
        due = [r for r in found if r.state is ReminderState.PENDING and r.due_at <= now]
        self._fetched.update((Reminder, reminder.thread) for reminder in found)
        self._read(Thread, queries.threads_by_id, list(dict.fromkeys(reminder.thread for reminder in due)))
        self._read_looked_at(reminder for reminder in due if reminder.step == LOOK)
        self._read_facts(())
        self._read_cases()
        return due

    def _read_looked_at(self, looks: Iterable[Reminder]) -> None:
        """The orders that are looked at, with their threads, and whose they are by now."""
        orders = [(look.shop, looked_at(look)[0]) for look in looks]
        if orders:
            self._read_orders(orders)
            self._read_chats_of(self._owners())

    def _claim_buyers(self, moment: int, limit: int, shop: str) -> list[Pair]:
        """The buyers of the first due reminders, with their chats; on PostgreSQL those that are free."""
        if self.dialect.is_sqlite:
            due = queries.first_due_of_shop if shop else queries.first_due
            rows = self.connection.execute(due, {"now": moment, "limit": limit, "shop": shop})
            buyers = list(dict.fromkeys((of, buyer) for of, buyer in rows))
            self._read_chats_of(buyers)
            return buyers
        buyers, ours = locks.claim_buyers(self.connection, moment, limit, shop)
        self._read_chats_of(buyers)
        return [buyer for buyer in buyers if all(chat.id in ours for chat in self.chats_of(*buyer))]

    def lock_chats(self, chats: Iterable[str]) -> None:
        """Take the chats for this transaction, which must hold no others."""
        if not self.dialect.is_sqlite:
            locks.lock_chats(self.connection, chats)

    def has_paid_before(self, shop: str, buyer: str, this: str) -> bool:
        if super().has_paid_before(shop, buyer, this):
            return True
        if (shop, buyer) not in self._paid_by:
            self._look_who_paid(shop, buyer)
        return bool(self._paid_by[shop, buyer] - {this})

    def _look_who_paid(self, shop: str, buyer: str) -> None:
        """With one buyer that is asked for, all are read that this transaction is about."""
        asked = {buyer, *(other for of, other in self._about if of == shop and (of, other) not in self._paid_by)}
        self._paid_by |= {(shop, each): frozenset[str]() for each in asked}
        for each, first, last in self.connection.execute(queries.paid_by, {"shop": shop, "ids": list(asked)}):
            self._paid_by[shop, each] = frozenset((first, last))

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

    def orders_of(self, shop: str, buyer: str) -> tuple[Order, ...]:
        if (Order, shop, buyer) not in self._fetched:
            self._fetched.add((Order, shop, buyer))
            self._read_paid_by(shop, [buyer])
        return super().orders_of(shop, buyer)

    def heard_in(self, chat: str) -> list[Inbound]:
        self._read(Inbound, queries.heard_in, [chat])
        return super().heard_in(chat)

    def every_evidence_of(self, thread: str) -> tuple[Evidence, ...]:
        self._fetch_once(Evidence, queries.evidence_of_threads, [thread])
        return super().every_evidence_of(thread)

    def unfiled(self, chat: str) -> list[Evidence]:
        self._read(Evidence, queries.unfiled_in_chats, [chat])
        return super().unfiled(chat)

    def every_message_of(self, thread: str) -> list[Outgoing]:
        self._read(Outgoing, queries.messages_of_threads, [thread])
        return super().every_message_of(thread)

    def said_since(self, when: Instant, threads: Sequence[str]) -> frozenset[str]:
        since = to_micros(when)
        if any(self._steps_since.get(each, since + 1) > since for each in threads):
            self._read_steps(since, threads)
        known = (item for each in threads for item in self._steps[each].items())
        return super().said_since(when, threads) | frozenset(step for step, at in known if at > since)

    def _read_steps(self, since: int, threads: Iterable[str]) -> None:
        """At once for all who are spoken with in this transaction: events that wait together are handled in one."""
        open_now = (thread.id for thread in self.items[Thread].values() if not thread.state.closed)
        ids = list(dict.fromkeys((*threads, *open_now, *(chat for (chat,) in self.items[Chat]))))
        self._steps_since.update(dict.fromkeys(ids, since))
        for thread, step, at in self.connection.execute(queries.steps_since, {"ids": ids, "since": since}):
            self._steps[thread][step] = at

    def last_said(self, thread: str) -> Instant | None:
        known = self.connection.execute(queries.last_said, {"thread": thread}).scalar()
        found = (super().last_said(thread), None if known is None else from_micros(known))
        return max((at for at in found if at is not None), default=None)

    def unfinished(self, chat: str) -> list[Outgoing]:
        if (Chat, chat) not in self._fetched:
            self._fetched.add((Chat, chat))
            self._read(Outgoing, queries.unfinished_in_chats, [chat])
        return super().unfinished(chat)

    def open_tasks(self, thread: str) -> list[Task]:
        self._fetch_once(Task, queries.open_tasks_of_threads, self._with_others(Task, thread))
        return super().open_tasks(thread)

    def open_task_ids(self) -> list[str]:
        known = self.items[Task]
        stored = self.connection.execute(queries.open_task_ids).scalars()
        return [*super().open_task_ids(), *(id_ for id_ in stored if (id_,) not in known)]

    def every_open_task(self) -> list[Task]:
        unread = [id_ for id_ in self.open_task_ids() if (id_,) not in self.items[Task]]
        self._read(Task, queries.tasks_by_id, unread)
        return super().every_open_task()

    def read_about(self, tasks: Sequence[Task]) -> None:
        self._read(Thread, queries.threads_by_id, list(dict.fromkeys(task.thread for task in tasks)))
        self._read_chats_of(self._owners())

    def clocks_of(self, thread: str) -> list[Deadline]:
        self._fetch_once(Deadline, queries.clocks_of_threads, self._with_others(Deadline, thread))
        return super().clocks_of(thread)

    def awaited(self, thread: str) -> frozenset[str]:
        if (Deadline, thread) in self._fetched:
            return super().awaited(thread)
        if thread not in self._dues:
            ids = self._with_others(Deadline, thread)
            self._dues.update({each: frozenset() for each in (thread, *ids) if each not in self._dues})
            for each, due in self.connection.execute(queries.dues_of_threads, {"ids": ids}) if ids else ():
                self._dues[each] |= {due}
        return self._dues[thread] | {clock.due for clock in super().clocks_of(thread)}

    def read_ahead(self, threads: Sequence[str]) -> None:
        self._fetch_once(Deadline, queries.clocks_of_threads, threads)
        self._fetch_once(Task, queries.open_tasks_of_threads, threads)

    def topics_of(self, thread: str) -> tuple[Topic, ...]:
        self._fetch_once(Topic, queries.topics_of_threads, self._with_others(Topic, thread))
        return super().topics_of(thread)

    def is_at_desk(self, thread: str) -> bool:
        if not self.topics_of(thread):
            self._fetch_once(Task, queries.open_tasks_of_threads, self._with_others(Task, thread))
        return super().is_at_desk(thread)

    def _with_others(self, cls: type, thread: str) -> Sequence[str]:
        """With one thread that is looked up, all that are open in this transaction are; what began in it needs none."""
        is_new = True in (self.written.items[of].get((thread,)) for of in (Thread, Chat))
        if is_new or (cls, thread) in self._fetched:
            return ()
        open_now = (each.id for each in self.items[Thread].values() if not each.state.closed)
        return list(dict.fromkeys((thread, *open_now, *(chat for (chat,) in self.items[Chat]))))

    def suppression(self) -> Suppression:
        """As it was when this transaction first asked."""
        if self._suppression is None:
            self._suppression = self.dialect.erased.now(self.connection)
        return self._suppression

    def promises_of(self, thread: str) -> tuple[Promise, ...]:
        if any(reminder.step in PROMISE_STEPS for reminder in self._all(Reminder, thread)):
            self._fetch_once(Promise, queries.promises_of_threads, [thread])
        return super().promises_of(thread)

    def earliest_due(self) -> Instant | None:
        """The earliest due time among what this transaction writes."""
        due = [
            item.due_at
            for cls in (Reminder, Outgoing)
            for item in map(self.items[cls].__getitem__, self.written.items[cls])
            if item.state.value in ("pending", "due")
        ]
        return min(due, default=None)

    def says_on(self) -> frozenset[str]:
        """The channels of the messages that this transaction writes."""
        known = self.items[Outgoing]
        return frozenset(known[key].channel for key in self.written.items[Outgoing])

    def next_reminder(self) -> Instant | None:
        """When the next reminder is due, if any is pending."""
        due = self.connection.execute(queries.next_reminder).scalar()
        return None if due is None else from_micros(due)

    def flush(self) -> None:
        """Write what was saved, one statement a table."""
        for cls, marks in self.written.items.items():
            self.dialect.write(self.connection, cls, self.items[cls], marks)
        self.dialect.write_lines(self.connection, self.written.lines)
        if active := activity_of(self):
            self.dialect.many(self.connection, be_active, active)
