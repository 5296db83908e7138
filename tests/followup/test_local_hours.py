from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from followup.local_hours import DAY, HOUR, begins_at, hours_of, quiet_share, week_of
from followup.policy import QuietHours

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)
zones = st.timezone_keys(allow_prefix=False).map(ZoneInfo)
days = st.dates(date(1990, 1, 1), date(2040, 12, 31))


class TestHoursOf:
    @given(days, zones)
    @example(date(2026, 3, 29), BERLIN)
    @example(date(2026, 10, 25), BERLIN)
    @example(date(2026, 4, 5), ZoneInfo("Australia/Lord_Howe"))
    @example(date(2026, 10, 4), ZoneInfo("Australia/Lord_Howe"))
    @example(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))
    @example(date(2010, 11, 7), ZoneInfo("America/St_Johns"))
    @example(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))
    def test_every_instant_of_a_day_is_in_one_hour_of_its_number(self, day: date, zone: ZoneInfo) -> None:
        """The hours follow each other without a gap from one day to the next, none is longer than an hour, and in each
        the clock shows its number from the first to the last second."""
        hours = hours_of(day, zone)
        edges = [begins_at(day, zone), *(hour.end for hour in hours)]
        assert edges[:-1] == [hour.start for hour in hours]
        assert edges[-1] == begins_at(day + DAY, zone)
        for hour in hours:
            assert timedelta() < hour.end - hour.start <= HOUR
            shown = {at.astimezone(zone).hour for at in (hour.start, hour.end - SECOND)}
            assert {hour.number} == shown

    @pytest.mark.parametrize(
        ("day", "zone", "count"),
        [
            (date(2026, 11, 22), SHANGHAI, 24),
            (date(2026, 3, 29), BERLIN, 23),
            (date(2026, 10, 25), BERLIN, 25),
            (date(2011, 12, 30), ZoneInfo("Pacific/Apia"), 0),
        ],
    )
    def test_a_day_has_as_many_hours_as_it_lasts(self, day: date, zone: ZoneInfo, count: int) -> None:
        """24, 23 when clocks are put forward, 25 when they are put back, none on a day that was skipped."""
        assert count == len(hours_of(day, zone))

    def test_the_second_time_an_hour_is_told_from_the_first(self) -> None:
        """Two o'clock comes twice when clocks are put back; in spring there is none."""
        twice = [hour.again for hour in hours_of(date(2026, 10, 25), BERLIN) if hour.number == 2]
        never = [hour for hour in hours_of(date(2026, 3, 29), BERLIN) if hour.number == 2]
        assert ([False, True], []) == (twice, never)

    def test_half_an_hour_is_told_too(self) -> None:
        """On Lord Howe Island clocks are put back by half an hour."""
        hours = hours_of(date(2026, 4, 5), ZoneInfo("Australia/Lord_Howe"))
        assert [timedelta(minutes=30)] == [hour.end - hour.start for hour in hours if hour.again]


class TestQuietShare:
    def test_an_hour_may_be_quiet_in_part(self) -> None:
        """From half past eight nobody is written to: eight o'clock is quiet by half."""
        shares = {
            hour.number: quiet_share(hour, SHANGHAI, QuietHours()) for hour in hours_of(date(2026, 3, 2), SHANGHAI)
        }
        assert (1.0, 0.0, 0.0, 0.5, 1.0) == tuple(shares[number] for number in (8, 9, 19, 20, 21))

    def test_a_holiday_is_quiet(self) -> None:
        """All day long."""
        day = date(2026, 3, 2)
        holiday = QuietHours(holidays=frozenset({day}))
        assert {1.0} == {quiet_share(hour, SHANGHAI, holiday) for hour in hours_of(day, SHANGHAI)}


class TestWeekOf:
    @given(days)
    def test_it_begins_on_monday_and_holds_the_day(self, day: date) -> None:
        """Seven days in a row."""
        week = week_of(day)
        assert (0, 7, True) == (week[0].weekday(), len(set(week)), day in week)
        assert week[-1] - week[0] == timedelta(days=6)


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    """In UTC."""
    assert datetime(2026, 3, 1, 16, tzinfo=UTC) == begins_at(date(2026, 3, 2), SHANGHAI)
