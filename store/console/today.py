"""What the start page shows: what waits for a person, what the bot did today, and what it held back.

`shops` are those that are looked at, None for all. Days begin at `since`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, select

from followup.model import ChannelState, Decided, Health, Instant, Outgoing, Task, Verdict
from store.codec import from_micros, to_micros
from store.schema import buyers, channel_states, chats, decisions, in_state, inbox, outbox, suppressed, tasks, threads
from store.tables import KEPT
from store.views import decided

Shops = Collection[str] | None
BY_PEOPLE = "says"
"""The step under which stands what people of the shop said themselves."""
UNSURE = "unsure"
TASKS, FEW, OPENED = 50, 20, 100
"""How many tasks, decisions, and decisions of one sort are listed."""


class Whose(StrEnum):
    """Which tasks are looked at: his own, those that nobody took, or all."""

    MINE = "mine"
    NOBODYS = "nobodys"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Waits:
    """An open task with the kind of its thread ("" where nothing is followed up), its order, and the buyer's name, or
    his id."""

    task: Task
    kind: str
    order_id: str
    buyer: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages of one step of a kind went today."""

    kind: str
    step: str
    count: int


@dataclass(frozen=True, slots=True)
class Held:
    """How often one verdict held something back today; `until` is the next time at which it is looked at again."""

    verdict: Verdict
    count: int
    until: Instant | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision of today with the kind of its thread, its order and the buyer's name, or his id."""

    decided: Decided
    kind: str
    order_id: str
    buyer: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """A message of which nobody knows whether it arrived, which a person is to find out; `message` is None where it
    was erased meanwhile."""

    waits: Waits
    message: Outgoing | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The day in a few figures: matters begun and ended, messages of the bot and of buyers, and who wants no more."""

    opened: int
    closed: int
    said: int
    heard: int
    opt_outs: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see: his shops, which tasks, since when the day lasts, and which lists are narrowed to
    one step of a kind or to one verdict ("" for all)."""

    shops: Shops
    who: str
    since: Instant
    now: Instant
    whose: Whose = Whose.ALL
    kind: str = ""
    step: str = ""
    verdict: str = ""

    @property
    def most_said(self) -> int:
        """How many messages are listed."""
        return OPENED if self.step else FEW

    @property
    def most_held(self) -> int:
        """How many of those held back are listed."""
        return OPENED if self.verdict else FEW


@dataclass(frozen=True, slots=True)
class Day:
    """All that the page shows, as it is at one moment."""

    tasks: list[Waits]
    how_many: dict[Whose, int]
    figures: Figures
    said: list[Count]
    latest_said: list[Judged]
    held: list[Held]
    latest_held: list[Judged]
    unsure: list[Unsure]
    unwell: list[ChannelState]


def day(connection: Connection, of: Asked) -> Day:
    """The day so far."""
    shops, since = of.shops, of.since
    return Day(
        waiting(connection, shops, of.who, of.whose, TASKS),
        how_many(connection, shops, of.who),
        figures(connection, shops, since),
        said(connection, shops, since),
        latest_said(connection, shops, since, of.kind, of.step, of.most_said),
        held(connection, shops, since, of.now),
        latest_held(connection, shops, since, of.verdict, of.most_held),
        unsure(connection, shops),
        unwell(connection),
    )


def waiting(
    connection: Connection, shops: Shops, who: str = "", whose: Whose = Whose.ALL, limit: int = 100
) -> list[Waits]:
    """The open tasks, the urgent first, then those due first; `who` is whose `Whose.MINE` are."""
    of = tasks.c
    first = (of.urgent.desc(), func.coalesce(of.due_at, of.created_at), of.created_at, of.id)
    statement = _waits().where(_those(of.shop, shops), _whose(who, whose)).order_by(*first).limit(limit)
    return _waiting(connection, statement)


def how_many(connection: Connection, shops: Shops, who: str) -> dict[Whose, int]:
    """How many tasks are open, by whose they are."""
    counted = [func.count().filter(_whose(who, whose)) for whose in Whose]
    row = connection.execute(select(*counted).where(in_state(tasks, "open"), _those(tasks.c.shop, shops))).one()
    return dict(zip(Whose, row, strict=True))


def unsure(connection: Connection, shops: Shops, limit: int = 20) -> list[Unsure]:
    """The messages that nobody is sure of, the newest first."""
    statement = _waits().where(_those(tasks.c.shop, shops), tasks.c.reason == UNSURE)
    found = _waiting(connection, statement.order_by(tasks.c.created_at.desc()).limit(limit))
    ids = {waits.task.id: waits.task.id.removeprefix(f"{waits.task.thread}/{UNSURE}/") for waits in found}
    rows = connection.execute(select(outbox).where(outbox.c.id.in_(list(ids.values()))))
    messages = {row.id: KEPT[Outgoing].codec.decode(row) for row in rows}
    return [Unsure(waits, messages.get(ids[waits.task.id])) for waits in found]


def said(connection: Connection, shops: Shops, since: Instant) -> list[Count]:
    """How many messages the bot put out, by kind and step, the most first."""
    many = func.count().label("many")
    statement = select(_kind, decisions.c.step, many).outerjoin_from(decisions, threads, _thread)
    statement = statement.where(*_said(shops, since)).group_by(_kind, decisions.c.step)
    rows = connection.execute(statement.order_by(many.desc(), _kind, decisions.c.step))
    return [Count(row[0], row[1], row[2]) for row in rows]


