"""When the shop's people are there: shifts by weekday, holidays, who is on call. Times of day in the shop's zone.

On a holiday no shift begins; one that began the evening before is worked to its end. A shift that opens and closes at
the same time of day lasts until that time of the next day. Where clocks are put forward or back, a shift keeps its
times of day and is shorter or longer for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from followup.model import Instant

DAY = timedelta(days=1)
NEVER = 400  # days: a shop that does not open for so long never opens


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift begins at `opens` on each of `days` (0 is Monday) and ends at `closes`, on the next day if that is not
    later; `people` are the ids of who works in it (empty: everybody)."""

    name: str = "day"
    days: frozenset[int] = frozenset(range(7))
    opens: time = time(9, 0)
    closes: time = time(21, 0)
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hours:
    """The shifts of a shop, and its `holidays`. `on_call` are told of what cannot wait for the next shift."""

    shifts: tuple[Shift, ...] = (Shift(),)
    holidays: frozenset[date] = frozenset()
    on_call: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift as it is worked on one day."""

    shift: Shift
    opens_at: Instant
    closes_at: Instant


def is_open(hours: Hours, zone: ZoneInfo, at: Instant) -> bool:
    """Whether a shift is at work; the moment at which it ends is no more part of it."""
    return bool(_at_work(hours, zone, at))


def next_open(hours: Hours, zone: ZoneInfo, at: Instant) -> Instant:
    """When somebody is there: `at` itself if the shop is open. Raises ValueError if it never opens."""
    return next(_open_time(hours, zone, at))[0]


def add_open(hours: Hours, zone: ZoneInfo, start: Instant, length: timedelta) -> Instant:
    """When `length` of open time has passed since `start`. Raises ValueError if the shop never opens, or for a negative
    length."""
    if length < timedelta():
        raise ValueError("open time only goes forward")
    if not length:
        return start
    left = length
    for begin, end in _open_time(hours, zone, start):
        if left <= end - begin:
            return begin + left
        left -= end - begin
    raise AssertionError("open time has no end")


def open_between(hours: Hours, zone: ZoneInfo, start: Instant, end: Instant) -> timedelta:
    """How much of the time from `start` to `end` the shop is open. Raises ValueError if it never opens."""
    total = timedelta()
    for begin, until in _open_time(hours, zone, start):
        if begin >= end:
            break
        total += min(until, end) - begin
    return total


def on_duty(hours: Hours, zone: ZoneInfo, at: Instant) -> frozenset[str] | None:
    """The people of the shifts at work: none of them when the shop is closed, None for everybody, when a shift is at
    work that names nobody."""
    at_work = [turn.shift.people for turn in _at_work(hours, zone, at)]
    return frozenset().union(*at_work) if all(at_work) else None


def shift_ends(hours: Hours, zone: ZoneInfo, after: Instant, until: Instant) -> list[Turn]:
    """The shifts that end later than `after`, and at `until` at the latest, in the order of their ends."""
    first, last = after.astimezone(zone).date() - DAY, until.astimezone(zone).date()
    days = (first + DAY * count for count in range((last - first).days + 1))
    found = (turn for day in days for turn in _turns(hours, zone, day) if after < turn.closes_at <= until)
    return sorted(found, key=lambda turn: (turn.closes_at, turn.opens_at, turn.shift.name))


def last_shift_end(hours: Hours, zone: ZoneInfo, at: Instant) -> Instant | None:
    """When a shift ended last, at `at` at the latest; None if the shop was closed all of the last year."""
    for days in (2, 10, NEVER):
        if ended := shift_ends(hours, zone, at - DAY * days, at):
            return ended[-1].closes_at
    return None


def next_shift_end(hours: Hours, zone: ZoneInfo, at: Instant) -> Instant:
    """When a shift ends next, later than `at`. Raises ValueError if the shop never opens."""
    for days in (2, 10, NEVER):
        if ends := shift_ends(hours, zone, at, at + DAY * days):
            return ends[0].closes_at
    raise ValueError("the shop never opens")


def _at_work(hours: Hours, zone: ZoneInfo, at: Instant) -> list[Turn]:
    today = at.astimezone(zone).date()
    of_days = (*_turns(hours, zone, today - DAY), *_turns(hours, zone, today))
    return [turn for turn in of_days if turn.opens_at <= at < turn.closes_at]


def _open_time(hours: Hours, zone: ZoneInfo, start: Instant) -> Iterator[tuple[Instant, Instant]]:
    """All open time from `start` on, in pieces that follow each other and do not overlap."""
    day, covered, idle = start.astimezone(zone).date() - DAY, start, 0
    while idle < NEVER:
        idle += 1
        for turn in _turns(hours, zone, day):
            if turn.closes_at > covered:
                begin, covered, idle = max(turn.opens_at, covered), turn.closes_at, 0
                yield begin, covered
        day += DAY
    raise ValueError("the shop never opens")


@lru_cache(maxsize=4096)
def _turns(hours: Hours, zone: ZoneInfo, day: date) -> tuple[Turn, ...]:
    """The shifts that begin on a day, in the order in which they open."""
    if day in hours.holidays:
        return ()
    of_day = (_turn(shift, zone, day) for shift in hours.shifts if day.weekday() in shift.days)
    worked = (turn for turn in of_day if turn.opens_at < turn.closes_at)
    return tuple(sorted(worked, key=lambda turn: (turn.opens_at, turn.closes_at)))


def _turn(shift: Shift, zone: ZoneInfo, day: date) -> Turn:
    last = day if shift.closes > shift.opens else day + DAY
    return Turn(shift, _utc(day, shift.opens, zone), _utc(last, shift.closes, zone))


def _utc(day: date, at: time, zone: ZoneInfo) -> Instant:
    return datetime.combine(day, at, zone).astimezone(UTC)
