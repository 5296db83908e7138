"""A transaction on a database: lock the chats, read afresh, write everything in bulk at the end."""

from __future__ import annotations

from collections.abc import Iterable

from followup.events import LOOK, looked_at
from followup.model import Chat, Instant, Outgoing, Reminder, ReminderState, Task, Thread
from store import locks, queries
from store.codec import from_micros, to_micros
from store.reading import Reading, by_shop
from store.wanted import Pair


class SqlTx(Reading):
    """What handlers look up as they go, and what is written when they are done."""

    def claim_due(self, now: Instant, limit: int) -> list[Reminder]:
        found: list[Reminder] = []
        for shop, ids in by_shop(self._claim_buyers(to_micros(now), limit)).items():
            found += self._read(Reminder, queries.pending_of_buyers, ids, shop=shop)
        due = [r for r in found if r.state is ReminderState.PENDING and r.due_at <= now]
        self._fetched.update((Reminder, reminder.thread) for reminder in found)
        self._read(Thread, queries.threads_by_id, list(dict.fromkeys(reminder.thread for reminder in due)))
        self._read_orders((reminder.shop, looked_at(reminder)[0]) for reminder in due if reminder.step == LOOK)
        self._read_facts(())
        self._read_cases()
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
