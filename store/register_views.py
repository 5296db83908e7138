"""What the after-sales register and the list of losses read: matters with their orders, refunds, parcels and money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, select

from followup.after_sales.model import AfterSale, Grant, Loss
from followup.desk.register import CLAIMS, KINDS, Lost, Registered, losses_of
from followup.model import Instant, Order, Parcel, ParcelStatus, Refund, State, Task, Thread
from store import schema
from store.codec import to_micros
from store.in_bulk import of_ids
from store.tables import KEPT

T = TypeVar("T")
CASE = "after_sales"


def registered(
    connection: Connection, shop: str, since: Instant, until: Instant, kinds: Sequence[str] = KINDS
) -> list[Registered]:
    """The matters of these kinds that began in that time (`until` not included), in their order."""
    t = schema.threads.c
    wanted = select(schema.threads).where(t.shop == shop, t.kind.in_(kinds), _between(t.opened_at, since, until))
    rows = connection.execute(wanted.order_by(t.opened_at, t.id))
    return _once(_with_all(connection, shop, [KEPT[Thread].codec.decode(row) for row in rows]))


def _once(matters: list[Registered]) -> list[Registered]:
    """Money paid back stands in one row of its order, so that sums are right: in that of the case, if there is one."""
    rank = {kind: place for place, kind in enumerate(KINDS)}
    by_rank = sorted(matters, key=lambda each: (rank.get(each.thread.kind, len(rank)), each.thread.id))
    first = {each.thread.order_id: each.thread.id for each in reversed(by_rank)}
    return [each if first[each.thread.order_id] == each.thread.id else replace(each, refunds=()) for each in matters]


def losses(connection: Connection, shop: str, since: Instant, until: Instant) -> list[Lost]:
    """What was lost in that time, in its order; each loss of an order once (rule 82)."""
    matters = _with_all(connection, shop, _concerned(connection, shop, since, until))
    found = {(each.what, each.order_id, each.number): each for one in matters for each in losses_of(one, since, until)}
    return sorted(found.values(), key=lambda each: (each.at, each.order_id, each.what))


def _concerned(connection: Connection, shop: str, since: Instant, until: Instant) -> list[Thread]:
    """The cases of that time, and what stands for orders whose parcel was lost without one."""
    t, p, g, k = schema.threads.c, schema.parcels.c, schema.grants.c, schema.tasks.c
    lost = select(p.order_id).where(p.shop == shop, p.status == ParcelStatus.LOST.value)
    ids = list(connection.execute(lost).scalars())
    ways = (
        select(t.id).where(t.shop == shop, t.kind == CASE, _between(t.opened_at, since, until)),
        select(g.thread).where(g.shop == shop, g.loss == Loss.SLOW_COURIER.value, _between(g.asked_at, since, until)),
        select(k.thread).where(k.shop == shop, k.reason.in_(CLAIMS), _between(k.created_at, since, until)),
    )
    named = [id_ for way in ways for id_ in connection.execute(way).scalars()]
    threads = {thread.id: thread for thread in of_ids(connection, Thread, t.id, named, t.shop == shop)}
    for thread in of_ids(connection, Thread, t.order_id, ids, t.shop == shop):
        threads.setdefault(thread.id, thread)
    unmet = set(ids) - {thread.order_id for thread in threads.values()}
    orders = of_ids(connection, Order, schema.orders.c.id, unmet, schema.orders.c.shop == shop)
    return [*_cases_first(threads.values()), *map(_stand_in, sorted(orders, key=lambda order: order.id))]


def _cases_first(threads: Iterable[Thread]) -> list[Thread]:
    """One thread speaks for its order: of several the case, for it knows most; so it comes last and wins."""
    return sorted(threads, key=lambda thread: (thread.kind == CASE, thread.opened_at, thread.id))


def _stand_in(order: Order) -> Thread:
    """What stands for an order that nothing was followed up about."""
    at = order.created_at
    return Thread(f"{order.shop}/{order.id}/", order.shop, order.id, "", order.buyer, "", State.CLOSED, at, at)


def _with_all(connection: Connection, shop: str, threads: Sequence[Thread]) -> list[Registered]:
    """The threads with what is known around them; money and claims of an order stand with each of its threads."""
    orders = dict.fromkeys(thread.order_id for thread in threads if thread.order_id)
    o, r, p = schema.orders.c, schema.refunds.c, schema.parcels.c
    known = {each.id: each for each in of_ids(connection, Order, o.id, orders, o.shop == shop)}
    refunds = _by(of_ids(connection, Refund, r.order_id, orders, r.shop == shop), "order_id")
    parcels = _by(of_ids(connection, Parcel, p.order_id, orders, p.shop == shop), "order_id")
    sales = {s.thread: s for s in of_ids(connection, AfterSale, schema.after_sales.c.thread, (t.id for t in threads))}
    grants = _by(of_ids(connection, Grant, schema.grants.c.thread, (t.id for t in threads)), "thread")
    beside = (f"{shop}/{order}/{kind}" for order in orders for kind in KINDS)
    tasks = _by(of_ids(connection, Task, schema.tasks.c.thread, beside), "thread")
    claims = _claims(tasks, orders, shop)
    return [
        Registered(
            thread,
            order.buyer if (order := known.get(thread.order_id)) else thread.buyer,
            order,
            sales.get(thread.id),
            tuple(sorted(refunds[thread.order_id], key=lambda each: (each.requested_at, each.id))),
            tuple(sorted(parcels[thread.order_id], key=lambda each: (each.shipped_at, each.id))),
            tuple(grants[thread.id]),
            (*tasks[thread.id], *(task for task in claims[thread.order_id] if task.thread != thread.id)),
        )
        for thread in threads
    ]


def _claims(tasks: dict[str, list[Task]], orders: Iterable[str], shop: str) -> defaultdict[str, list[Task]]:
    """The tasks to claim a loss, by order, in whichever of its threads they stand."""
    found: defaultdict[str, list[Task]] = defaultdict(list)
    for order in orders:
        for kind in KINDS:
            found[order] += [task for task in tasks.get(f"{shop}/{order}/{kind}", ()) if task.reason in CLAIMS]
    return found


def _by(items: Iterable[T], name: str) -> defaultdict[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for item in items:
        found[getattr(item, name)].append(item)
    return found


def _between(column: ColumnElement[Any], since: Instant, until: Instant) -> ColumnElement[bool]:
    return (column >= to_micros(since)) & (column < to_micros(until))
