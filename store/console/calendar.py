"""What is planned, by the quarter of an hour for a whole week, and one by one for an hour.

`shops` are those that are looked at, None for all. What is overdue is about to go and counts as planned for `now`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)

from followup.kinds import KINDS, STEPS
from followup.kinds.promised import PROMISED
from followup.model import Buyer, Chat, Instant, Outgoing, Reminder, Role, State, Thread
from store.among import among
from store.codec import from_micros, to_micros
from store.reading import by_shop
from store.schema import buyers, chats, in_state, outbox, reminders, threads
from store.tables import KEPT

Shops = Collection[str] | None
QUARTER = timedelta(minutes=15)
SPEAKING = tuple(sorted(id_ for id_, step in STEPS.items() if step.role is not Role.SILENT))
NUDGES = tuple(sorted(id_ for id_, step in STEPS.items() if step.role is Role.NUDGE))
KIND_OF = {step: kind.name for kind in KINDS.values() for step in kind.steps if step not in PROMISED}
PROMISES = "promise"
"""Stands for a kind where a step is of all kinds, as those of promises are."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` (included) to `until` (not included), as it is looked at `now`."""

    since: Instant
    until: Instant
    now: Instant

    @property
    def is_present(self) -> bool:
        """Whether it is now."""
        return self.since <= self.now < self.until

    def holds(self, due_at: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether something is planned for then, or is overdue and this is the present."""
        before = due_at < to_micros(self.until)
        return before if self.is_present else and_(before, due_at >= to_micros(max(self.since, self.now)))

    def quarter(self, due_at: ColumnElement[int]) -> ColumnElement[int]:
        """The quarter of an hour for which it is planned, counted from 1970."""
        now = literal(to_micros(self.now), BigInteger)
        return case((due_at < now, now), else_=due_at) // (QUARTER // timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class Count:
    """How many touches of one kind are planned for a quarter of an hour, and how many of them will have to wait, for
    their buyers are written to shortly before. `at` is its first instant."""

    at: Instant
    kind: str
    count: int
    waits: int


@dataclass(frozen=True, slots=True)
class Touch:
    """A planned touch with its thread (or what stands for it where nothing is followed up) and its buyer's name, or his
    id; `message` is there for one that was put out already and waits in the outbox."""

    thread: Thread
    buyer: str
    reminder: Reminder | None = None
    message: Outgoing | None = None

    @property
    def due_at(self) -> Instant:
        """When it is planned."""
        planned = self.reminder or self.message
        assert planned is not None
        return planned.due_at


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of some buyers, to foretell what becomes of all that is planned for them."""

    buyers: Mapping[tuple[str, str], Buyer] = field(default_factory=dict)
    chats: Mapping[tuple[str, str], list[Chat]] = field(default_factory=dict)
    threads: Mapping[str, Thread] = field(default_factory=dict)
    planned: Mapping[tuple[str, str], list[Reminder]] = field(default_factory=dict)


def counted(connection: Connection, shops: Shops, span: Span, every: Mapping[str, timedelta]) -> list[Count]:
    """How much is planned, in the order of time; `every` is by shop how long a buyer is left alone after a nudge."""
    quarter, step = span.quarter(reminders.c.due_at).label("quarter"), reminders.c.step
    planned = select(quarter, step, func.count()).where(_planned(reminders, shops, span)).group_by("quarter", step)
    found = [_count(row[0], row[1], row[2], 0) for row in connection.execute(planned)]
    for statement in (_too_close(shops, span, every), _too_soon(shops, span, every)) if every else ():
        found += [_count(row[0], row[1], 0, row[2]) for row in connection.execute(statement)]
    return _added([*found, *_put_out(connection, shops, span)])


def next_planned(connection: Connection, shops: Shops, after: Instant) -> Instant | None:
    """When the next touch after a moment is planned."""
    of = reminders.c
    statement = select(of.due_at).where(_speaks(reminders, shops), of.due_at >= to_micros(after)).order_by(of.due_at)
    found = connection.execute(statement.limit(1)).scalar()
    return None if found is None else from_micros(found)


def touches(connection: Connection, shops: Shops, span: Span, limit: int = 100) -> list[Touch]:
    """What is planned one by one, in the order of time, that which waits in the outbox first."""
    sent = _named(outbox, outbox.c.thread).where(_waits(shops, span)).order_by(outbox.c.due_at, outbox.c.seq)
    planned = _named(reminders, reminders.c.thread).where(_planned(reminders, shops, span))
    planned = planned.order_by(reminders.c.due_at, reminders.c.priority, reminders.c.id)
    found = [_touch(row, Outgoing, "message") for row in connection.execute(sent.limit(limit))]
    found += [_touch(row, Reminder, "reminder") for row in connection.execute(planned.limit(limit))]
    return found[:limit]


def around(connection: Connection, who: Iterable[tuple[str, str]]) -> Around:
    """What is known of these buyers (shop, id)."""
    found = Around({}, {}, {}, {})
    for shop, ids in by_shop(dict.fromkeys(who)).items():
        _read_around(connection, shop, ids, found)
    return found


def _read_around(connection: Connection, shop: str, ids: list[str], into: Any) -> None:
    for buyer in _all(connection, Buyer, select(buyers).where(buyers.c.shop == shop, among(buyers.c.id)), ids):
        into.buyers[shop, buyer.id] = buyer
    for chat in _all(connection, Chat, select(chats).where(chats.c.shop == shop, among(chats.c.buyer)), ids):
        into.chats.setdefault((shop, chat.buyer), []).append(chat)
    of = reminders.c
    pending = select(reminders).where(in_state(reminders, "pending"), of.shop == shop, among(of.buyer))
    for reminder in _all(connection, Reminder, pending.where(of.step.in_(SPEAKING)), ids):
        into.planned.setdefault((shop, reminder.buyer), []).append(reminder)
    meant = [each.thread for who, planned in into.planned.items() if who[0] == shop for each in planned]
    for thread in _all(connection, Thread, select(threads).where(among(threads.c.id)), meant):
        into.threads[thread.id] = thread


def _all(connection: Connection, cls: type, statement: Select[Any], ids: list[str]) -> list[Any]:
    decode = KEPT[cls].codec.decode
    return [decode(row) for row in connection.execute(statement, {"ids": ids})]


def _speaks(table: FromClause, shops: Shops) -> ColumnElement[bool]:
    of = table.c
    in_shops = () if shops is None else (of.shop.in_(sorted(shops)),)
    return and_(in_state(table, "pending"), of.step.in_(SPEAKING), *in_shops)


def _planned(table: FromClause, shops: Shops, span: Span) -> ColumnElement[bool]:
    return and_(_speaks(table, shops), span.holds(table.c.due_at))


def _waits(shops: Shops, span: Span) -> ColumnElement[bool]:
    of = outbox.c
    in_shops = () if shops is None else (of.shop.in_(sorted(shops)),)
    return and_(in_state(outbox, "due"), of.role != Role.ALERT.value, span.holds(of.due_at), *in_shops)


def _put_out(connection: Connection, shops: Shops, span: Span) -> list[Count]:
    """What stands in the outbox and waits, by the kind of its thread."""
    quarter, kind = span.quarter(outbox.c.due_at).label("quarter"), func.coalesce(threads.c.kind, literal_column("''"))
    statement = select(quarter, kind, func.count()).outerjoin_from(outbox, threads, threads.c.id == outbox.c.thread)
    rows = connection.execute(statement.where(_waits(shops, span)).group_by("quarter", kind))
    return [Count(_instant(row[0]), row[1], row[2], 0) for row in rows]


def _too_close(shops: Shops, span: Span, every: Mapping[str, timedelta]) -> Select[Any]:
    """How many nudges are planned so soon after another one of the same buyer that the cap will hold them. Only buyers
    for whom more than one touch is planned are looked at: an index tells them, and they are few."""
    of = reminders.c
    busy = select(of.shop, of.buyer).where(in_state(reminders, "pending")).group_by(of.shop, of.buyer)
    busy = busy.having(func.count() > 1)
    near = and_(of.due_at < to_micros(span.until), of.due_at >= to_micros(span.since - max(every.values())))
    near = of.due_at < to_micros(span.until) if span.is_present else near
    before = func.lag(of.due_at).over(partition_by=(of.shop, of.buyer), order_by=(of.due_at, of.id))
    nudges = select(of.due_at, of.step, of.shop, before.label("before")).where(
        _speaks(reminders, shops), of.step.in_(NUDGES), near, tuple_(of.shop, of.buyer).in_(busy)
    )
    each = nudges.subquery("nudges").c
    quarter = span.quarter(each.due_at).label("quarter")
    held = and_(each.before > _free(each.due_at, each.shop, every), span.holds(each.due_at))
    return select(quarter, each.step, func.count()).where(held).group_by("quarter", each.step)


def _too_soon(shops: Shops, span: Span, every: Mapping[str, timedelta]) -> Select[Any]:
    """How many come too soon after what their buyers were nudged with already, and after nothing else."""
    of, other = reminders.c, reminders.alias("other")
    free = _free(of.due_at, of.shop, every)
    his = and_(buyers.c.shop == of.shop, buyers.c.id == of.buyer, buyers.c.nudged_at > free)
    lately = select(buyers.c.id).where(his).correlate(reminders).exists()
    mine = (other.c.shop == of.shop, other.c.buyer == of.buyer, in_state(other, "pending"), other.c.step.in_(NUDGES))
    earlier = or_(other.c.due_at < of.due_at, and_(other.c.due_at == of.due_at, other.c.id < of.id))
    close = select(other.c.id).where(*mine, other.c.due_at > free, earlier).correlate(reminders).exists()
    soon = of.due_at < to_micros(span.now + max(every.values()))
    quarter = span.quarter(of.due_at).label("quarter")
    held = and_(_planned(reminders, shops, span), soon, of.step.in_(NUDGES), lately, ~close)
    return select(quarter, of.step, func.count()).where(held).group_by("quarter", of.step)


def _free(due_at: ColumnElement[int], shop: ColumnElement[str], every: Mapping[str, timedelta]) -> ColumnElement[int]:
    """The moment before which a buyer has to have been nudged last, by how long his shop leaves him alone."""
    spans = {name: span // timedelta(microseconds=1) for name, span in every.items()}
    return due_at - case(*((shop == name, cast(span, BigInteger)) for name, span in spans.items()), else_=0)


def _count(quarter: int, step: str, count: int, waits: int) -> Count:
    return Count(_instant(quarter), KIND_OF.get(step, PROMISES), count, waits)


def _added(counts: list[Count]) -> list[Count]:
    """One for each quarter and kind."""
    sums: dict[tuple[Instant, str], tuple[int, int]] = {}
    for each in counts:
        count, waits = sums.get((each.at, each.kind), (0, 0))
        sums[each.at, each.kind] = count + each.count, waits + each.waits
    return [Count(at, kind, *sums[at, kind]) for at, kind in sorted(sums)]


def _instant(quarter: int) -> Instant:
    return from_micros(quarter * (QUARTER // timedelta(microseconds=1)))


def _named(table: FromClause, thread: ColumnElement[str]) -> Select[Any]:
    """The rows with their threads and the names of their buyers."""
    of = buyers.c
    name = func.coalesce(func.nullif(of.name, ""), table.c.buyer)
    with_thread = select(table, name, threads).outerjoin_from(table, threads, threads.c.id == thread)
    return with_thread.outerjoin(buyers, and_(of.shop == table.c.shop, of.id == table.c.buyer))


def _touch(row: Any, cls: type, what: str) -> Touch:
    codec, width = KEPT[cls].codec, len(KEPT[cls].table.c)
    planned, is_followed = codec.decode(row), row[width + 1] is not None
    thread = KEPT[Thread].codec.decode(row[width + 1 :]) if is_followed else _no_thread(planned)
    return Touch(thread, row[width], **{what: planned})


def _no_thread(of: Outgoing | Reminder) -> Thread:
    """What stands for a thread where nothing is followed up."""
    chat = of.chat if isinstance(of, Outgoing) else ""
    return Thread(of.thread, of.shop, "", "", of.buyer, chat, State.OPEN, of.due_at, of.due_at)
