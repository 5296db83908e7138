"""Days and weeks as the database counts them are those of the calendar, wherever the shop is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Engine, create_engine, literal, select

from store.codec import to_micros
from store.figures import By, Scope
from store.figures.scope import midnight
from store.store import SqlStore
from tests.store.figures.ledger import MONDAY, SHANGHAI
from tests.store.makers import DAY

ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = 365 * 24 * 60
MEMORY = create_engine("sqlite://")


def part(at: datetime, scope: Scope, engine: Engine = MEMORY) -> str:
    """The part to which the database says that an instant belongs."""
    cut = scope.cut(literal(to_micros(at), BigInteger))
    assert cut is not None
    with engine.connect() as connection:
        return scope.name(connection.execute(select(cut)).scalar_one())


@given(st.integers(0, YEAR - 1), st.sampled_from(ZONES))
@example(66 * 24 * 60 + 7 * 60, "America/New_York")
@example(303 * 24 * 60 + 5 * 60, "America/New_York")
def test_a_day_is_that_of_the_local_calendar(minute: int, zone: str) -> None:
    """Also in the nights when clocks change, over a whole year at once."""
    at, where = FIRST + timedelta(minutes=minute), ZoneInfo(zone)
    scope = Scope("s", where, FIRST, FIRST + timedelta(minutes=YEAR), FIRST)
    assert at.astimezone(where).date().isoformat() == part(at, scope)


@given(st.integers(0, YEAR - 1), st.sampled_from(ZONES))
def test_a_week_begins_on_its_monday(minute: int, zone: str) -> None:
    """A week is known by the Monday on or before the day."""
    at, where = FIRST + timedelta(minutes=minute), ZoneInfo(zone)
    day = at.astimezone(where).date()
    scope = Scope("s", where, FIRST, FIRST + timedelta(minutes=YEAR), FIRST, By.WEEK)
    assert (day - timedelta(days=day.weekday())).isoformat() == part(at, scope)


def test_both_databases_say_the_same(sql_store: SqlStore) -> None:
    """The last microsecond before the clocks change and the first after it, in New York in 2026."""
    zone = ZoneInfo("America/New_York")
    scope = Scope("s", zone, FIRST, FIRST + timedelta(minutes=YEAR), FIRST)
    midnights = [
        datetime(2026, 3, 8, tzinfo=zone),
        datetime(2026, 3, 9, tzinfo=zone),
        datetime(2026, 11, 2, tzinfo=zone),
    ]
    told = [
        part(at + by, scope, sql_store.engine) for at in midnights for by in (-timedelta(microseconds=1), timedelta())
    ]
    assert ["2026-03-07", "2026-03-08", "2026-03-08", "2026-03-09", "2026-11-01", "2026-11-02"] == told


@pytest.mark.parametrize(
    ("by", "days", "expected"),
    [
        (By.DAY, 3, ["2026-03-02", "2026-03-03", "2026-03-04"]),
        (By.WEEK, 8, ["2026-03-02", "2026-03-09"]),
        (By.AGENT, 3, []),
    ],
)
def test_every_day_of_the_period_is_a_part(by: By, days: int, expected: list[str]) -> None:
    """A day on which nothing happened is shown too; people and kinds are those that were found."""
    assert expected == Scope("s", SHANGHAI, MONDAY, MONDAY + days * DAY, MONDAY, by).parts()


def test_a_week_that_began_before_the_period_is_its_first_part() -> None:
    """From Thursday on: the week of that Thursday is there."""
    thursday = MONDAY + 3 * DAY
    assert ["2026-03-02"] == Scope("s", SHANGHAI, thursday, thursday + DAY, thursday, By.WEEK).parts()


def test_midnight_is_the_first_instant_of_a_day() -> None:
    """In the zone of the shop, told in UTC."""
    assert datetime(2026, 3, 1, 16, tzinfo=UTC) == midnight(date(2026, 3, 2), SHANGHAI)
