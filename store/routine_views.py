"""What the day's routine reads: open matters for a handover, how the last was cleared, the matters of some days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, union

from followup.after_sales.compensation import TOLD
from followup.after_sales.model import Grant
from followup.desk.deadlines import Deadline
from followup.desk.digest import KINDS, Entry
from followup.desk.handover import Clearing, Counts, Matter, Word
from followup.desk.records import Handover
from followup.model import Instant, Reminder, Role, State, Task, Thread
from followup.promises import OURS, Promise
from store import schema
from store.among import among
from store.codec import from_micros, to_micros
from store.in_bulk import batches, of_ids
from store.reading import by_shop
from store.schema import in_state
from store.tables import KEPT

T = TypeVar("T", Reminder, Task, Promise, Deadline, Grant)
NO_PERSON = ("", OURS, "buyer")
UNSAID = "not_said %"
_OPEN = ("open", "with_agent", "solved")
_is_open_thread = in_state(schema.threads, *_OPEN)
_is_open_task = in_state(schema.tasks, "open")
_is_open_clock = in_state(schema.deadlines, "running", "paused")
_is_open_promise = in_state(schema.promises, "open")


def open_matters(connection: Connection, shop: str) -> list[Matter]:
    """The open threads of a shop in which a person has something to do, or may be late with it."""
    threads = of_ids(connection, Thread, schema.threads.c.id, _concerned(connection, shop), _is_open_thread)
    ids = [thread.id for thread in threads]
    tasks = _by_thread(of_ids(connection, Task, schema.tasks.c.thread, ids, _is_open_task))
    clocks = _by_thread(of_ids(connection, Deadline, schema.deadlines.c.thread, ids, _is_open_clock))
    promises = _by_thread(of_ids(connection, Promise, schema.promises.c.thread, ids, _is_open_promise))
    pending = in_state(schema.reminders, "pending")
    planned = _by_thread(of_ids(connection, Reminder, schema.reminders.c.thread, ids, pending))
    heard, said, names = _heard(connection, threads), _said(connection, ids), buyer_names(connection, threads)
    return [
        Matter(
            thread,
            names.get((thread.shop, thread.buyer), thread.buyer),
            tuple(tasks[thread.id]),
            tuple(clocks[thread.id]),
            tuple(promises[thread.id]),
            min(planned[thread.id], key=lambda each: (each.due_at, each.id), default=None),
            heard.get((thread.shop, thread.buyer)),
            said.get(thread.id),
        )
        for thread in sorted(threads, key=lambda each: (each.opened_at, each.id))
    ]


def counts(connection: Connection, shop: str, since: Instant, until: Instant, matters: int) -> Counts:
    """The figures of a shift; `matters` of the open threads are handed over."""
    t, k = schema.threads.c, schema.tasks.c
    opened = _count(connection, t.shop == shop, _between(t.opened_at, since, until))
    closed = _count(connection, t.shop == shop, _between(t.closed_at, since, until))
    answered = _count(
        connection, k.shop == shop, in_state(schema.tasks, "done", "not_done"), _between(k.closed_at, since, until)
    )
    still = _count(connection, t.shop == shop, _is_open_thread)
    return Counts(opened, closed, answered, max(0, still - matters))


def last_handover(connection: Connection, shop: str) -> Handover | None:
    """The newest handover of a shop."""
    h = schema.handovers
    row = connection.execute(select(h).where(h.c.shop == shop).order_by(h.c.ended_at.desc(), h.c.id).limit(1)).first()
    return None if row is None else KEPT[Handover].codec.decode(row)


def clearing(connection: Connection, handover: Handover) -> Clearing:
    """How many of its matters were closed or solved since, and how many others somebody has touched; one that was done
    away with altogether counts as closed, one that is solved but has a task left does not."""
    threads = of_ids(connection, Thread, schema.threads.c.id, handover.threads, _is_open_thread)
    solved = [thread.id for thread in threads if thread.state is State.SOLVED]
    unfinished = {task.thread for task in of_ids(connection, Task, schema.tasks.c.thread, solved, _is_open_task)}
    threads = [thread for thread in threads if thread.state is not State.SOLVED or thread.id in unfinished]
    touched = _touched(connection, [thread.id for thread in threads], handover.ended_at)
    left = tuple(thread for thread in threads if thread.id not in touched)
    return Clearing(handover, len(handover.threads) - len(threads), len(threads) - len(left), left)


def has_followed(connection: Connection, shop: str, before: Instant) -> bool:
    """Whether anything was followed up in a shop before that moment."""
    t = schema.threads.c
    begun = select(t.id).where(t.shop == shop, t.opened_at < to_micros(before)).limit(1)
    return connection.execute(begun).first() is not None


def entries(connection: Connection, shop: str, since: Instant, until: Instant) -> list[Entry]:
    """The matters that began in that time (`until` not included): complaints, and others that somebody gave a cause."""
    t, o, s = schema.threads.c, schema.orders.c, schema.after_sales.c
    found = connection.execute(
        select(t.id, t.order_id, t.kind, t.cause, t.opened_at, t.closed_at, o.goods, s.cause.label("found"))
        .outerjoin_from(schema.threads, schema.orders, (o.shop == t.shop) & (o.id == t.order_id))
        .outerjoin(schema.after_sales, s.thread == t.id)
        .where(t.shop == shop, _between(t.opened_at, since, until), t.kind.in_(KINDS) | (t.cause != ""))
        .order_by(t.opened_at, t.id)
    ).all()
    grants = _by_thread(of_ids(connection, Grant, schema.grants.c.thread, [row.id for row in found]))
    return [
        Entry(
            row.id,
            row.order_id,
            row.kind,
            row.found or row.cause,
            row.goods or "",
            from_micros(row.opened_at),
            None if row.closed_at is None else from_micros(row.closed_at),
            tuple(grant.amount for grant in grants[row.id] if grant.state in TOLD),
        )
        for row in found
    ]


def last_digest(connection: Connection, shop: str) -> Task | None:
    """The newest digest of a shop."""
    k = schema.tasks
    of_shop = (k.c.thread == digests_of(shop)) & (k.c.reason == "digest")
    row = connection.execute(select(k).where(of_shop).order_by(k.c.created_at.desc(), k.c.id).limit(1)).first()
    return None if row is None else KEPT[Task].codec.decode(row)


def digests_of(shop: str) -> str:
    """What the digests of a shop are tasks of."""
    return f"{shop}/digest"


def buyer_names(connection: Connection, threads: Iterable[Thread]) -> dict[tuple[str, str], str]:
    """What buyers are called, by shop and id; those without a name are left out."""
    b = schema.buyers.c
    statement = select(b.id, b.name).where(b.shop == bindparam("shop"), among(b.id), b.name != "")
    return {
        (shop, row.id): row.name
        for shop, buyers in by_shop((thread.shop, thread.buyer) for thread in threads).items()
        for ids in batches(buyers)
        for row in connection.execute(statement, {"shop": shop, "ids": ids})
    }


def _concerned(connection: Connection, shop: str) -> list[str]:
    t, k, d, p = schema.threads.c, schema.tasks.c, schema.deadlines.c, schema.promises.c
    ways = union(
        select(k.thread).where(k.shop == shop, _is_open_task),
        select(d.thread).where(d.shop == shop, _is_open_clock),
        select(p.thread).where(p.shop == shop, _is_open_promise),
        select(t.id).where(t.shop == shop, _is_open_thread, (t.agent != "") | (t.state == State.WITH_AGENT.value)),
    )
    return list(connection.execute(ways).scalars())


def _heard(connection: Connection, threads: Sequence[Thread]) -> dict[tuple[str, str], Word]:
    """The last words of each buyer, in whichever of his chats he wrote them."""
    c, i = schema.chats.c, schema.inbox.c
    mine = select(c.id, c.shop, c.buyer).where(among(c.buyer))
    last = select(i.chat, func.max(i.at).label("at")).where(among(i.chat)).group_by(i.chat).subquery()
    newest = select(i.chat, i.at, i.text).join(last, (last.c.chat == i.chat) & (last.c.at == i.at))
    owners = {row.id: (row.shop, row.buyer) for row in _rows(connection, mine, (thread.buyer for thread in threads))}
    found: dict[tuple[str, str], Word] = {}
    for row in _rows(connection, newest, owners):
        word, owner = Word(from_micros(row.at), row.text), owners[row.chat]
        if owner not in found or found[owner].at < word.at:
            found[owner] = word
    return found


def _said(connection: Connection, threads: Sequence[str]) -> dict[str, Word]:
    """The last words of ours in each thread, that were heard or are on their way."""
    o = schema.outbox.c
    mine = among(o.thread) & (o.role != Role.ALERT.value) & (o.text != "")
    last = select(func.max(o.seq)).where(mine, in_state(schema.outbox, "due", "sending", "sent")).group_by(o.thread)
    found = select(o.thread, o.created_at, o.sent_at, o.text).where(o.seq.in_(last))
    rows = _rows(connection, found, threads)
    return {row.thread: Word(from_micros(row.sent_at or row.created_at), row.text) for row in rows}


def _touched(connection: Connection, threads: Sequence[str], since: Instant) -> set[str]:
    """Those that somebody took since then, as a thread or as a task of it, or did anything else about: answered the
    buyer, put a task off, wrote a note."""
    k, n, moment = schema.tasks.c, schema.notes.c, to_micros(since)
    tasks = select(k.thread).where(among(k.thread), k.taken_at >= moment)
    acts = n.who.not_in(NO_PERSON) & n.text.not_like(UNSAID)
    notes = select(n.thread).where(among(n.thread), n.at >= moment, acts)
    return {row.thread for of in (tasks, notes) for row in _rows(connection, of, threads)}


def _rows(connection: Connection, statement: Select[Any], ids: Iterable[str]) -> list[Any]:
    return [row for batch in batches(ids) for row in connection.execute(statement, {"ids": batch})]


def _by_thread(items: Iterable[T]) -> defaultdict[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for item in items:
        found[item.thread].append(item)
    return found


def _between(column: ColumnElement[Any], since: Instant, until: Instant) -> ColumnElement[bool]:
    return (column >= to_micros(since)) & (column < to_micros(until))


def _count(connection: Connection, *where: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).where(*where)).scalar_one())
