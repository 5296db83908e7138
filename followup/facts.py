"""Joining what sources say, in whatever order they say it: the newest word counts, but what is settled stays settled.

Each merge is idempotent, and its settled part does not depend on the order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from decimal import Decimal
from operator import attrgetter
from typing import TypeVar

from followup.events import OrderChanged
from followup.model import (
    Facts,
    Instant,
    Money,
    Order,
    Parcel,
    Rating,
    Refund,
    RefundStatus,
    Review,
    Status,
    Thread,
)

UNKNOWN = "unknown:"

_RANK = {
    Status.UNPAID: 0,
    Status.CLOSED_UNPAID: 1,
    Status.PAID: 2,
    Status.SHIPPED: 3,
    Status.SIGNED: 4,
    Status.FINISHED: 5,
    Status.CLOSED: 6,
}
_REFUND_RANK = {RefundStatus.WITHDRAWN: 1, RefundStatus.PAID_BACK: 2}


def merge(old: Facts | None, event: OrderChanged) -> Facts:
    """The facts after the event; equal to `old` when it told nothing new."""
    if old is None:
        return Facts(event.order, _joined((), event.refunds), _joined((), event.reviews), _joined((), event.parcels))
    refunds = [refund for refund in event.refunds if not _is_summary(refund, old.refunds)]
    return Facts(
        merge_order(old.order, event.order),
        _joined(old.refunds, refunds),
        _joined(old.reviews, event.reviews),
        _joined(old.parcels, event.parcels),
    )


Fact = Order | Refund | Review | Parcel


def news_of(old: Facts, facts: Facts) -> Instant:
    """When the last of what is new in the facts came about: as the source dates it, else when it was observed."""
    known = set(_each(old))
    new = [item for item in _each(facts) if item not in known]
    before = {moment for item in known for moment in _dates(item)}
    dates = [moment for item in new for moment in _dates(item) if moment not in before]
    return max(dates or [item.observed_at for item in new or [facts.order]])


def _each(facts: Facts) -> tuple[Fact, ...]:
    return (facts.order, *facts.refunds, *facts.reviews, *facts.parcels)


_DATED: dict[type, Callable[[object], tuple[Instant | None, ...]]] = {
    Order: attrgetter("created_at", "paid_at", "shipped_at", "closed_at"),
    Refund: attrgetter("requested_at", "settled_at"),
    Review: attrgetter("created_at", "created_at"),
    Parcel: attrgetter("shipped_at", "moved_at", "signed_at"),
}


def _dates(item: Fact) -> list[Instant]:
    return [each for each in _DATED[type(item)](item) if each is not None]


def no_order(thread: Thread) -> Facts:
    """What stands for the facts of a thread that no order is about."""
    order = Order(thread.shop, "", thread.buyer, Status.UNPAID, Money(Decimal(0)), thread.opened_at, thread.opened_at)
    return Facts(order)


def _told_by(cls: type) -> Callable[[object], tuple[object, ...]]:
    return attrgetter(*(field.name for field in fields(cls) if field.name != "observed_at"))


_TOLD = {cls: _told_by(cls) for cls in (Order, Refund, Review, Parcel)}


def _told(item: Order | Refund | Review | Parcel) -> tuple[object, ...]:
    """What a source says of an item, without when it said so."""
    return _TOLD[type(item)](item)


def _is_summary(refund: Refund, known: Iterable[Refund]) -> bool:
    """An order list knows only the sum paid back, under the order's own id; the refunds themselves know more."""
    return refund.id == refund.order_id and any(other.id != refund.id for other in known)


def merge_order(old: Order, new: Order) -> Order:
    """An order moves only forward; a date once known is not forgotten. Equal in all but `observed_at` is no change."""
    if _told(new) == _told(old):
        return old
    older, newer = (old, new) if new.observed_at >= old.observed_at else (new, old)
    return replace(
        newer,
        buyer=new.buyer if old.buyer.startswith(UNKNOWN) else old.buyer,
        status=max(old.status, new.status, key=_RANK.__getitem__),
        paid_at=newer.paid_at or older.paid_at,
        shipped_at=newer.shipped_at or older.shipped_at,
        closed_at=newer.closed_at or older.closed_at,
        auto_close_at=newer.auto_close_at or older.auto_close_at,
        goods=newer.goods or older.goods,
        region=newer.region or older.region,
        buyer_name=newer.buyer_name or older.buyer_name,
        phone_tail=newer.phone_tail or older.phone_tail,
        tells_shipping=newer.tells_shipping or older.tells_shipping,
        ship_by=newer.ship_by or older.ship_by,
    )


def merge_refund(old: Refund, new: Refund) -> Refund:
    """A refund that was paid back or withdrawn is never pending again."""
    if _told(new) == _told(old):
        return old
    older, newer = (old, new) if new.observed_at >= old.observed_at else (new, old)
    settled = max(old.status, new.status, key=_refund_rank)
    return replace(
        newer,
        status=newer.status if _refund_rank(settled) == 0 else settled,
        deadline=newer.deadline or older.deadline,
        settled_at=newer.settled_at or older.settled_at,
        reason=newer.reason or older.reason,
    )


def merge_review(old: Review, new: Review) -> Review:
    """The newest state of a review; a removed one stays removed.

    It may turn from good to bad and back, so that it counts when it was last seen the same.
    """
    newest = new if new.observed_at >= old.observed_at else old
    return replace(newest, rating=Rating.REMOVED) if Rating.REMOVED in (old.rating, new.rating) else newest


def merge_parcel(old: Parcel, new: Parcel) -> Parcel:
    """The newest word on a parcel; one whose way has ended is on its way no more."""
    if _told(new) == _told(old):
        return old
    older, newer = (old, new) if new.observed_at >= old.observed_at else (new, old)
    return replace(
        newer,
        status=older.status if older.status.over and not newer.status.over else newer.status,
        shipped_at=min(old.shipped_at, new.shipped_at),
        courier=newer.courier or older.courier,
        moved_at=max((at for at in (old.moved_at, new.moved_at) if at is not None), default=None),
        place=newer.place or older.place,
        signed_at=newer.signed_at or older.signed_at,
    )


def _refund_rank(status: RefundStatus) -> int:
    return _REFUND_RANK.get(status, 0)


Item = TypeVar("Item", Refund, Review, Parcel)


def _joined(old: Iterable[Item], new: Iterable[Item]) -> tuple[Item, ...]:
    known = {item.id: item for item in old}
    for item in new:
        known[item.id] = _merge_item(known[item.id], item) if item.id in known else item
    return tuple(known.values())


def _merge_item(old: Item, new: Item) -> Item:
    if isinstance(old, Refund) and isinstance(new, Refund):
        return merge_refund(old, new)
    if isinstance(old, Parcel) and isinstance(new, Parcel):
        return merge_parcel(old, new)
    assert isinstance(old, Review)
    assert isinstance(new, Review)
    return merge_review(old, new)
