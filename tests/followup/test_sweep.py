from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.model import State, Thread
from followup.sweep import Care, Coverage, Found, care_of, last_slot, proven
from tests.followup.makers import NOON, a_case, days, hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


def a_thread(state: State = State.OPEN) -> Thread:
    return replace(a_case("late_shipment").thread, state=state)


def found(order: str, care: Care, since: datetime = NOON, kind: str = "late_shipment") -> Found:
    return Found(order, kind, f"shop/{order}/{kind}", since, care)


@given(moments, st.sampled_from(["Asia/Shanghai", "Europe/Madrid", "America/New_York"]).map(ZoneInfo))
def test_the_last_slot_is_a_monday_or_thursday_within_four_days(now: datetime, zone: ZoneInfo) -> None:
    """Half past nine where the shop is, never in the future, never long ago."""
    slot = last_slot(now, zone)
    local = slot.astimezone(zone)
    assert local.weekday() in (0, 3)
    assert (9, 30) == (local.hour, local.minute)
    assert timedelta() <= now - slot <= timedelta(days=4, hours=1)


def test_on_the_minute_it_is_due() -> None:
    """Thursday at half past nine itself counts."""
    thursday = datetime(2026, 3, 5, 9, 30, tzinfo=SHANGHAI)
    assert (thursday, thursday - timedelta(days=3)) == (
        last_slot(thursday, SHANGHAI),
        last_slot(thursday - timedelta(seconds=1), SHANGHAI),
    )


@pytest.mark.parametrize(
    ("before", "after", "has_case", "is_reachable", "expected"),
    [
        (None, None, False, True, Care.FAILED),
        (None, State.OPEN, False, False, Care.OPENED),
        (State.SETTLED, State.OPEN, False, True, Care.OPENED),
        (State.OPEN, State.OPEN, False, True, Care.FOLLOWED),
        (State.OPEN, State.OPEN, False, False, Care.UNREACHABLE),
        (State.WITH_AGENT, State.WITH_AGENT, False, False, Care.WITH_AGENT),
        (State.SOLVED, State.SOLVED, False, True, Care.FOLLOWED),
        (State.CLOSED, State.CLOSED, False, True, Care.CLOSED),
        (State.CLOSED, State.CLOSED, True, True, Care.WITH_AGENT),
    ],
)
def test_who_looks_after_it(
    before: State | None, after: State | None, has_case: bool, is_reachable: bool, expected: Care
) -> None:
    """Exactly one of the columns, from how the thread was and is."""
    known = [None if state is None else a_thread(state) for state in (before, after)]
    assert expected is care_of(known[0], known[1], has_case, is_reachable)


def test_what_the_ledger_does_not_hold_has_failed() -> None:
    """Opened, and yet not there: it counts as failed, and the sum says so."""
    told = (found("1", Care.OPENED), found("2", Care.OPENED))
    proved = proven(told, {"shop/1/late_shipment"})
    assert [Care.OPENED, Care.FAILED] == [each.care for each in proved]
    assert (True, False) == (Coverage("shop", NOON, 2, 0, told).adds_up, Coverage("shop", NOON, 2, 0, proved).adds_up)


def test_the_sum_must_be_what_the_facts_say() -> None:
    """An order that was come upon and stands in no column is noticed."""
    assert not Coverage("shop", NOON, 2, 0, (found("1", Care.FOLLOWED),)).adds_up


def test_over_72_hours_are_counted_of_the_late_ones_only() -> None:
    """Rule 27 is about stock; a parcel on its way is none of it."""
    told = (
        found("1", Care.FOLLOWED, NOON - hours(72)),
        found("2", Care.FOLLOWED, NOON - hours(71)),
        found("3", Care.FOLLOWED, NOON - days(9), "stuck_parcel"),
    )
    assert 1 == Coverage("shop", NOON, 2, 1, told).overdue


def test_as_figures() -> None:
    """What `--json` prints: every column, the sum, and the orders somebody has to see to."""
    coverage = Coverage("shop", NOON, 2, 0, (found("1", Care.OPENED), found("2", Care.UNREACHABLE)))
    told = coverage.as_dict()
    assert (2, 1, 1, 0, True) == tuple(told[name] for name in ("found", "opened", "unreachable", "failed", "adds_up"))
    assert {"opened": ["1"], "unreachable": ["2"], "failed": []} == told["orders"]
