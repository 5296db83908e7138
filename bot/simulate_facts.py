"""Turns what a snapshot says of an order into the facts a shop would have seen one after another.

A snapshot cannot know when a refund was asked for or settled unless it says so; that is assumed only as told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from operator import attrgetter

from bot.simulate_assume import Assumptions
from followup.events import OrderChanged
from followup.facts import merge
from followup.kinds.late_shipment import late_from
from followup.kinds.unpaid_order import closes_at
from followup.model import EPOCH, Facts, Instant, Order, Parcel, ParcelStatus, Refund, RefundStatus, Status
from followup.parcels import seen_at
from followup.policy import Policy
from handlers.deps import Deps

UNDATED = EPOCH + timedelta(days=1)
"""Exports are read with this `observed_at`: when they were made does not matter, only the times in their rows do."""

_NEVER_PAID = (Status.UNPAID, Status.CLOSED_UNPAID)
_when = attrgetter("order.observed_at")


@dataclass
class Past:
    """All facts in the order of time, and the orders they are about.

    `assumed` are the refunds (shop, id) with an assumed hour. `unknown_refund_times` counts those left out because
    nobody knows when they were asked for, `unknown_settle_times` those followed as pending because nobody knows
    when they were settled.
    """

    events: list[OrderChanged] = field(default_factory=list)
    orders: set[tuple[str, str]] = field(default_factory=set)
    assumed: set[tuple[str, str]] = field(default_factory=set)
    unknown_refund_times: int = 0
    unknown_settle_times: int = 0


def past(events: Iterable[OrderChanged], deps: Deps, assume: Assumptions, since: Instant | None = None) -> Past:
    """The stream of facts behind the events; `since` leaves out the orders created before it.

    Events with an `observed_at` of their own are used as they are. Raises UnknownShop.
    """
    told = Past()
    snapshots = _joined(_since(events, since), told).values()
    end = max((_last_known(facts) for facts in snapshots), default=EPOCH)
    for facts in snapshots:
        told.events += _history(_sure(facts, deps, end), deps.policy(facts.order.shop), assume, told)
    told.events.sort(key=_when)
    return told


def _last_known(facts: Facts) -> Instant:
    """The last instant that a snapshot of an order tells of: the export was not made before it."""
    order = facts.order
    known = (order.created_at, order.paid_at, order.shipped_at, order.closed_at, *map(seen_at, facts.parcels))
    return max(at for at in known if at is not None)


def _sure(facts: Facts, deps: Deps, end: Instant) -> Facts:
    """The order tells its shipping only if we know when that was, or that it was late already when the export was
    made: nobody is called late whose parcel may have left in time."""
    order = facts.order
    if not order.tells_shipping or order.shipped_at is not None:
        return facts
    since = late_from(facts, deps.policy(order.shop))
    is_late = since is not None and since <= end
    return facts if is_late else replace(facts, order=replace(order, tells_shipping=False))


def _since(events: Iterable[OrderChanged], since: Instant | None) -> Iterable[OrderChanged]:
    return events if since is None else (event for event in events if event.order.created_at >= since)


def _joined(events: Iterable[OrderChanged], told: Past) -> dict[tuple[str, str], Facts]:
    snapshots: dict[tuple[str, str], Facts] = {}
    for event in events:
        key = (event.order.shop, event.order.id)
        told.orders.add(key)
        if event.order.observed_at > UNDATED:
            told.events.append(event)
        else:
            snapshots[key] = merge(snapshots.get(key), event)
    return snapshots


def _history(facts: Facts, policy: Policy, assume: Assumptions, told: Past) -> Iterator[OrderChanged]:
    refunds = _refund_moments(facts, assume, told)
    beside: list[Refund | Parcel] = [*refunds, *_parcel_moments(facts)] if facts.parcels else [*refunds]
    beside.sort(key=_seen)
    seen: Order | None = None
    for order in _order_moments(facts.order, policy, _paid_back_at(refunds)):
        seen = seen or order
        while beside and beside[0].observed_at < order.observed_at:
            yield _told(seen, beside.pop(0))
        seen = order
        yield OrderChanged(order)
    for item in beside:
        yield _told(seen or facts.order, item)


def _told(order: Order, item: Refund | Parcel) -> OrderChanged:
    order = replace(order, observed_at=item.observed_at)
    if isinstance(item, Parcel):
        return OrderChanged(order, parcels=(item,))
    return OrderChanged(order, (item,))


def _parcel_moments(facts: Facts) -> Iterator[Parcel]:
    """Each parcel from its last known movement on: of those before nobody knows, so that it cannot be said to have
    stood still. Of one that is only a number, when its order was shipped."""
    for told in facts.parcels:
        is_number = told.status is ParcelStatus.ANNOUNCED
        parcel = replace(told, shipped_at=facts.order.shipped_at or EPOCH) if is_number else told
        moved = seen_at(parcel)
        if moved <= UNDATED:
            continue
        if parcel.signed_at is None or parcel.signed_at <= moved:
            yield replace(parcel, observed_at=moved)
            continue
        yield replace(parcel, observed_at=moved, status=ParcelStatus.ON_ITS_WAY, signed_at=None)
        yield replace(parcel, observed_at=parcel.signed_at)


def _order_moments(order: Order, policy: Policy, paid_back_at: Instant | None) -> Iterator[Order]:
    """The order as it stood at each time that is known."""
    seen = replace(
        order, status=Status.UNPAID, observed_at=order.created_at, paid_at=None, shipped_at=None, closed_at=None
    )
    if _was_unpaid(order):
        yield seen
    elif order.paid_at is None:
        seen = replace(seen, status=Status.PAID)
        yield seen
    if order.paid_at is not None:
        seen = replace(seen, status=Status.PAID, paid_at=order.paid_at, observed_at=order.paid_at)
        yield seen
    if order.shipped_at is not None:
        seen = replace(seen, status=Status.SHIPPED, shipped_at=order.shipped_at, observed_at=order.shipped_at)
        yield seen
    ended = _ended_at(order, policy, paid_back_at)
    if ended is not None:
        yield replace(seen, status=order.status, closed_at=ended, observed_at=ended)


def _was_unpaid(order: Order) -> bool:
    if order.paid_at is None:
        return order.status in _NEVER_PAID
    return order.created_at < order.paid_at


def _ended_at(order: Order, policy: Policy, paid_back_at: Instant | None) -> Instant | None:
    match order.status:
        case Status.CLOSED_UNPAID:
            return order.closed_at or closes_at(order, policy)
        case Status.CLOSED:
            return order.closed_at or paid_back_at
        case Status.FINISHED | Status.SIGNED:
            return order.closed_at
        case _:
            return None


def _paid_back_at(moments: list[Refund]) -> Instant | None:
    return next((refund.observed_at for refund in moments if refund.status is RefundStatus.PAID_BACK), None)


def _refunds(facts: Facts, assume: Assumptions, told: Past) -> list[Refund]:
    """The refunds that can be followed: those with hours of their own, else the ones whose hour is assumed."""
    timed = [refund for refund in facts.refunds if not _hour_unknown(refund, facts.order)]
    if timed or assume.refund_requested is None:
        told.unknown_refund_times += len(facts.refunds) if not timed else 0
        return timed
    told.assumed.update((refund.shop, refund.id) for refund in facts.refunds)
    return [replace(refund, requested_at=refund.requested_at + assume.refund_requested) for refund in facts.refunds]


def _hour_unknown(refund: Refund, order: Order) -> bool:
    """An order list tells only how much was paid back: its reader puts the hour of payment."""
    told = refund.settled_at is not None or refund.status.pending
    return not told and refund.requested_at == _paid_at(order)


def _paid_at(order: Order) -> Instant:
    return order.paid_at or order.created_at


def _refund_moments(facts: Facts, assume: Assumptions, told: Past) -> list[Refund]:
    moments: list[Refund] = []
    for refund in _refunds(facts, assume, told):
        pending = refund.status if refund.status.pending else RefundStatus.REQUESTED
        moments.append(replace(refund, status=pending, settled_at=None, observed_at=refund.requested_at))
        settled_at = _settled_at(refund, facts.order, assume)
        if settled_at is not None:
            moments.append(replace(refund, settled_at=settled_at, observed_at=settled_at))
        elif not refund.status.pending:
            told.unknown_settle_times += 1
    return sorted(moments, key=_seen)


_seen = attrgetter("observed_at")


def _settled_at(refund: Refund, order: Order, assume: Assumptions) -> Instant | None:
    if refund.status.pending:
        return None
    if refund.settled_at is None and assume.refund_settled is None:
        return None
    settled_at = refund.settled_at or _paid_at(order) + (assume.refund_settled or timedelta())
    return max(settled_at, refund.requested_at)
