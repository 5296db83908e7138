"""When the shop is open: weekdays, nights, holidays, the clocks put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.desk.hours import (
    Hours,
    Shift,
    add_open,
    is_open,
    last_shift_end,
    next_open,
    next_shift_end,
    on_duty,
    open_between,
    shift_ends,
)
from followup.model import Instant

ZONES = tuple(map(ZoneInfo, ("Asia/Shanghai", "Europe/Madrid", "America/New_York")))
SHANGHAI, MADRID, NEW_YORK = ZONES
WEEK = frozenset(range(5))
HOUR = timedelta(hours=1)
OFFICE = Hours((Shift("office", WEEK, time(9), time(18)),))
NIGHT = Hours((Shift("night", opens=time(22), closes=time(6), people=frozenset({"li"})),))
ALWAYS = Hours((Shift("all day", opens=time(0), closes=time(0)),))
NEVER = Hours((Shift(days=frozenset()),))


def at(local: str, zone: ZoneInfo = SHANGHAI) -> Instant:
    return datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)


class TestOpen:
    @pytest.mark.parametrize(
        ("local", "expected"),
        [
            ("2026-03-02 08:59", False),
            ("2026-03-02 09:00", True),
            ("2026-03-02 18:00", False),
            ("2026-03-07 12:00", False),
        ],
    )
    def test_from_its_opening_to_its_closing(self, local: str, expected: bool) -> None:
        """The closing moment is outside, and so is the weekend."""
        assert expected is is_open(OFFICE, SHANGHAI, at(local))

    def test_over_midnight(self) -> None:
        """A night shift is the same one after midnight."""
        assert [True, True, False] == [
            is_open(NIGHT, SHANGHAI, at(local))
            for local in ("2026-03-02 23:00", "2026-03-03 05:59", "2026-03-03 06:00")
        ]

    def test_on_a_holiday_no_shift_begins(self) -> None:
        """The night before is worked to its end."""
        hours = Hours(NIGHT.shifts, frozenset({date(2026, 3, 3)}))
        nights = ("2026-03-03 03:00", "2026-03-03 23:00", "2026-03-04 03:00")
        assert [True, False, False] == [is_open(hours, SHANGHAI, at(night)) for night in nights]

    def test_next_morning_after_the_weekend(self) -> None:
        """On Friday evening it opens on Monday; after a holiday on Monday it opens on Tuesday."""
        friday, holiday = at("2026-03-06 20:00"), Hours(OFFICE.shifts, frozenset({date(2026, 3, 9)}))
        opens = [next_open(hours, SHANGHAI, friday) for hours in (OFFICE, holiday)]
        assert [at("2026-03-09 09:00"), at("2026-03-10 09:00")] == opens

    def test_open_now_is_now(self) -> None:
        """Who is there need not be waited for."""
        now = at("2026-03-02 10:00")
        assert now == next_open(OFFICE, SHANGHAI, now)


class TestOpenTime:
    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [
            ("2026-03-02 10:00", HOUR / 12, "2026-03-02 10:05"),
            ("2026-03-02 17:58", HOUR / 12, "2026-03-03 09:03"),
            ("2026-03-06 17:00", 2 * HOUR, "2026-03-09 10:00"),
            ("2026-03-07 12:00", 24 * HOUR, "2026-03-11 15:00"),
            ("2026-03-02 12:00", timedelta(), "2026-03-02 12:00"),
        ],
    )
    def test_is_counted_while_it_is_open(self, start: str, length: timedelta, expected: str) -> None:
        """Nights and weekends do not count; a clock may end just when the shop closes."""
        assert at(expected) == add_open(OFFICE, SHANGHAI, at(start), length)

    def test_ends_with_the_shift(self) -> None:
        """The last minute of the day is the day's."""
        assert at("2026-03-02 18:00") == add_open(OFFICE, SHANGHAI, at("2026-03-02 17:00"), HOUR)

    def test_overlapping_shifts_count_once(self) -> None:
        """Two shifts at work at the same time are one open hour."""
        both = Hours((Shift(opens=time(9), closes=time(15)), Shift(opens=time(13), closes=time(21))))
        assert 12 * HOUR == open_between(both, SHANGHAI, at("2026-03-02 00:00"), at("2026-03-03 00:00"))

    def test_a_whole_day(self) -> None:
        """A shop that never closes counts all time."""
        assert 240 * HOUR == open_between(ALWAYS, SHANGHAI, at("2026-03-02 01:17"), at("2026-03-12 01:17"))

    @pytest.mark.parametrize(
        ("zone", "day", "expected"),
        [
            (MADRID, "2026-03-29", 7),
            (MADRID, "2026-10-25", 9),
            (NEW_YORK, "2026-03-08", 7),
            (NEW_YORK, "2026-11-01", 9),
        ],
    )
    def test_the_night_of_changing_clocks(self, zone: ZoneInfo, day: str, expected: int) -> None:
        """The night shift keeps its times of day, and is an hour shorter or longer."""
        morning = at(f"{day} 12:00", zone)
        assert expected * HOUR == open_between(NIGHT, zone, morning - 24 * HOUR, morning)

    def test_backwards_there_is_none(self) -> None:
        """Nothing passes from now to before now, and no clock runs backwards."""
        now = at("2026-03-02 12:00")
        assert timedelta() == open_between(OFFICE, SHANGHAI, now, now - HOUR)
        with pytest.raises(ValueError, match="forward"):
            add_open(OFFICE, SHANGHAI, now, -HOUR)


