"""The days of the calendar as they are drawn: hours with what is planned, quiet or not."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from followup.local_hours import Hour, hours_of, quiet_share
from followup.model import Instant
from followup.policy import Policy
from store.console.calendar import Count


@dataclass(frozen=True)
class Cell:
    """An hour of a day; `kinds` are how many touches of each are planned, the most first, `waits` those that will have
    to wait, `quiet` which part of it is."""

    hour: Hour
    kinds: tuple[tuple[str, int], ...]
    waits: int
    quiet: float
    is_now: bool
    is_past: bool

    @property
    def count(self) -> int:
        """How many are planned."""
        return sum(count for _, count in self.kinds)


@dataclass(frozen=True)
class Day:
    """A day with its hours."""

    date: date
    cells: tuple[Cell, ...]
    is_today: bool
    is_holiday: bool

    @property
    def count(self) -> int:
        """How many are planned."""
        return sum(cell.count for cell in self.cells)

    def at(self, number: int) -> tuple[Cell, ...]:
        """The hours in which the clock shows that number: one, none or two."""
        return tuple(cell for cell in self.cells if cell.hour.number == number)


def days_of(
    dates: Sequence[date], zone: ZoneInfo, policies: Sequence[Policy], counts: Sequence[Count], now: Instant
) -> list[Day]:
    """The days in `zone`, with counts in the order of time; quiet is what is quiet in every one of the shops, as is a
    holiday."""
    today, left = now.astimezone(zone).date(), deque(counts)
    days = []
    for each in dates:
        cells = tuple(_cell(hour, _until(hour.end, left), policies, now) for hour in hours_of(each, zone))
        is_holiday = bool(policies) and all(each in policy.quiet.holidays for policy in policies)
        days.append(Day(each, cells, each == today, is_holiday))
    return days


def _until(end: Instant, left: deque[Count]) -> list[Count]:
    """Those of the counts that are left which come before `end`, which are then taken."""
    found = []
    while left and left[0].at < end:
        found.append(left.popleft())
    return found


def _cell(hour: Hour, counts: Sequence[Count], policies: Sequence[Policy], now: Instant) -> Cell:
    kinds: Counter[str] = Counter()
    for count in counts:
        kinds[count.kind] += count.count
    ordered = tuple(sorted(kinds.items(), key=lambda each: (-each[1], each[0])))
    waits = sum(count.waits for count in counts)
    quiet = min((quiet_share(hour, policy.zone, policy.quiet) for policy in policies), default=0.0)
    return Cell(hour, ordered, waits, quiet, hour.start <= now < hour.end, hour.end <= now)
