"""Which part of the ledger is counted, and how it is cut: by day, week, agent or kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, case, cast, literal

from followup.model import Instant
from store.codec import to_micros

DAY = timedelta(days=1)
_A_DAY = 86_400_000_000
_MONDAY = 3  # 1970 began on a Thursday, three days after one
_FIRST = date(1970, 1, 1)


class By(StrEnum):
    DAY = "day"
    WEEK = "week"
    AGENT = "agent"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Scope:
    """One shop from `since` (included) to `until` (not included) as it is known at `now`. Days are those of `zone`.

    What needs `within` to come about (an order after a question, a payment after a reminder) is counted only where
    that time has passed. `currency` is the shop's: amounts in another are left out.
    """

    shop: str
    zone: ZoneInfo
    since: Instant
    until: Instant
    now: Instant
    by: By = By.DAY
    currency: str = "CNY"
    within: timedelta = timedelta(hours=72)

    def during(self, at: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether something happened in the period."""
        return (at >= to_micros(self.since)) & (at < to_micros(self.until))

    def ripe(self, at: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether what began then has had its time."""
        return at <= to_micros(self.now - self.within)

    def cut(
        self,
        at: ColumnElement[int],
        agent: ColumnElement[str] | None = None,
        kind: ColumnElement[str] | None = None,
    ) -> ColumnElement[Any] | None:
        """What tells the parts apart: the day or week of `at`, the agent or the kind; None where nothing does."""
        match self.by:
            case By.DAY:
                return self.day(at)
            case By.WEEK:
                return (self.day(at) + _MONDAY) // 7
            case By.AGENT:
                return agent
            case By.KIND:
                return kind

    def day(self, at: ColumnElement[int]) -> ColumnElement[int]:
        """The local day of an instant, counted from 1970."""
        shifts = list(self._offsets())
        offset: ColumnElement[int] = literal(shifts[-1][1], BigInteger)
        if len(shifts) > 1:
            offset = case(*((at < until, shift) for until, shift in shifts[:-1]), else_=shifts[-1][1])
        return (at + cast(offset, BigInteger)) // _A_DAY

    def _offsets(self) -> Iterator[tuple[int, int]]:
        """The distances of the zone from UTC in the period, each with the instant at which it ends, in microseconds."""
        at, end = self.since - DAY, self.until + 2 * DAY
        shift = self._offset(at)
        while at < end:
            after = min(at + DAY, end)
            if self._offset(after) != shift:
                yield to_micros(self._changed(at, after)), shift // timedelta(microseconds=1)
                shift = self._offset(after)
            at = after
        yield to_micros(end), shift // timedelta(microseconds=1)

    def _changed(self, before: Instant, after: Instant) -> Instant:
        """The first minute of the offset that `after` has."""
        while after - before > timedelta(minutes=1):
            middle = before + (after - before) // 2
            before, after = (middle, after) if self._offset(middle) == self._offset(before) else (before, middle)
        return after.replace(second=0, microsecond=0)

    def _offset(self, at: Instant) -> timedelta:
        return at.astimezone(self.zone).utcoffset() or timedelta()

    def name(self, part: object) -> str:
        """A part as it is known outside: a date (a week by its Monday), an agent or a kind."""
        if not isinstance(part, int):
            return str(part)
        days = part * 7 - _MONDAY if self.by is By.WEEK else part
        return (_FIRST + timedelta(days=days)).isoformat()

    def of_day(self, day: int) -> str:
        """The day, or the week of it, as it is known outside."""
        return self.name((day + _MONDAY) // 7 if self.by is By.WEEK else day)

    def parts(self) -> list[str]:
        """All days or weeks of the period, also those on which nothing happened; [] for the other cuts."""
        if self.by not in (By.DAY, By.WEEK):
            return []
        day, last = (at.astimezone(self.zone).date() for at in (self.since, self.until - timedelta(microseconds=1)))
        step = 1
        if self.by is By.WEEK:
            day, step = day - timedelta(days=day.weekday()), 7
        return [(day + timedelta(days=n)).isoformat() for n in range(0, (last - day).days + 1, step)]


def midnight(day: date, zone: ZoneInfo) -> Instant:
    """The first instant of a day in a zone."""
    return datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
