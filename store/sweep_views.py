"""What the sweep looks through, on a database: late and stuck orders page by page, complaints, and the last report."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from followup.clusters import FAULTY, REVIEW, Complaint
from followup.kinds.late_shipment import LATE_SHIPMENT
from followup.kinds.stuck_parcel import STUCK_PARCEL
from followup.model import Instant, ParcelStatus, Rating, Status, Task
from store.among import among
from store.codec import from_micros, to_micros
from store.schema import after_sales, orders, parcels, reviews, tasks, threads
from store.tables import KEPT
from store.wanted import Pair

_STILL = [
    status.value
    for status in (ParcelStatus.ON_ITS_WAY, ParcelStatus.AT_THE_DOOR, ParcelStatus.TROUBLE, ParcelStatus.LOST)
]
_late = (
    select(orders.c.id, orders.c.buyer)
    .where(orders.c.status == Status.PAID.value, orders.c.tells_shipping == 1, orders.c.shipped_at.is_(None))
    .order_by(orders.c.id)
)
_stuck = (
    select(orders.c.id, orders.c.buyer)
    .join_from(parcels, orders, (orders.c.shop == parcels.c.shop) & (orders.c.id == parcels.c.order_id))
    .where(parcels.c.back == 0, parcels.c.status.in_(_STILL))
    .where(orders.c.status.in_([Status.PAID.value, Status.SHIPPED.value]))
    .distinct()
    .order_by(orders.c.id)
)
CANDIDATES = {LATE_SHIPMENT.name: _late, STUCK_PARCEL.name: _stuck}


def candidates(connection: Connection, kind: str, shop: str, after: str, limit: int) -> list[Pair]:
    """The next orders by id, with their buyers, in which a matter of that kind may have begun."""
    statement = CANDIDATES[kind].where(orders.c.shop == shop, orders.c.id > after).limit(limit)
    return [(row.id, row.buyer) for row in connection.execute(statement)]


def stored(connection: Connection, ids: Collection[str]) -> set[str]:
    """Which of these threads the ledger holds."""
    found = connection.execute(select(threads.c.id).where(among(threads.c.id)), {"ids": list(ids)})
    return set(found.scalars())


def complaints(connection: Connection, shop: str, since: Instant) -> list[Complaint]:
    """The complaints since then that may lie with the goods: cases, and bad reviews."""
    goods = (orders.c.shop == threads.c.shop) & (orders.c.id == threads.c.order_id)
    cases = (
        select(threads.c.order_id, orders.c.goods, threads.c.opened_at, after_sales.c.branch)
        .join_from(after_sales, threads, threads.c.id == after_sales.c.thread)
        .join(orders, goods)
        .where(after_sales.c.shop == shop, threads.c.opened_at >= to_micros(since))
        .where(after_sales.c.branch.in_([branch.value for branch in FAULTY]))
    )
    bad = (
        select(reviews.c.order_id, orders.c.goods, reviews.c.created_at)
        .join_from(reviews, orders, (orders.c.shop == reviews.c.shop) & (orders.c.id == reviews.c.order_id))
        .where(reviews.c.shop == shop, reviews.c.rating == Rating.BAD.value, reviews.c.created_at >= to_micros(since))
    )
    found = [Complaint(id_, what, from_micros(at), about) for id_, what, at, about in connection.execute(cases)]
    return found + [Complaint(id_, what, from_micros(at), REVIEW) for id_, what, at in connection.execute(bad)]


def last_report(connection: Connection, thread: str) -> Task | None:
    """The newest report among the tasks of that name."""
    of_thread = (tasks.c.thread == thread) & (tasks.c.reason == "sweep_report")
    newest = select(func.max(tasks.c.created_at)).where(of_thread).scalar_subquery()
    row = connection.execute(select(tasks).where(of_thread, tasks.c.created_at == newest).limit(1)).first()
    return None if row is None else KEPT[Task].codec.decode(row)
