"""Times that buyers name, resolved where they live."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.understand import named_time
from tests.handlers.understand.tables import rows

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(("now", "line"), [*rows("times.txt")])
def test_resolves_a_named_time(now: str, line: str) -> None:
    """The table's words mean the table's local times; what names no time to come means none."""
    text, expected = (each.strip() for each in line.split("|"))
    found = named_time(text, datetime.fromisoformat(now).replace(tzinfo=SHANGHAI).astimezone(UTC), SHANGHAI)

    assert expected == (found.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if found else "-")


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("tomorrow", "America/New_York", datetime(2026, 3, 8, 14, tzinfo=UTC)),
        ("mañana", "Europe/Madrid", datetime(2026, 3, 8, 9, tzinfo=UTC)),
        ("明天", "Asia/Shanghai", datetime(2026, 3, 9, 2, tzinfo=UTC)),
    ],
)
def test_lives_where_the_buyer_lives(text: str, zone: str, utc: datetime) -> None:
    """Tomorrow is the buyer's tomorrow, on a night of changing clocks too (New York, 8 March 2026)."""
    assert utc == named_time(text, datetime(2026, 3, 7, 20, tzinfo=UTC), ZoneInfo(zone))


def test_survives_an_hour_that_does_not_exist() -> None:
    """Half past two on the night the clocks go forward is moved, not lost."""
    now = datetime(2026, 3, 7, 20, tzinfo=UTC)
    found = named_time("tomorrow at 2:30 am", now, ZoneInfo("America/New_York"))

    assert datetime(2026, 3, 8, 7, 30, tzinfo=UTC) == found


def test_counts_hours_not_clock_faces() -> None:
    """In ten hours is ten hours, whatever the clocks do."""
    now = datetime(2026, 3, 8, 2, tzinfo=UTC)

    assert now + timedelta(hours=10) == named_time("in 10 hours", now, ZoneInfo("America/New_York"))


def test_looks_sixty_days_ahead_at_most() -> None:
    """A promise for next season is no time to plan for."""
    assert named_time("in 61 days", datetime(2026, 3, 8, tzinfo=UTC), SHANGHAI) is None
