"""Reading for people: threads, their stories, tasks, the outbox. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, func, select

from followup.desk.deadlines import Deadline
from followup.model import (
    Decided,
    Decision,
    Facts,
    Instant,
    Note,
    Order,
    Outgoing,
    Parcel,
    Refund,
    Reminder,
    Review,
    Task,
    Thread,
    Verdict,
)
from followup.promises import Promise
from store import schema
from store.clock_views import clocks_of
from store.codec import from_micros, reasons_from_json
from store.promise_views import promises_of
from store.schema import in_state
from store.tables import KEPT


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one thread, each list in the order of time."""

    thread: Thread
    decisions: list[Decided]
    outgoing: list[Outgoing]
    reminders: list[Reminder]
    notes: list[Note]
    tasks: list[Task]
    promises: list[Promise] = field(default_factory=list)
    clocks: list[Deadline] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open task with what a person wants to know first: the order (if any) and the buyer's name, or his id."""

    task: Task
    order_id: str
    buyer: str


class SeveralShops(LookupError):
    """Order numbers are a shop's own: which one is meant has to be said."""


def thread_ids(connection: Connection, wanted: str) -> list[str]:
    """The threads meant by `wanted`: a thread's id, or an order number."""
    t = schema.threads.c
    found = select(t.id).where((t.id == wanted) | (t.order_id == wanted)).order_by(t.opened_at)
    return list(connection.execute(found).scalars())


def threads_meant(connection: Connection, wanted: str) -> list[Thread]:
    """The same with all that is known of them."""
    return [story(connection, id_).thread for id_ in thread_ids(connection, wanted)]


def story(connection: Connection, thread: str) -> Story:
    """The story of one thread. Raises LookupError if there is none of that id."""
    found = _all(connection, Thread, select(schema.threads).where(schema.threads.c.id == thread))
    if not found:
        raise LookupError(f"there is no thread {thread!r}")
    return story_of(connection, found[0])


def story_of(connection: Connection, thread: Thread) -> Story:
    """The story of a thread, or of what stands for one in a chat."""
    of, id_ = schema.decisions.c, thread.id
    return Story(
        thread,
        decisions(connection, select(schema.decisions).where(of.thread == id_).order_by(of.at, of.seq)),
        _of_thread(connection, Outgoing, schema.outbox, id_, "seq"),
        _of_thread(connection, Reminder, schema.reminders, id_, "due_at"),
        notes_of(connection, id_),
        _of_thread(connection, Task, schema.tasks, id_, "created_at"),
        promises_of(connection, id_),
        clocks_of(connection, id_),
    )


def decisions(connection: Connection, statement: Select[Any]) -> list[Decided]:
    """The decisions that the statement selects from the decisions table."""
    return [decided(row) for row in connection.execute(statement)]


def notes_of(connection: Connection, thread: str) -> list[Note]:
    """The notes of a thread."""
    of = schema.notes.c
    rows = connection.execute(select(schema.notes).where(of.thread == thread).order_by(of.at, of.seq))
    return [Note(row.thread, from_micros(row.at), row.who, row.text) for row in rows]


def threads(connection: Connection, limit: int, only_open: bool = True) -> list[Thread]:
    """The newest threads, the newest first."""
    statement = select(schema.threads).order_by(schema.threads.c.opened_at.desc()).limit(limit)
    if only_open:
        statement = statement.where(in_state(schema.threads, "open", "with_agent", "solved"))
    return _all(connection, Thread, statement)


def open_tasks(connection: Connection, limit: int = 100) -> list[Task]:
    """What waits for a person, oldest first."""
    statement = select(schema.tasks).where(in_state(schema.tasks, "open")).order_by(schema.tasks.c.created_at)
    return _all(connection, Task, statement.limit(limit))


def open_tasks_of(connection: Connection, thread: str) -> list[Task]:
    """What waits for a person about a thread, oldest first."""
    statement = select(schema.tasks).where(in_state(schema.tasks, "open"), schema.tasks.c.thread == thread)
    return _all(connection, Task, statement.order_by(schema.tasks.c.created_at))