class TestNeverOpen:
    @pytest.mark.parametrize("hours", [NEVER, Hours(())])
    def test_says_so(self, hours: Hours) -> None:
        """A shop without a shift has no next opening, rather than one that is looked for for ever."""
        now = at("2026-03-02 12:00")
        for ask in (
            lambda: next_open(hours, SHANGHAI, now),
            lambda: add_open(hours, SHANGHAI, now, HOUR),
            lambda: open_between(hours, SHANGHAI, now, now + HOUR),
            lambda: next_shift_end(hours, SHANGHAI, now),
        ):
            with pytest.raises(ValueError, match="never opens"):
                ask()
        assert (False, frozenset(), None) == (
            is_open(hours, SHANGHAI, now),
            on_duty(hours, SHANGHAI, now),
            last_shift_end(hours, SHANGHAI, now),
        )


class TestPeople:
    def test_who_works_now(self) -> None:
        """The people of all shifts at work; nobody when it is closed; everybody where a shift names nobody."""
        day = Shift("day", opens=time(9), closes=time(18), people=frozenset({"li", "wang"}))
        late = Shift("late", opens=time(17), closes=time(22), people=frozenset({"chen"}))
        named = Hours((day, late))
        people = [on_duty(named, SHANGHAI, at(f"2026-03-02 {hour}")) for hour in ("10:00", "17:30", "23:00")]
        assert [{"li", "wang"}, {"li", "wang", "chen"}, frozenset()] == people
        assert on_duty(OFFICE, SHANGHAI, at("2026-03-02 10:00")) is None
        assert on_duty(Hours((day, Shift())), SHANGHAI, at("2026-03-02 10:00")) is None


class TestShiftEnds:
    def test_last_and_next(self) -> None:
        """On Saturday the last shift ended on Friday, and the next ends on Monday."""
        saturday = at("2026-03-07 12:00")
        found = (last_shift_end(OFFICE, SHANGHAI, saturday), next_shift_end(OFFICE, SHANGHAI, saturday))
        assert (at("2026-03-06 18:00"), at("2026-03-09 18:00")) == found

    def test_the_moment_itself_is_the_last(self) -> None:
        """At six the shift has ended, and the next end is tomorrow's."""
        six = at("2026-03-02 18:00")
        assert (six, at("2026-03-03 18:00")) == (
            last_shift_end(OFFICE, SHANGHAI, six),
            next_shift_end(OFFICE, SHANGHAI, six),
        )

    def test_in_the_order_of_their_ends(self) -> None:
        """A long shift that opened first may end last."""
        hours = Hours((Shift("long", opens=time(8), closes=time(20)), Shift("short", opens=time(9), closes=time(12))))
        ends = shift_ends(hours, SHANGHAI, at("2026-03-02 00:00"), at("2026-03-02 20:00"))
        assert ["short", "long"] == [turn.shift.name for turn in ends]

    def test_after_a_long_holiday(self) -> None:
        """A month without a shift is looked over."""
        days = frozenset(date(2026, 3, 1) + timedelta(days=n) for n in range(31))
        hours, now = Hours(OFFICE.shifts, days), at("2026-03-20 12:00")
        assert (at("2026-02-27 18:00"), at("2026-04-01 18:00")) == (
            last_shift_end(hours, SHANGHAI, now),
            next_shift_end(hours, SHANGHAI, now),
        )


times = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30)))
shifts = st.builds(Shift, st.just("s"), st.frozensets(st.integers(0, 6), min_size=1), times, times)
holidays = st.frozensets(st.dates(date(2026, 3, 1), date(2026, 4, 5)), max_size=5)
calendars = st.builds(Hours, st.lists(shifts, min_size=1, max_size=3).map(tuple), holidays)
moments = st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 10), timezones=st.just(UTC))  # noqa: DTZ001
lengths = st.timedeltas(timedelta(seconds=1), timedelta(days=20))


class TestAlways:
    @settings(deadline=None)
    @given(calendars, st.sampled_from(ZONES), moments, lengths)
    def test_adding_and_counting_are_inverse(
        self, hours: Hours, zone: ZoneInfo, start: Instant, length: timedelta
    ) -> None:
        """So much open time is between a start and the end that was reckoned from it; the end is never in the past."""
        end = add_open(hours, zone, start, length)
        assert (length, True) == (open_between(hours, zone, start, end), end >= start + length)

    @settings(deadline=None)
    @given(calendars, st.sampled_from(ZONES), moments, lengths)
    def test_counting_and_adding_are_inverse(
        self, hours: Hours, zone: ZoneInfo, start: Instant, span: timedelta
    ) -> None:
        """An end in open time is found again from the open time before it."""
        end = next_open(hours, zone, start + span) + timedelta(microseconds=1)
        assert end == add_open(hours, zone, start, open_between(hours, zone, start, end))

    @settings(deadline=None)
    @given(calendars, st.sampled_from(ZONES), moments)
    def test_the_next_opening(self, hours: Hours, zone: ZoneInfo, now: Instant) -> None:
        """It is open then, never in the past, and closed all the time before."""
        opens = next_open(hours, zone, now)
        assert opens >= now
        assert is_open(hours, zone, opens)
        assert timedelta() == open_between(hours, zone, now, opens)

    @settings(deadline=None)
    @given(calendars, st.sampled_from(ZONES), moments)
    def test_shift_ends_lie_around_now(self, hours: Hours, zone: ZoneInfo, now: Instant) -> None:
        """The last is not after now, the next is; between them none ends."""
        last, following = last_shift_end(hours, zone, now), next_shift_end(hours, zone, now)
        assert last is not None
        assert last <= now < following
        assert [following] == sorted({turn.closes_at for turn in shift_ends(hours, zone, last, following)})
