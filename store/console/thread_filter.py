"""Which threads somebody wants to see, as conditions of the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, or_, select, tuple_, union

from followup.model import Instant, State
from store.codec import to_micros
from store.schema import after_sales, buyers, deadlines, in_state, notes, orders, outbox, parcels, tasks, threads

NEWEST = 50_000
"""So many of the newest messages on each side are searched for words."""

of_order = and_(orders.c.shop == threads.c.shop, orders.c.id == threads.c.order_id)
of_buyer = and_(buyers.c.shop == threads.c.shop, buyers.c.id == threads.c.buyer)
cause_of = func.coalesce(func.nullif(after_sales.c.cause, ""), threads.c.cause)
"""The cause that people found, of a case or of any other matter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be shown; each field narrows it down, "" and None ask for nothing. `shops` are those that he may see
    (None: all), `agent` is who took it or has a task of it ("" is nobody, None anybody), `words` are looked for in
    order and tracking numbers (their beginning), buyers, goods, and the newest messages."""

    shops: frozenset[str] | None = None
    kind: str = ""
    states: frozenset[State] = frozenset()
    flag: str = ""
    agent: str | None = None
    buyer: str = ""
    cause: str = ""
    words: str = ""
    needs_person: bool = False
    late: bool = False
    closed_since: Instant | None = None


def fits(asked: Asked, now: Instant) -> list[ColumnElement[bool]]:
    """The conditions, on threads with their after-sales case beside them; all but the words."""
    return list(_conditions(asked, now))


def _conditions(asked: Asked, now: Instant) -> Iterator[ColumnElement[bool]]:
    t = threads.c
    if asked.shops is not None:
        yield t.shop.concat("").in_(sorted(asked.shops))  # as it is, an index would be used that finds nearly all
    yield from (t[name] == value for name in ("kind", "flag") if (value := getattr(asked, name)))
    if asked.buyer:
        his = select(buyers.c.shop, buyers.c.id).where(buyers.c.id == asked.buyer)
        yield tuple_(t.shop, t.buyer).in_(his)
    if asked.states:
        yield t.state.in_(sorted(state.value for state in asked.states))
    if asked.cause:
        yield cause_of == asked.cause
    if asked.agent is not None:
        yield _has_it(asked.agent)
    if asked.needs_person:
        yield t.id.in_(select(tasks.c.thread).where(in_state(tasks, "open")))
    if asked.late:
        yield t.id.in_(_late(to_micros(now)))
    if asked.closed_since is not None:
        yield and_(t.closed_at >= to_micros(asked.closed_since), t.active_at >= to_micros(asked.closed_since))


def _has_it(agent: str) -> ColumnElement[bool]:
    """Whether somebody has it, as a whole or a task of it; of "", whether nobody has."""
    of_task = select(tasks.c.thread).where(in_state(tasks, "open"))
    if agent:
        return or_(threads.c.agent == agent, threads.c.id.in_(of_task.where(tasks.c.assignee == agent)))
    return and_(threads.c.agent == "", threads.c.id.not_in(of_task.where(tasks.c.assignee != "")))


def _late(now: int) -> CompoundSelect[str]:
    """The threads of which a clock or a task is late."""
    d, k = deadlines.c, tasks.c
    is_late = d.breached_at.is_not(None) | ((d.state == "running") & (d.due_at <= now))
    return union(
        select(d.thread).where(in_state(deadlines, "running", "paused"), is_late),
        select(k.thread).where(in_state(tasks, "open"), k.due_at <= now),
    )


def found(words: str) -> CompoundSelect[str]:
    """The threads in which the words are found."""
    t = threads.c
    called = _has(buyers.c.name, words) | (buyers.c.id == words)
    ordered = _has(orders.c.goods, words) | _has(orders.c.buyer_name, words)
    sent = parcels.c.id.startswith(words, autoescape=True)
    return union(
        select(t.id).where(t.order_id.startswith(words, autoescape=True)),
        select(t.id).where(tuple_(t.shop, t.buyer).in_(select(buyers.c.shop, buyers.c.id).where(called))),
        select(t.id).where(tuple_(t.shop, t.order_id).in_(select(orders.c.shop, orders.c.id).where(ordered))),
        select(t.id).where(tuple_(t.shop, t.order_id).in_(select(parcels.c.shop, parcels.c.order_id).where(sent))),
        _newest(select(notes.c.thread), notes.c.seq).where(notes.c.who == "buyer", _has(notes.c.text, words)),
        _newest(select(outbox.c.thread), outbox.c.seq).where(outbox.c.thread != "", _has(outbox.c.text, words)),
    )


def _newest(statement: Select[str], seq: ColumnElement[int]) -> Select[str]:
    newest = select(func.max(seq)).scalar_subquery()
    return statement.where(seq > newest - NEWEST)


def _has(column: ColumnElement[str], words: str) -> ColumnElement[bool]:
    """Whether a text holds the words, in capitals or not; Chinese has none, which is quicker."""
    if words.lower() == words.upper():
        return column.contains(words, autoescape=True)
    return column.icontains(words, autoescape=True)