def waiting(connection: Connection, assignee: str = "") -> list[Waiting]:
    """The open tasks, urgent ones above, the most pressing first, with their orders and buyers; of an `assignee` only
    what is his."""
    tasks, threads, chats, buyers = schema.tasks, schema.threads, schema.chats, schema.buyers
    buyer = func.coalesce(threads.c.buyer, chats.c.buyer, "")
    name = func.coalesce(func.nullif(buyers.c.name, ""), buyer)
    statement = (
        select(tasks, func.coalesce(threads.c.order_id, ""), name)
        .outerjoin_from(tasks, threads, threads.c.id == tasks.c.thread)
        .outerjoin(chats, chats.c.id == tasks.c.thread)
        .outerjoin(buyers, (buyers.c.shop == tasks.c.shop) & (buyers.c.id == buyer))
        .where(in_state(tasks, "open"))
        .order_by(
            tasks.c.urgent.desc(), func.coalesce(tasks.c.due_at, tasks.c.created_at), tasks.c.created_at, tasks.c.id
        )
    )
    if assignee:
        statement = statement.where(tasks.c.assignee == assignee)
    decode = KEPT[Task].codec.decode
    return [Waiting(decode(row), row[-2], row[-1]) for row in connection.execute(statement)]


def thread_of_task(connection: Connection, task: str) -> str:
    """The thread of a task, or its chat where nothing is followed up; "" if there is no such task."""
    found = connection.execute(select(schema.tasks.c.thread).where(schema.tasks.c.id == task)).scalar()
    return found or ""


def open_task_ids(connection: Connection) -> list[str]:
    """The ids of all open tasks."""
    return list(connection.execute(select(schema.tasks.c.id).where(in_state(schema.tasks, "open"))).scalars())


def facts(connection: Connection, order_id: str, shop: str = "") -> Facts | None:
    """All that is known of an order of a shop, or of the one shop that has it. Raises SeveralShops."""
    found = select(schema.orders).where(schema.orders.c.id == order_id).order_by(schema.orders.c.shop)
    orders = _all(connection, Order, found.where(schema.orders.c.shop == shop) if shop else found)
    if not orders:
        return None
    if len(orders) > 1:
        raise SeveralShops(f"several shops have an order {order_id}: {', '.join(each.shop for each in orders)}")
    refunds, reviews, parcels = (
        _all(connection, cls, select(table).where(table.c.shop == orders[0].shop, table.c.order_id == order_id))
        for cls, table in ((Refund, schema.refunds), (Review, schema.reviews), (Parcel, schema.parcels))
    )
    return Facts(orders[0], tuple(refunds), tuple(reviews), tuple(parcels))


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table holds."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in schema.metadata.sorted_tables
    }


def unsent(connection: Connection) -> dict[str, int]:
    """How many messages wait to be sent on each channel that has any."""
    waiting = select(schema.outbox.c.channel, func.count()).where(schema.in_state(schema.outbox, "due", "sending"))
    found = connection.execute(waiting.group_by(schema.outbox.c.channel))
    return {row[0]: row[1] for row in found}


def last_sent(connection: Connection) -> Instant | None:
    """When the newest message went."""
    sent = connection.execute(select(func.max(schema.outbox.c.sent_at))).scalar()
    return None if sent is None else from_micros(sent)


def _of_thread(connection: Connection, cls: type, table: Any, thread: str, order: str) -> list[Any]:
    return _all(connection, cls, select(table).where(table.c.thread == thread).order_by(table.c[order]))


def _all(connection: Connection, cls: type, statement: Select[Any]) -> list[Any]:
    decode = KEPT[cls].codec.decode
    return [decode(row) for row in connection.execute(statement)]


def decided(row: Any) -> Decided:
    """A row of the decisions table."""
    retry_at = None if row.retry_at is None else from_micros(row.retry_at)
    decision = Decision(Verdict(row.verdict), reasons_from_json(row.reasons), retry_at)
    at = from_micros(row.at)
    return Decided(
        row.thread, row.reminder, row.shop, row.buyer, row.step, at, decision, row.channel, row.lang, row.text
    )
