"""What an order source tells: orders that go on, refunds, reviews and parcels, also late, again and backwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from followup.events import OrderChanged
from followup.model import (
    Instant,
    Money,
    Order,
    Parcel,
    ParcelStatus,
    Rating,
    Refund,
    RefundStatus,
    Review,
    Status,
)
from followup.ports import BadRow
from tests.simulation.shops import SILK, TEA

BUYERS = ("ann", "bo", "cruz")
HOUR = timedelta(hours=1)


class Told:
    """An order source that tells these events, and now and then a row that nobody can read."""

    def __init__(self, events: Sequence[OrderChanged], bad: bool) -> None:
        self._events, self._bad = events, bad

    def read(self, _path: Path) -> Iterator[OrderChanged | BadRow]:
        """Row by row."""
        yield from self._events
        if self._bad:
            yield BadRow(99, "status", "eaten", "a status of this platform", ("300999", "eaten"))


def a_new_order(number: int, now: Instant, chance: Random) -> OrderChanged:
    """An order that nobody paid yet, mostly."""
    shop = TEA if chance.random() < 0.85 else SILK
    order = Order(
        shop,
        id_of(number),
        chance.choice(BUYERS),
        Status.UNPAID,
        Money(Decimal(chance.randrange(500, 90_000)) / 100),
        now,
        now,
        goods=f"Teapot-{number:03}X",
        buyer_name=chance.choice(("", "Ann {{ 1/0 }}", "李雷")),
        phone_tail=f"{4000 + number:04}",
        region=chance.choice(("", "上海", "Oaxaca")),
        tells_shipping=chance.random() < 0.5,
    )
    paid = chance.random() < 0.4
    return OrderChanged(replace(order, status=Status.PAID, paid_at=now) if paid else order)


def id_of(number: int) -> str:
    """Order numbers are long."""
    return f"300{number:03}77"


def moved_on(known: OrderChanged, now: Instant, chance: Random) -> OrderChanged:
    """The same order with something new about it, as it is seen now or was a while ago."""
    seen = now - chance.choice((0, 0, 0, 0, 1, 30)) * HOUR
    known = replace(known, order=replace(known.order, observed_at=seen))
    how = chance.choices((_status, _refund, _review, _parcel), (5, 3, 2, 2))[0]
    return how(known, seen, chance)


def _status(known: OrderChanged, seen: Instant, chance: Random) -> OrderChanged:
    later = {
        Status.UNPAID: (Status.PAID, Status.PAID, Status.CLOSED_UNPAID),
        Status.PAID: (Status.SHIPPED, Status.SHIPPED, Status.CLOSED),
        Status.SHIPPED: (Status.SIGNED,),
        Status.SIGNED: (Status.FINISHED, Status.CLOSED),
    }
    order = known.order
    status = chance.choice(later.get(order.status, (order.status,)))
    paid = seen if status is Status.PAID else order.paid_at
    shipped = seen if status is Status.SHIPPED else order.shipped_at
    closed = seen if status in (Status.CLOSED, Status.CLOSED_UNPAID, Status.FINISHED) else order.closed_at
    return replace(known, order=replace(order, status=status, paid_at=paid, shipped_at=shipped, closed_at=closed))


def _refund(known: OrderChanged, seen: Instant, chance: Random) -> OrderChanged:
    id_ = f"R{known.order.id}{chance.choice('12')}"
    before = next((each for each in known.refunds if each.id == id_), None)
    first = Refund(
        known.order.shop,
        id_,
        known.order.id,
        RefundStatus.REQUESTED,
        known.order.total,
        seen,
        seen,
        deadline=chance.choice((None, seen + 10 * HOUR, seen + 100 * HOUR)),
    )
    status = chance.choice([*RefundStatus]) if before else RefundStatus.REQUESTED
    settled_at = seen if status is RefundStatus.PAID_BACK else None
    refund = replace(before or first, status=status, observed_at=seen, settled_at=settled_at)
    return replace(known, refunds=(*(each for each in known.refunds if each.id != id_), refund))


def _review(known: OrderChanged, seen: Instant, chance: Random) -> OrderChanged:
    id_ = f"V{known.order.id}{chance.choice('12')}"
    rating = chance.choice((Rating.BAD, Rating.BAD, *Rating))
    text = chance.choice(("", "质量差", "never again", "no me gusta"))
    review = Review(known.order.shop, id_, known.order.id, rating, seen, seen, text)
    return replace(known, reviews=(*(each for each in known.reviews if each.id != id_), review))


def _parcel(known: OrderChanged, seen: Instant, chance: Random) -> OrderChanged:
    id_ = f"YT{known.order.id}"
    before = next((each for each in known.parcels if each.id == id_), None)
    first = Parcel(known.order.shop, id_, known.order.id, ParcelStatus.ON_ITS_WAY, seen, seen, "圆通速递", seen)
    status = chance.choice((ParcelStatus.ON_ITS_WAY, *ParcelStatus))
    signed_at = seen if status is ParcelStatus.SIGNED else None
    parcel = replace(before or first, status=status, observed_at=seen, moved_at=seen, signed_at=signed_at)
    return replace(known, parcels=(*(each for each in known.parcels if each.id != id_), parcel))