def latest_said(
    connection: Connection, shops: Shops, since: Instant, kind: str = "", step: str = "", limit: int = 20
) -> list[Judged]:
    """The newest messages of the bot; of one step of a kind, if `step` is given."""
    only = (decisions.c.step == step, _kind == kind) if step else ()
    return _judged(connection, and_(*_said(shops, since), *only), limit)


def held(connection: Connection, shops: Shops, since: Instant, now: Instant) -> list[Held]:
    """How often something was held back or dropped, by its verdict, the most first."""
    of, many = decisions.c, func.count().label("many")
    again = func.min(of.retry_at).filter(of.retry_at > to_micros(now))
    statement = select(of.verdict, many, again).where(*_held(shops, since)).group_by(of.verdict)
    rows = connection.execute(statement.order_by(many.desc(), of.verdict))
    return [Held(Verdict(row[0]), row[1], None if row[2] is None else from_micros(row[2])) for row in rows]


def latest_held(
    connection: Connection, shops: Shops, since: Instant, verdict: str = "", limit: int = 20
) -> list[Judged]:
    """What was held back or dropped last; by one verdict, if it is given."""
    only = (decisions.c.verdict == verdict,) if verdict else ()
    return _judged(connection, and_(*_held(shops, since), *only), limit)


def figures(connection: Connection, shops: Shops, since: Instant) -> Figures:
    """The day so far."""
    start = to_micros(since)
    of, of_buyer = threads.c, buyers.c
    recent = and_(of.active_at >= start, _those(of.shop, shops))
    erased = select(suppressed.c.at).where(suppressed.c.shop == of_buyer.shop, suppressed.c.at == of_buyer.opted_out_at)
    stopped = and_(of_buyer.opted_out_at >= start, ~erased.exists(), _those(of_buyer.shop, shops))
    heard = and_(inbox.c.at >= start, inbox.c.edits == "", _those(inbox.c.shop, shops))
    counted = [
        select(func.count()).select_from(threads).where(recent, of.opened_at >= start),
        select(func.count()).select_from(threads).where(recent, of.closed_at >= start),
        select(func.count()).select_from(decisions).where(*_said(shops, since)),
        select(func.count()).select_from(inbox).where(heard),
        select(func.count()).select_from(buyers).where(stopped),
    ]
    return Figures(*(connection.execute(each).scalar_one() for each in counted))


def unwell(connection: Connection) -> list[ChannelState]:
    """The channels that are not up, by their names."""
    states = select(channel_states).where(channel_states.c.health != Health.UP.value)
    decode = KEPT[ChannelState].codec.decode
    return [decode(row) for row in connection.execute(states.order_by(channel_states.c.channel))]


_thread = threads.c.id == decisions.c.thread
_kind: ColumnElement[str] = func.coalesce(threads.c.kind, literal_column("''"))


def _those(shop: ColumnElement[str], shops: Shops) -> ColumnElement[bool]:
    return literal_column("1") == literal_column("1") if shops is None else shop.in_(sorted(shops))


def _whose(who: str, whose: Whose) -> ColumnElement[bool]:
    match whose:
        case Whose.MINE:
            return tasks.c.assignee == who
        case Whose.NOBODYS:
            return tasks.c.assignee == ""
        case Whose.ALL:
            return _those(tasks.c.shop, None)


def _waits() -> Select[Any]:
    buyer = func.coalesce(threads.c.buyer, chats.c.buyer, "")
    named = func.coalesce(func.nullif(buyers.c.name, ""), buyer)
    order = func.coalesce(threads.c.order_id, "")
    return (
        select(tasks, func.coalesce(threads.c.kind, ""), order, named)
        .outerjoin_from(tasks, threads, threads.c.id == tasks.c.thread)
        .outerjoin(chats, chats.c.id == tasks.c.thread)
        .outerjoin(buyers, (buyers.c.shop == tasks.c.shop) & (buyers.c.id == buyer))
        .where(in_state(tasks, "open"))
    )


def _waiting(connection: Connection, statement: Select[Any]) -> list[Waits]:
    decode = KEPT[Task].codec.decode
    return [Waits(decode(row), row[-3], row[-2], row[-1]) for row in connection.execute(statement)]


def _since(shops: Shops, since: Instant) -> ColumnElement[bool]:
    return and_(decisions.c.at >= to_micros(since), _those(decisions.c.shop, shops))


def _said(shops: Shops, since: Instant) -> tuple[ColumnElement[bool], ...]:
    of = decisions.c
    return _since(shops, since), of.verdict == Verdict.SENT.value, of.step != BY_PEOPLE


def _held(shops: Shops, since: Instant) -> tuple[ColumnElement[bool], ...]:
    return _since(shops, since), decisions.c.verdict != Verdict.SENT.value


def _judged(connection: Connection, which: ColumnElement[bool], limit: int) -> list[Judged]:
    of, of_buyer = decisions.c, buyers.c
    named = func.coalesce(func.nullif(of_buyer.name, ""), of.buyer)
    statement = (
        select(decisions, _kind, func.coalesce(threads.c.order_id, ""), named)
        .outerjoin_from(decisions, threads, _thread)
        .outerjoin(buyers, (of_buyer.shop == of.shop) & (of_buyer.id == of.buyer))
        .where(which)
        .order_by(of.at.desc(), of.seq.desc())
        .limit(limit)
    )
    return [Judged(decided(row), row[-3], row[-2], row[-1]) for row in connection.execute(statement)]
