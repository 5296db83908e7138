"""The hours of a day as its people read them off the clock, also where clocks are put forward or back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followup.model import Instant
from followup.policy import QuietHours
from followup.politeness import is_quiet

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Hour:
    """A piece of a day from `start` (included) to `end` (not included), an hour or less, in which the clock shows
    `number`; `again` where it has shown that before on the same day."""

    start: Instant
    end: Instant
    number: int
    again: bool = False


def begins_at(day: date, zone: ZoneInfo) -> Instant:
    """The first instant of a day."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def hours_of(day: date, zone: ZoneInfo) -> list[Hour]:
    """The hours of a day in their order: 24, but 23 or 25 where clocks change, and none for a day that a place skipped.
    One hour's end is the next one's start, and the last one's that of the next day."""
    at, end, hours = begins_at(day, zone), begins_at(day + DAY, zone), list[Hour]()
    while at < end:
        number, until = at.astimezone(zone).hour, min(_next(at, zone), end)
        hours.append(Hour(at, until, number, any(each.number == number for each in hours)))
        at = until
    return hours


def week_of(day: date) -> list[date]:
    """The days of its week, from Monday."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=count) for count in range(7)]


def quiet_share(hour: Hour, zone: ZoneInfo, quiet: QuietHours) -> float:
    """Which part of an hour is quiet, from 0 to 1, to a quarter of it."""
    quarter = (hour.end - hour.start) / QUARTERS
    return sum(is_quiet(hour.start + quarter * count, zone, quiet) for count in range(QUARTERS)) / QUARTERS


def _next(at: Instant, zone: ZoneInfo) -> Instant:
    """The next full hour of the clock, or before it the moment at which the clock is changed."""
    local = at.astimezone(zone)
    full = at + HOUR - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return full if _offset(full, zone) == local.utcoffset() else _changed(at, full, zone)


def _changed(before: Instant, after: Instant, zone: ZoneInfo) -> Instant:
    """The first instant of the offset that `after` has, to a second."""
    first, seconds = 0, round((after - before).total_seconds())
    was = _offset(before, zone)
    while seconds - first > 1:
        middle = (first + seconds) // 2
        if _offset(before + timedelta(seconds=middle), zone) == was:
            first = middle
        else:
            seconds = middle
    return before + timedelta(seconds=seconds)


def _offset(at: Instant, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
