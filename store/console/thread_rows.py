"""What a list of threads shows of each: the buyer, the last word, what comes next, and what waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, func, select

from followup.desk.deadlines import ClockState, Deadline
from followup.events import LOOK
from followup.kinds import STEPS
from followup.model import Instant, Reminder, Role, Task, Thread
from store.among import among
from store.codec import from_micros
from store.console.thread_filter import cause_of, of_buyer, of_order
from store.in_bulk import of_ids
from store.schema import after_sales, buyers, deadlines, in_state, notes, orders, outbox, reminders, tasks, threads
from store.tables import KEPT

BUYER, HUIFANG, SAYS = "buyer", "huifang", "says"
SILENT = frozenset((LOOK, *(id_ for id_, step in STEPS.items() if step.role is Role.SILENT)))


@dataclass(frozen=True, slots=True)
class Word:
    """The last thing that was said: by "buyer", "huifang" or one of the shop's people."""

    who: str
    at: Instant
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A thread as a list shows it. `buyer` is his name, or his id; `tasks` are the open ones, the most pressing first;
    `next` is what the bot will say next; `clock` the tightest that is open."""

    thread: Thread
    buyer: str
    goods: str
    cause: str
    active_at: Instant
    last: Word | None = None
    next: Reminder | None = None
    clock: Deadline | None = None
    tasks: tuple[Task, ...] = field(default=())

    @property
    def due_at(self) -> Instant | None:
        """By when a person is needed."""
        return pressing(self.tasks[0]) if self.tasks else None


def pressing(task: Task) -> Instant:
    """By when a task is to be done; one without a time is as old as it is."""
    return task.due_at or task.created_at


_buyer = func.coalesce(func.nullif(buyers.c.name, ""), func.nullif(orders.c.buyer_name, ""), threads.c.buyer)
listed = (
    select(
        threads, _buyer.label("called"), func.coalesce(orders.c.goods, "").label("goods"), cause_of.label("found_cause")
    )
    .outerjoin_from(threads, after_sales, after_sales.c.thread == threads.c.id)
    .outerjoin(orders, of_order)
    .outerjoin(buyers, of_buyer)
)
"""Threads with what else is shown of them at once."""


def rows_of(connection: Connection, ids: Iterable[str]) -> list[Row]:
    """Those of these threads that there are, in no order."""
    return rows(connection, connection.execute(listed.where(among(threads.c.id)), {"ids": list(ids)}).all())


def rows(connection: Connection, found: Sequence[Any]) -> list[Row]:
    """The rows of what `listed` has found, in its order."""
    ids = [row.id for row in found]
    words, planned = _last(connection, ids), _next(connection, ids)
    clocks, waiting = _tightest(connection, ids), _waiting(connection, ids)
    decode = KEPT[Thread].codec.decode
    return [
        Row(
            decode(row),
            row.called,
            row.goods,
            row.found_cause or row.cause,
            from_micros(row.active_at),
            words.get(row.id),
            planned.get(row.id),
            clocks.get(row.id),
            tuple(waiting.get(row.id, ())),
        )
        for row in found
    ]


def _last(connection: Connection, ids: Sequence[str]) -> dict[str, Word]:
    heard, said = _heard(connection, ids), _said(connection, ids)
    both = {thread: [word for word in (heard.get(thread), said.get(thread)) if word] for thread in ids}
    return {thread: max(found, key=lambda word: word.at) for thread, found in both.items() if found}


def _heard(connection: Connection, ids: Sequence[str]) -> dict[str, Word]:
    """The buyer's last words."""
    n = notes.c
    last = select(func.max(n.seq)).where(among(n.thread), n.who == BUYER).group_by(n.thread)
    found = _all(connection, select(n.thread, n.at, n.text).where(n.seq.in_(last)), ids)
    return {row.thread: Word(BUYER, from_micros(row.at), row.text) for row in found}


def _said(connection: Connection, ids: Sequence[str]) -> dict[str, Word]:
    """The last words of ours that went, or are on their way."""
    o = outbox.c
    went = in_state(outbox, "due", "sending", "sent", "unsure")
    last = select(func.max(o.seq)).where(among(o.thread), went, o.text != "", o.role != Role.ALERT.value)
    columns = select(o.thread, o.created_at, o.sent_at, o.step, o.text)
    found = _all(connection, columns.where(o.seq.in_(last.group_by(o.thread))), ids)
    people = _people(connection, [row.thread for row in found if row.step == SAYS])
    return {
        row.thread: Word(
            people.get((row.thread, row.created_at), HUIFANG), from_micros(row.sent_at or row.created_at), row.text
        )
        for row in found
    }


def _people(connection: Connection, ids: Sequence[str]) -> dict[tuple[str, int], str]:
    """Who of the shop's people said something, by the note that was made of it in the same moment."""
    n = notes.c
    said = select(n.thread, n.at, n.who).where(among(n.thread), n.who != BUYER, n.text.startswith(f"{SAYS} "))
    return {(row.thread, row.at): row.who for row in (_all(connection, said, ids) if ids else ())}


def _next(connection: Connection, ids: Sequence[str]) -> dict[str, Reminder]:
    """The planned touch that comes first; nothing is told of what nobody hears."""
    found = of_ids(connection, Reminder, reminders.c.thread, ids, in_state(reminders, "pending"))
    heard = (each for each in found if each.step not in SILENT)
    return {each.thread: each for each in sorted(heard, key=lambda each: (each.due_at, each.id), reverse=True)}


def _tightest(connection: Connection, ids: Sequence[str]) -> dict[str, Deadline]:
    """The clock that is due first; those that stand still come last."""
    found = of_ids(connection, Deadline, deadlines.c.thread, ids, in_state(deadlines, "running", "paused"))
    by_time = sorted(found, key=lambda each: (each.state is not ClockState.RUNNING, each.due_at, each.id), reverse=True)
    return {each.thread: each for each in by_time}


def _waiting(connection: Connection, ids: Sequence[str]) -> dict[str, list[Task]]:
    """The open tasks of each."""
    by_thread: dict[str, list[Task]] = {}
    found = of_ids(connection, Task, tasks.c.thread, ids, in_state(tasks, "open"))
    for task in sorted(found, key=lambda each: (pressing(each), each.id)):
        by_thread.setdefault(task.thread, []).append(task)
    return by_thread


def _all(connection: Connection, statement: Select[Any], ids: Sequence[str]) -> Sequence[Any]:
    return connection.execute(statement, {"ids": list(ids)}).all()
