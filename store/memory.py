"""A store that keeps everything in memory, for simulating and for tests: same transactions, nothing on disk."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from followup.events import LOOK
from followup.model import Instant, Outgoing, OutgoingState, Reminder, ReminderState
from store.tx import Line, Tx, Written
from store.wanted import NOTHING, Pair, Wanted

T = TypeVar("T")


class MemoryTx(Tx):
    """The whole state as one never-ending transaction, with the due times in order."""

    def __init__(self) -> None:
        super().__init__()
        self._due: list[tuple[Instant, int, str]] = []
        self._looks: dict[Pair, dict[str, None]] = defaultdict(dict)

    def save(self, item: object) -> None:
        super().save(item)
        self._plan(item)

    def pending_of(self, shop: str, buyer: str) -> list[Reminder]:
        """Also the looks at orders that have no thread yet."""
        looks = (self.get(Reminder, id_) for id_ in self._looks.get((shop, buyer), ()))
        pending = [look for look in looks if look and look.buyer == buyer and look.state is ReminderState.PENDING]
        known = super().pending_of(shop, buyer)
        return list({each.id: each for each in (*known, *pending)}.values()) if pending else known

    def back_to(self, mark: tuple[int, int]) -> None:
        undone = self._undo[mark[0] :]
        super().back_to(mark)
        for _, _, old, _ in undone:
            self._plan(old)

    def next_due(self) -> Instant | None:
        """When the next reminder is due, if any is pending."""
        while self._due:
            due_at, _, id_ = self._due[0]
            if self._is_current(id_, due_at):
                return due_at
            heapq.heappop(self._due)
        return None

    def claim_due(self, now: Instant, limit: int, shop: str = "") -> list[Reminder]:
        due = self._first_due(now, limit, shop)
        for of, buyer in dict.fromkeys((reminder.shop, reminder.buyer) for reminder in due.values()):
            due |= {reminder.id: reminder for reminder in self.pending_of(of, buyer) if reminder.due_at <= now}
        return list(due.values())

    def _first_due(self, now: Instant, limit: int, shop: str) -> dict[str, Reminder]:
        due: dict[str, Reminder] = {}
        others: dict[str, Reminder] = {}
        while len(due) < limit and (when := self.next_due()) is not None and when <= now:
            _, _, id_ = heapq.heappop(self._due)
            reminder = self.items[Reminder][id_,]
            (due if shop in ("", reminder.shop) else others)[id_] = reminder
        for reminder in (*due.values(), *others.values()):
            self._plan(reminder)
        return due

    def _plan(self, item: object) -> None:
        if isinstance(item, Reminder) and item.state is ReminderState.PENDING:
            heapq.heappush(self._due, (item.due_at, item.priority, item.id))
            if item.step == LOOK:
                self._looks[item.shop, item.buyer][item.id] = None

    def _is_current(self, id_: str, due_at: Instant) -> bool:
        reminder = self.get(Reminder, id_)
        return reminder is not None and reminder.state is ReminderState.PENDING and reminder.due_at == due_at


class MemoryStore:
    """Transactions on a MemoryTx. `lines` are all decisions and notes so far; `drain` takes what is to be sent."""

    def __init__(self) -> None:
        self.tx = MemoryTx()
        self.lines: list[Line] = []
        self._unsent: list[str] = []

    async def transact(self, fn: Callable[[Tx], T], wanted: Wanted = NOTHING) -> T:
        """As `run`."""
        return self.run(fn, wanted)

    def run(self, fn: Callable[[Tx], T], _wanted: Wanted = NOTHING) -> T:
        """Run `fn`; if it raises, nothing has happened."""
        mark = self.tx.mark()
        try:
            result = fn(self.tx)
        except Exception:
            self.tx.back_to(mark)
            raise
        self._keep(self.tx.written)
        return result

    def drain(self) -> list[Outgoing]:
        """The messages that became due since the last call."""
        known = self.tx.items[Outgoing]
        messages = [known[id_,] for id_ in self._unsent]
        self._unsent = []
        return [message for message in messages if message.state is OutgoingState.DUE]

    def _keep(self, written: Written) -> None:
        self.lines += written.lines
        self._unsent += [key[0] for key, is_new in written.items[Outgoing].items() if is_new]
        self.tx.commit()
