"""The stream of facts behind a snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.simulate_assume import Assumptions, parse
from bot.simulate_facts import UNDATED, Past, past
from followup.events import OrderChanged
from followup.model import EPOCH, Instant, Order, Parcel, ParcelStatus, Refund, RefundStatus, Status
from tests.bot.simulate_deps import deps
from tests.followup.makers import NOON, a_refund, an_order, days, hours

PAID_AT = NOON + hours(1)
BOTH = parse("refund_requested=24h,refund_settled=96h")


def _snapshot(**more: object) -> Order:
    return replace(an_order(), observed_at=UNDATED, **more)  # type: ignore[arg-type]


def _refund_of_unknown_hours(order: Order) -> Refund:
    asked = order.paid_at or order.created_at
    return a_refund(asked, status=RefundStatus.PAID_BACK, observed_at=UNDATED)


def _past(order: Order, *refunds: Refund, assume: Assumptions | None = None) -> Past:
    return past([OrderChanged(order, refunds)], deps(), assume or Assumptions())


def _orders(told: Past) -> list[tuple[Status, Instant]]:
    return [(event.order.status, event.order.observed_at) for event in told.events]


def _refunds(told: Past) -> list[tuple[RefundStatus, Instant]]:
    return [(r.status, event.order.observed_at) for event in told.events for r in event.refunds]


def test_an_order_is_seen_at_each_of_its_times() -> None:
    """Created unpaid, paid, shipped and finished at the times in the row, each with no more than was known then."""
    times = {"paid_at": PAID_AT, "shipped_at": NOON + days(1), "closed_at": NOON + days(9)}
    told = _past(_snapshot(status=Status.FINISHED, **times))
    expected = [
        (Status.UNPAID, NOON),
        (Status.PAID, PAID_AT),
        (Status.SHIPPED, NOON + days(1)),
        (Status.FINISHED, NOON + days(9)),
    ]
    assert expected == _orders(told)
    assert (None, PAID_AT, PAID_AT, PAID_AT) == tuple(event.order.paid_at for event in told.events)
    assert (None, None, None, NOON + days(9)) == tuple(event.order.closed_at for event in told.events)


def test_an_unpaid_order_closes_when_the_policy_says() -> None:
    """Closed unpaid at a time that the export does not give: auto_close after ordering."""
    told = _past(_snapshot(status=Status.CLOSED_UNPAID))
    assert [(Status.UNPAID, NOON), (Status.CLOSED_UNPAID, NOON + hours(72))] == _orders(told)


def test_an_order_paid_as_it_was_made_was_never_unpaid() -> None:
    """A refund export guesses that an order was made when it was paid: that opens no unpaid matter."""
    told = _past(_snapshot(status=Status.PAID, paid_at=NOON))
    assert [(Status.PAID, NOON)] == _orders(told)


def test_a_refund_of_unknown_hours_is_counted_and_left_alone() -> None:
    """Without an assumption it is not followed."""
    order = _snapshot(status=Status.PAID, paid_at=PAID_AT)
    told = _past(order, _refund_of_unknown_hours(order))
    assert ([], 1, set()) == (_refunds(told), told.unknown_refund_times, told.assumed)


def test_assumed_hours_count_from_payment() -> None:
    """Asked for a day and settled four days after payment, as told."""
    order = _snapshot(status=Status.CLOSED, paid_at=PAID_AT)
    told = _past(order, _refund_of_unknown_hours(order), assume=BOTH)
    expected = [(RefundStatus.REQUESTED, PAID_AT + days(1)), (RefundStatus.PAID_BACK, PAID_AT + days(4))]
    assert expected == _refunds(told)
    assert (0, {("shop", "R1")}) == (told.unknown_refund_times, told.assumed)
    assert (Status.CLOSED, PAID_AT + days(4)) in _orders(told)


def test_only_the_request_assumed_leaves_the_refund_pending() -> None:
    """Nobody told when it was settled, so it never is; that is counted."""
    order = _snapshot(status=Status.CLOSED, paid_at=PAID_AT)
    told = _past(order, _refund_of_unknown_hours(order), assume=parse("refund_requested=24h"))
    assert [(RefundStatus.REQUESTED, PAID_AT + days(1))] == _refunds(told)
    assert 1 == told.unknown_settle_times


def test_a_refund_export_has_hours_of_its_own() -> None:
    """Its hours are used and nothing is assumed, also beside an order list that knows only the amount."""
    order = _snapshot(status=Status.PAID, paid_at=PAID_AT)
    asked, settled = PAID_AT + hours(5), PAID_AT + hours(50)
    known = a_refund(asked, id="R2", status=RefundStatus.PAID_BACK, settled_at=settled, observed_at=UNDATED)
    half_guessed = replace(order, created_at=PAID_AT, observed_at=EPOCH)
    events = [OrderChanged(half_guessed, (known,)), OrderChanged(order, (_refund_of_unknown_hours(order),))]
    told = past(events, deps(), BOTH)
    assert [(RefundStatus.REQUESTED, asked), (RefundStatus.PAID_BACK, settled)] == _refunds(told)
    assert (set(), NOON) == (told.assumed, told.events[0].order.created_at)


def test_events_with_a_time_of_their_own_stay_as_they_are() -> None:
    """What was seen live is replayed as it was seen, in the order of time."""
    later, first = OrderChanged(an_order(NOON + hours(1))), OrderChanged(an_order())
    assert [first, later] == past([later, first], deps(), BOTH).events


def test_since_leaves_out_older_orders() -> None:
    """`--from` looks at when an order was made."""
    old, new = _snapshot(), replace(_snapshot(), id="1002", created_at=NOON + timedelta(days=2))
    told = past([OrderChanged(old), OrderChanged(new)], deps(), BOTH, NOON + days(1))
    assert {("shop", "1002")} == told.orders


def test_who_shipped_at_an_unknown_time_is_never_called_late() -> None:
    """A list with a status but without a time of shipping: the order was sent, nobody knows when."""
    sent = _snapshot(status=Status.FINISHED, paid_at=PAID_AT, closed_at=NOON + days(9), tells_shipping=True)
    assert {False} == {event.order.tells_shipping for event in _past(sent).events}


def test_an_order_that_was_still_not_shipped_is_late_if_the_export_is_late_enough() -> None:
    """Paid a week before the last thing the export knows: late. Paid a day before: nobody knows."""
    early, recent = (
        replace(_snapshot(status=Status.PAID, tells_shipping=True), id=id_, created_at=at, paid_at=at)
        for id_, at in (("1", NOON), ("2", NOON + days(6)))
    )
    last = replace(_snapshot(status=Status.PAID), id="3", created_at=NOON + days(7), paid_at=NOON + days(7))
    told = past([OrderChanged(order) for order in (early, recent, last)], deps(), Assumptions())
    assert {"1"} == {event.order.id for event in told.events if event.order.tells_shipping}


def test_the_time_of_shipping_tells_who_was_late() -> None:
    """Known, so that the replay says when it was late and when it went."""
    sent = _snapshot(status=Status.SHIPPED, paid_at=PAID_AT, shipped_at=NOON + days(5), tells_shipping=True)
    told = _past(sent)
    assert [(Status.PAID, True), (Status.SHIPPED, True)] == [
        (event.order.status, event.order.tells_shipping) for event in told.events[1:]
    ]


def _parcels(parcel: Parcel, **more: object) -> list[tuple[ParcelStatus, Instant]]:
    sent = _snapshot(status=Status.SHIPPED, paid_at=PAID_AT, shipped_at=NOON + days(1), **more)
    told = past([OrderChanged(sent, parcels=(parcel,))], deps(), Assumptions())
    return [(each.status, event.order.observed_at) for event in told.events for each in event.parcels]


def test_a_parcel_is_told_of_from_its_last_movement_on() -> None:
    """What happened between shipping and it nobody knows, so nothing is said to have stood still."""
    parcel = Parcel("shop", "YT123456", "1001", ParcelStatus.ON_ITS_WAY, NOON + days(1), UNDATED)
    assert [(ParcelStatus.ON_ITS_WAY, NOON + days(6))] == _parcels(replace(parcel, moved_at=NOON + days(6)))
    assert [(ParcelStatus.ON_ITS_WAY, NOON + days(1))] == _parcels(parcel)


def test_a_parcel_that_was_signed_for_was_on_its_way_before() -> None:
    """Its last movement, then the signature."""
    moved, signed = NOON + days(2), NOON + days(7)
    parcel = Parcel("shop", "YT123456", "1001", ParcelStatus.SIGNED, NOON + days(1), UNDATED)
    parcel = replace(parcel, moved_at=moved, signed_at=signed)
    assert [(ParcelStatus.ON_ITS_WAY, moved), (ParcelStatus.SIGNED, signed)] == _parcels(parcel)


def test_a_number_from_an_order_list_is_known_from_shipping_on() -> None:
    """And where nobody knows when that was, not at all."""
    parcel = Parcel("shop", "YT123456", "1001", ParcelStatus.ANNOUNCED, UNDATED, EPOCH)
    assert [(ParcelStatus.ANNOUNCED, NOON + days(1))] == _parcels(parcel)
    sent = _snapshot(status=Status.SHIPPED, paid_at=PAID_AT)
    told = past([OrderChanged(sent, parcels=(parcel,))], deps(), Assumptions())
    assert [] == [each for event in told.events for each in event.parcels]
