from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.orders.headers import ORDER_LISTS
from bot.orders.taobao_export import TaobaoExport
from bot.shop_month import MONTH, START, generate, timeline, write_export
from followup.events import OrderChanged
from followup.facts import merge
from followup.model import Facts, Rating, RefundStatus, Status


def _last(orders: int, seed: int) -> list[OrderChanged]:
    return [told[-1] for told in generate(orders, seed)]


def test_a_seed_is_a_month() -> None:
    """Equal seeds give equal months, other seeds other ones."""
    assert generate(50, 1) == generate(50, 1)
    assert generate(50, 1) != generate(50, 2)


def test_the_month_is_plausible() -> None:
    """About 14% never pay, about 20% get their money back, and some complain."""
    ends = _last(4000, 7)
    count = Counter(event.order.status for event in ends)
    back = sum(any(refund.status is RefundStatus.PAID_BACK for refund in event.refunds) for event in ends)
    bad = sum(review.rating is Rating.BAD for event in ends for review in event.reviews)
    assert 0.12 < count[Status.CLOSED_UNPAID] / 4000 < 0.16
    assert 0.17 < back / 4000 < 0.23
    assert 0.01 < bad / 4000 < 0.04


def test_each_life_goes_forward() -> None:
    """Within an order nothing is observed before what preceded it, and joining the events forgets nothing."""
    for told in generate(500, 3):
        seen = [event.order.observed_at for event in told]
        assert sorted(seen) == seen
        facts: Facts | None = None
        for event in told:
            facts = merge(facts, event)
        assert facts is not None
        assert told[-1].order.status == facts.order.status


def test_refunds_are_asked_for_before_they_are_settled() -> None:
    """Every refund has a request, a deadline after it, and an end."""
    for refund in (refund for event in _last(2000, 5) for refund in event.refunds):
        assert refund.deadline is not None
        assert refund.settled_at is not None
        assert refund.requested_at < refund.settled_at <= refund.deadline


def test_the_timeline_is_in_the_order_of_time() -> None:
    """The stream of a whole shop never goes back, and tells every event once."""
    events = list(timeline(300, 4))
    seen = [event.order.observed_at for event in events]
    assert sorted(seen) == seen
    assert sum(map(len, generate(300, 4))) == len(events)
    assert all(START <= event.order.created_at < START + MONTH for event in events)


@pytest.mark.parametrize("variant", ORDER_LISTS)
@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig"])
def test_the_export_is_read_without_a_bad_row(tmp_path: Path, variant: str, encoding: str) -> None:
    """What the shop's back end would show at the end of the month reads back as the same orders."""
    write_export(tmp_path / "a.csv", 300, 6, variant, encoding)
    events = list(TaobaoExport("demo").read(tmp_path / "a.csv"))
    assert all(isinstance(event, OrderChanged) for event in events)
    expected = [(told[0].order.id, told[0].order.total, told[0].order.created_at) for told in generate(300, 6)]
    assert expected == [
        (event.order.id, event.order.total, event.order.created_at)
        for event in events
        if isinstance(event, OrderChanged)
    ]


def test_the_export_shows_what_was_paid_back(tmp_path: Path) -> None:
    """Refunds settled within the month are in the list, for as many orders as closed."""
    write_export(tmp_path / "a.csv", 500, 6)
    events = [event for event in TaobaoExport("demo").read(tmp_path / "a.csv") if isinstance(event, OrderChanged)]
    assert sum(event.order.status is Status.CLOSED for event in events) == sum(bool(event.refunds) for event in events)
