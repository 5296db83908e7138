"""A digest by cause: counted rightly, compared with the days before, with orders for examples and no buyer's words."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.desk.digest import KINDS, WEEK, Entry, digest, slots
from followup.model import Money
from tests.followup.makers import NOON, SHOP, hours

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MONDAY, NINE = frozenset({0}), time(9)


def an_entry(
    number: int, kind: str = "after_sales", cause: str = "product", goods: str = "scarf", **more: object
) -> Entry:
    return Entry(f"shop/{number}/{kind}", str(number), kind, cause, goods, NOON + hours(number), **more)


def told(entries: list[Entry], earlier: list[Entry] | None = None):  # type: ignore[no-untyped-def]
    return digest(SHOP, NOON, NOON + WEEK, entries, earlier or [])


def test_a_line_for_each_cause_and_kind() -> None:
    """The most frequent first, with what it cost and how long half of them took."""
    entries = [
        an_entry(1, closed_at=NOON + hours(2), granted=(Money(Decimal(5)),)),
        an_entry(2, goods="hat", closed_at=NOON + hours(5), granted=(Money(Decimal("2.5")), Money(Decimal(1), "USD"))),
        an_entry(3, closed_at=NOON + hours(12)),
        an_entry(4, cause="courier"),
    ]
    first, second = told(entries).lines
    assert ("product", 3, 3, hours(3)) == (first.cause, first.matters, first.orders, first.settle)
    assert (Money(Decimal("7.5")), Money(Decimal(1), "USD")) == first.granted
    assert ((("scarf", 2), ("hat", 1)), ("1", "3", "2")) == (first.goods, first.cases)
    assert ("courier", 1, None, ()) == (second.cause, second.matters, second.settle, second.granted)


def test_the_days_before_are_compared() -> None:
    """What is new, what is more, and what is gone."""
    found = told([an_entry(1), an_entry(2)], [an_entry(9), an_entry(8, cause="courier")])
    assert [("product", 2, 1), ("courier", 0, 1)] == [(line.cause, line.matters, line.before) for line in found.lines]
    assert (2, 2, False) == (found.matters, found.before, found.is_empty)


def test_some_kinds_tell_their_cause() -> None:
    """A parcel that stands still is the courier's doing until somebody finds another cause."""
    found = told([an_entry(1, "stuck_parcel", ""), an_entry(2, "late_shipment", ""), an_entry(3, cause="")])
    assert {"courier", "dispatch", ""} == {line.cause for line in found.lines}


def test_two_matters_of_one_order_are_one_order() -> None:
    """Orders are counted once, and named once."""
    again = Entry("shop/1/pending_refund", "1", "after_sales", "product", "scarf", NOON)
    (line,) = told([an_entry(1), again]).lines
    assert (2, 1, ("1",)) == (line.matters, line.orders, line.cases)


def test_nothing_is_nothing() -> None:
    """No line, and nothing to post."""
    assert ((), True) == (told([]).lines, told([]).is_empty)


ENTRIES = st.lists(
    st.builds(an_entry, st.integers(1, 40), st.sampled_from(KINDS), st.sampled_from(["", "product", "courier"])),
    max_size=30,
)


@given(ENTRIES, ENTRIES)
def test_every_matter_is_counted_once(entries: list[Entry], earlier: list[Entry]) -> None:
    """The lines add up, and their order does not depend on that of the matters."""
    found = told(entries, earlier)
    assert (len(entries), len(earlier)) == (sum(e.matters for e in found.lines), sum(e.before for e in found.lines))
    assert found == told(entries[::-1], earlier[::-1])


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        ("2026-03-09 09:00", "2026-03-02 09:00", "2026-03-09 09:00"),
        ("2026-03-09 08:59", "2026-02-23 09:00", "2026-03-02 09:00"),
        ("2026-03-14 23:00", "2026-03-02 09:00", "2026-03-09 09:00"),
    ],
)
def test_it_is_due_on_its_day(now: str, since: str, until: str) -> None:
    """At its time in the shop's zone, for the week since the one before."""
    expected = tuple(datetime.fromisoformat(each).replace(tzinfo=SHANGHAI) for each in (since, until))
    assert expected == slots(datetime.fromisoformat(now).replace(tzinfo=SHANGHAI), SHANGHAI, MONDAY, NINE)


def test_several_days_a_week_tell_of_the_days_between() -> None:
    """Every two or three days, as rule 102 asks."""
    days = frozenset({0, 3})
    since, until = slots(datetime(2026, 3, 9, 12, tzinfo=SHANGHAI), SHANGHAI, days, NINE) or (NOON, NOON)
    assert timedelta(days=4) == until - since


def test_a_clock_put_forward_moves_nothing() -> None:
    """It is nine o'clock on the wall, whatever the zone does."""
    since, until = slots(datetime(2026, 3, 30, 12, tzinfo=BERLIN), BERLIN, MONDAY, NINE) or (NOON, NOON)
    assert (8, 7, UTC) == (since.hour, until.hour, until.tzinfo)


def test_without_a_day_there_is_none() -> None:
    """It can be switched off."""
    assert slots(NOON, SHANGHAI, frozenset(), NINE) is None
