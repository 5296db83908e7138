"""The orders of a shop as an export made now would tell them, for a simulation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from sqlalchemy import Connection, func, select

from followup.events import OrderChanged
from followup.model import Instant, Order, Parcel, Refund
from store import schema
from store.codec import to_micros
from store.in_bulk import of_ids
from store.tables import KEPT

T = TypeVar("T", Refund, Parcel)


def known_orders(connection: Connection, shop: str, since: Instant | None, most: int) -> Iterator[OrderChanged]:
    """The newest `most` orders that were made since then, the oldest first, each with its refunds and parcels."""
    of = schema.orders.c
    wanted = select(schema.orders).where(of.shop == shop).order_by(of.created_at.desc(), of.id).limit(most)
    if since is not None:
        wanted = wanted.where(of.created_at >= to_micros(since))
    orders = [KEPT[Order].codec.decode(row) for row in connection.execute(wanted)][::-1]
    ids = [order.id for order in orders]
    r, p = schema.refunds.c, schema.parcels.c
    refunds = _by_order(of_ids(connection, Refund, r.order_id, ids, r.shop == shop))
    parcels = _by_order(of_ids(connection, Parcel, p.order_id, ids, p.shop == shop))
    for order in orders:
        yield OrderChanged(order, tuple(refunds[order.id]), parcels=tuple(parcels[order.id]))


def how_many(connection: Connection, shop: str) -> int:
    """How many orders of a shop are known."""
    of = schema.orders.c
    return int(connection.execute(select(func.count()).where(of.shop == shop)).scalar_one())


def _by_order(items: Iterable[T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for item in items:
        found[item.order_id].append(item)
    return found
