"""A transaction: what it has read, what it will write, and a way back for one failed handler."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from followup.after_sales.model import AfterSale, Grant
from followup.desk.deadlines import ClockState, Deadline
from followup.desk.records import Suppressed, Topic
from followup.evidence import Evidence
from followup.facts import no_order
from followup.model import (
    Buyer,
    Chat,
    Cursor,
    Decided,
    Facts,
    Inbound,
    Instant,
    Note,
    Order,
    Outgoing,
    OutgoingState,
    Parcel,
    Refund,
    Reminder,
    ReminderState,
    Review,
    Role,
    Task,
    TaskState,
    Thread,
)
from followup.promises import Promise, PromiseState
from store.suppression import KEY, Suppression
from store.tables import KEPT, Key
from store.wanted import Wanted

T = TypeVar("T")
Line = Decided | Note
_MOVABLE = (Chat, Thread, Evidence)
_OF_THREADS = frozenset((Reminder, Outgoing, Task, Grant, Promise, Evidence, Deadline, Topic))


@dataclass
class Written:
    """What a transaction will write: items by class and key (True: the key is new), and lines only ever added."""

    items: dict[type, dict[Key, bool]] = field(default_factory=lambda: defaultdict(dict))
    lines: list[Line] = field(default_factory=list)


class Tx:
    """An identity map with the few look-ups that handlers need; by itself it keeps everything in memory."""

    def __init__(self) -> None:
        self.items: dict[type, dict[Key, Any]] = {cls: {} for cls in KEPT}
        self.written = Written()
        self._of: dict[tuple[str, ...], dict[Key, None]] = defaultdict(dict)
        self._undo: list[tuple[type, Key, Any, bool | None]] = []

    def load(self, wanted: Wanted) -> None:
        """Lock the chats concerned, then read what is wanted."""

    def claim_due(self, now: Instant, limit: int, shop: str = "") -> list[Reminder]:
        """The first reminders (of a shop) due at `now` and whatever else is due for their buyers, locked and read
        afresh."""
        raise NotImplementedError

    def get(self, cls: type[T], *key: str) -> T | None:
        """The item by its key, if it was read or saved."""
        return self.items[cls].get(key)

    def remember(self, item: Any) -> None:
        """Keep what was read."""
        cls = type(item)
        key = KEPT[cls].key(item)
        if key not in self.items[cls]:
            self.items[cls][key] = item
            self._index(cls, key, item)

    def save(self, item: Any) -> None:
        """Keep an item and have it written."""
        cls = type(item)
        key = KEPT[cls].key(item)
        known, marks = self.items[cls], self.written.items[cls]
        old = known.get(key)
        self._undo.append((cls, key, old, marks.get(key)))
        known[key] = item
        marks[key] = marks.get(key, old is None)
        if old is None:
            self._index(cls, key, item)
        elif cls in _MOVABLE:
            self._move(cls, key, old, item)

    def add(self, line: Line) -> None:
        """Have a line written that is never changed again."""
        self.written.lines.append(line)

    def mark(self) -> tuple[int, int]:
        """A place to come back to."""
        return len(self._undo), len(self.written.lines)

    def back_to(self, mark: tuple[int, int]) -> None:
        """Forget everything saved or added since the mark."""
        undo, lines = mark
        while len(self._undo) > undo:
            cls, key, old, was = self._undo.pop()
            if cls in _MOVABLE and old is not None:
                self._move(cls, key, self.items[cls][key], old)
            _put_or_drop(self.items[cls], key, old)
            _put_or_drop(self.written.items[cls], key, was)
        del self.written.lines[lines:]

    def known(self) -> dict[type, set[Key]]:
        """The keys of everything that was read or saved."""
        return {cls: set(items) for cls, items in self.items.items()}

    def forget_all_but(self, known: dict[type, set[Key]]) -> None:
        """Forget what was read since, so that it can be read again."""
        self._of.clear()
        for cls, keys in known.items():
            self.items[cls] = {key: item for key, item in self.items[cls].items() if key in keys}
            for key, item in self.items[cls].items():
                self._index(cls, key, item)

    def commit(self) -> None:
        """Everything is kept; there is no way back any more."""
        self.written = Written()
        self._undo.clear()

    def facts(self, shop: str, order_id: str) -> Facts | None:
        """All that sources said about an order."""
        order = self.get(Order, shop, order_id)
        if order is None:
            return None
        of = (shop, order_id)
        return Facts(order, self._all(Refund, *of), self._all(Review, *of), self._all(Parcel, *of))

    def facts_of(self, thread: Thread) -> Facts | None:
        """All that sources said about what a thread is about."""
        return self.facts(thread.shop, thread.order_id) if thread.order_id else no_order(thread)

    def orders_of(self, shop: str, buyer: str) -> tuple[Order, ...]:
        """Those orders of a buyer that were read or saved; all that he paid if they were wanted (`Wanted.paid_of`)."""
        return self._all(Order, shop, buyer)

    def sale(self, thread: str) -> AfterSale | None:
        """How the after-sales case of a thread stands."""
        return self.get(AfterSale, thread)

    def heard_in(self, chat: str) -> list[Inbound]:
        """What was written in a chat so far."""
        return [message for message in self.items[Inbound].values() if message.chat == chat]

    def grants_of(self, thread: str) -> tuple[Grant, ...]:
        """The compensations asked for in an after-sales thread."""
        return self._all(Grant, thread)

    def evidence_of(self, thread: str) -> tuple[Evidence, ...]:
        """The photos and files of an after-sales thread."""
        return self._all(Evidence, thread)

    def every_evidence_of(self, thread: str) -> tuple[Evidence, ...]:
        """The photos and files of any thread."""
        return self._all(Evidence, thread)

    def unfiled(self, chat: str) -> list[Evidence]:
        """The photos and files of a chat that belong to no thread."""
        return [each for each in self._all(Evidence, "") if each.chat == chat]

    def promises_of(self, thread: str) -> tuple[Promise, ...]:
        """The promises of a thread that are not kept yet."""
        return tuple(each for each in self._all(Promise, thread) if each.state is PromiseState.OPEN)

    def clocks_of(self, thread: str) -> list[Deadline]:
        """The open clocks of a thread, running or paused."""
        is_open = (ClockState.RUNNING, ClockState.PAUSED)
        return [each for each in self._all(Deadline, thread) if each.state in is_open]

    def awaited(self, thread: str) -> frozenset[str]:
        """What the open clocks of a thread are for, without the clocks themselves."""
        return frozenset(clock.due for clock in self.clocks_of(thread))

    def read_ahead(self, threads: Sequence[str]) -> None:
        """Read the open clocks and tasks of these threads (or chats) in one go."""

    def topics_of(self, thread: str) -> tuple[Topic, ...]:
        """Where a thread (or a chat in which nothing is followed up) is spoken of among the shop's own people."""
        return self._all(Topic, thread)

    def topic(self, desk: str, number: str) -> Topic | None:
        """The topic of that number, if it was read or saved (`Wanted.topics`)."""
        known = self.items[Topic].values()
        return next((each for each in known if (each.desk, each.number) == (desk, number)), None)

    def is_at_desk(self, thread: str) -> bool:
        """Whether the shop's people speak of a thread or a chat, or have something to do about it."""
        return bool(self.topics_of(thread) or self.open_tasks(thread))

    def threads_of(self, shop: str, buyer: str) -> list[Thread]:
        """The open threads of a buyer."""
        return [thread for thread in self._all(Thread, shop, buyer) if not thread.state.closed]

    def every_thread_of(self, shop: str, buyer: str) -> list[Thread]:
        """All threads of a buyer, those that are closed too."""
        return list(self._all(Thread, shop, buyer))

    def chats_of(self, shop: str, buyer: str) -> tuple[Chat, ...]:
        """The chats of a buyer."""
        return self._all(Chat, shop, buyer)

    def pending(self, thread: str) -> list[Reminder]:
        """The planned touches of a thread."""
        return [r for r in self._all(Reminder, thread) if r.state is ReminderState.PENDING]

    def pending_of(self, shop: str, buyer: str) -> list[Reminder]:
        """The planned touches of a buyer, in open threads and in closed ones."""
        return [reminder for thread in self.every_thread_of(shop, buyer) for reminder in self.pending(thread.id)]

    def unsent(self, thread: str) -> list[Outgoing]:
        """The messages of a thread that wait in the outbox."""
        return [o for o in self._all(Outgoing, thread) if o.state is OutgoingState.DUE]

    def every_message_of(self, thread: str) -> list[Outgoing]:
        """All messages of a thread."""
        return list(self._all(Outgoing, thread))

    def said_since(self, when: Instant, threads: Sequence[str]) -> frozenset[str]:
        """The scripts whose words were put out after `when` in these threads, and in chats without a thread."""
        return frozenset(o.step for id_ in threads for o in self._all(Outgoing, id_) if o.created_at > when)

    def last_said(self, thread: str) -> Instant | None:
        """When words of ours were last put out in a thread that its buyer has heard or is about to hear."""
        said = (o.created_at for o in self._all(Outgoing, thread) if o.role is not Role.ALERT and not o.state.unheard)
        return max(said, default=None)

    def unfinished(self, chat: str) -> list[Outgoing]:
        """The messages of a chat that wait in the outbox or are on their way."""
        known = self.items[Outgoing].values()
        return [o for o in known if o.chat == chat and o.state in (OutgoingState.DUE, OutgoingState.SENDING)]

    def sent_as(self, channel: str, external_id: str) -> Outgoing | None:
        """The message that a channel knows by that id, if it was read or saved."""
        known = self.items[Outgoing].values()
        return next((o for o in known if o.external_id == external_id and o.channel == channel), None)

    def open_tasks(self, thread: str) -> list[Task]:
        """The tasks of a thread that nobody has answered."""
        return [t for t in self._all(Task, thread) if t.state is TaskState.OPEN]

    def open_task_ids(self) -> list[str]:
        """The ids of all tasks that nobody has answered, of every shop."""
        return [task.id for task in self.items[Task].values() if task.state is TaskState.OPEN]

    def every_open_task(self) -> list[Task]:
        """All of those tasks."""
        return [task for task in self.items[Task].values() if task.state is TaskState.OPEN]

    def read_about(self, tasks: Sequence[Task]) -> None:
        """Read whom and what tasks are about, to be shown: nothing is locked, so nothing of it may be changed."""

    def has_paid_before(self, shop: str, buyer: str, this: str) -> bool:
        """Whether the buyer paid for an order other than `this` (rules 5, 6)."""
        return any(order.paid_at is not None and order.id != this for order in self._all(Order, shop, buyer))

    def suppression(self) -> Suppression:
        """Who was erased and is not written to any more."""
        gone = frozenset((each.shop, each.digest) for each in self.items[Suppressed].values())
        key = self.get(Cursor, KEY) if gone else None
        return Suppression(key.value, gone) if key else Suppression()

    def buyer(self, shop: str, buyer: str) -> Buyer:
        """The buyer; a fresh one if nobody has met him."""
        return self.get(Buyer, shop, buyer) or Buyer(shop, buyer)

    def _all(self, cls: type[T], *owner: str) -> tuple[T, ...]:
        known = self.items[cls]
        found = self._of.get((cls.__name__, *owner))
        return tuple(known[key] for key in found if key in known) if found else ()

    def _move(self, cls: type, key: Key, old: Any, new: Any) -> None:
        """Keep an item among those of its new buyer or thread."""
        before = _owner(cls, old)
        if before is not None and before != _owner(cls, new):
            self._of[(cls.__name__, *before)].pop(key, None)
            self._index(cls, key, new)

    def _index(self, cls: type, key: Key, item: Any) -> None:
        owner = _owner(cls, item)
        if owner is not None:
            self._of[(cls.__name__, *owner)][key] = None


def _owner(cls: type, item: Any) -> tuple[str, ...] | None:
    """What an item is looked up by besides its key: its order, its buyer or its thread."""
    if cls is Refund or cls is Review or cls is Parcel:
        return item.shop, item.order_id
    if cls is Chat or cls is Thread or cls is Order:
        return item.shop, item.buyer
    return (item.thread,) if cls in _OF_THREADS else None


def _put_or_drop(into: dict[Key, Any], key: Key, value: Any) -> None:
    if value is None:
        into.pop(key, None)
    else:
        into[key] = value
