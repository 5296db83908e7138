"""A month of a generated shop, checked by rules written a second time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.report.ledger import entries
from bot.shop_month import generate
from bot.simulate import simulate
from bot.simulate_assume import parse
from bot.simulate_facts import UNDATED
from followup.events import OrderChanged
from followup.model import RefundStatus
from tests.bot.simulate_checks import Truth, broken_rules
from tests.bot.simulate_deps import deps

ORDERS = 1200
SHOP = "shop"
Timelines = list[tuple[OrderChanged, ...]]


@pytest.fixture(scope="module", params=[7, 20])
def month(request: pytest.FixtureRequest) -> Timelines:
    return generate(ORDERS, request.param, shop=SHOP)


def _events(month: Timelines) -> list[OrderChanged]:
    return sorted((event for told in month for event in told), key=lambda event: event.order.observed_at)


def _truths(month: Timelines) -> dict[str, Truth]:
    return {told[-1].order.id: _truth(told[-1]) for told in month}


def _truth(last: OrderChanged) -> Truth:
    order = last.order
    closes_at = next(filter(None, (order.auto_close_at, order.closed_at, order.paid_at)))
    return Truth(order.paid_at, closes_at, tuple((r.requested_at, r.settled_at) for r in last.refunds))


def test_live_events_break_no_rule(month: Timelines) -> None:
    """Never in a settled matter, never in quiet hours, one nudge a day, nothing twice, nothing lost."""
    ledger = list(entries(simulate(_events(month), deps())))
    assert [] == broken_rules(ledger, _truths(month))
    assert {"sent", "settled", "quiet_hours", "capped"} <= {line["verdict"] for line in ledger}


@pytest.mark.parametrize("late", [timedelta(minutes=20), timedelta(hours=30), timedelta(days=4)])
def test_old_facts_told_again_break_no_rule(month: Timelines, late: timedelta) -> None:
    """Every fact told twice, the second time when it is no longer true, never brings a settled matter back."""
    events = _events(month)
    again = [replace(e, order=replace(e.order, observed_at=e.order.observed_at + late)) for e in events]
    ledger = list(entries(simulate([*again, *events], deps())))
    assert [] == broken_rules(ledger, _truths(month))


def test_snapshots_at_assumed_hours_break_no_rule(month: Timelines) -> None:
    """An export with assumed refunds keeps the same promises."""
    lasts = [told[-1] for told in month]
    snapshots = [_snapshot(last) for last in lasts]
    assume = parse("refund_requested=20h,refund_settled=100h")
    assert assume.refund_requested is not None
    assert assume.refund_settled is not None
    truths = {
        event.order.id: replace(
            _truth(event),
            refunds=tuple(
                (event.order.paid_at + assume.refund_requested, event.order.paid_at + assume.refund_settled)
                for _ in event.refunds
                if event.order.paid_at is not None
            ),
        )
        for event in snapshots
    }
    assert [] == broken_rules(list(entries(simulate(snapshots, deps(), assume))), truths)


def _snapshot(event: OrderChanged) -> OrderChanged:
    """As an order list tells it: no hours of refunds, and none that was withdrawn."""
    order = replace(event.order, observed_at=UNDATED)
    backs = (r for r in event.refunds if r.status is RefundStatus.PAID_BACK)
    asked = order.paid_at or order.created_at
    refunds = tuple(replace(r, observed_at=UNDATED, requested_at=asked, settled_at=None, deadline=None) for r in backs)
    return OrderChanged(order, refunds)


def test_the_checks_notice_a_broken_promise(month: Timelines) -> None:
    """The checks are worth something: words sent again an hour later, at night, after payment are all seen."""
    ledger = list(entries(simulate(_events(month), deps())))
    said = next(line for line in ledger if line["step"] == "unpaid.last_call" and line["verdict"] == "sent")
    night = {**said, "at": said["at"][:11] + "23:00:00+08:00"}
    sentences = broken_rules([said, night], {**_truths(month), said["order_id"]: _truth(month[0][0])})
    assert ["quiet hours", "nudged", "said twice"] == [
        word for word in ("quiet hours", "nudged", "said twice") if any(word in sentence for sentence in sentences)
    ]
