"""What the page of reports shows: which days of which shop, cut how; read aside, and kept for a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar
from urllib.parse import urlencode
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.console.desk import Desk, Visit
from bot.figures.report import Report, make, one_person
from followup.desk.digest import Digest
from followup.desk.people import Rank, Roster
from followup.desk.register import Lost
from followup.model import Instant
from scheduler.routine import read_digest
from store.figures import By, Scope
from store.figures.scope import midnight
from store.register_views import losses
from store.store import SqlStore

T = TypeVar("T")
DAY = timedelta(days=1)
LONGEST, TREND = timedelta(days=400), timedelta(days=7)
PERIODS = {"today": DAY, "7": 7 * DAY, "30": 30 * DAY, "month": None, "days": None}
KEEP, MOST = 60.0, 20
"""Results are kept for so many seconds, and so many at once."""


class BadDays(ValueError):
    """The days cannot be counted; the word says why: days_wrong, days_backwards or days_many."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be seen. `since` and `until` are ISO days, both counted in, for the period "days" alone."""

    shop: str
    period: str = "7"
    since: str = ""
    until: str = ""
    by: By = By.DAY

    def days(self, today: date) -> tuple[date, date]:
        """The first and the last day. Raises BadDays."""
        match self.period:
            case "days":
                return _days(self.since, self.until)
            case "month":
                return today.replace(day=1), today
        return today - (PERIODS[self.period] or DAY) + DAY, today

    @property
    def url(self) -> str:
        """The address under which the same is seen again."""
        told = {"shop": self.shop, "period": self.period, "by": self.by.value}
        if self.period == "days":
            told |= {"since": self.since, "until": self.until}
        return f"/console/reports?{urlencode(told)}"


def chosen(desk: Desk, visit: Visit, shop: str, period: str, since: str, until: str, by: str) -> Choice:
    """What an address asks for; of what it does not say, or says wrongly, the usual."""
    seen = shops_seen(desk, visit)
    return Choice(
        shop if shop in seen else seen[0] if seen else "",
        period if period in PERIODS else "7",
        since,
        until,
        By(by) if by in set(By) else By.DAY,
    )


def shops_seen(desk: Desk, visit: Visit) -> list[str]:
    """The shops whose figures are his to see."""
    return [shop for shop in sorted(desk.deps.policies) if visit.sees(shop)]


@dataclass(frozen=True, slots=True)
class Found:
    """The figures cut as chosen, of the time before (the same length), and by day over a week at least; what was lost,
    and why matters came up."""

    report: Report
    before: Report
    daily: Report
    losses: tuple[Lost, ...]
    causes: Digest


async def found(desk: Desk, choice: Choice) -> Found:
    """What is chosen, at most a minute old. Raises BadDays."""
    scope = _scope(desk, choice)
    key = (scope.shop, scope.since, scope.until, scope.by)
    same = one_person(desk.deps.roster)
    return await _KEPT.setdefault(desk.store, Kept()).get(key, lambda: desk.read_of((scope.shop,), _read, scope, same))


def his(found: Found, visit: Visit, roster: Roster) -> Found:
    """What he may see of it: an agent, beside the shop's totals, no figures of other people than himself."""
    report = found.report
    if visit.person.rank >= Rank.SUPERVISOR or report.scope.by is not By.AGENT:
        return found
    own = one_person(roster)(visit.person.id)
    at = [place for place, part in enumerate(report.parts) if part == own]
    lines = tuple(replace(line, parts=tuple(line.parts[place] for place in at)) for line in report.lines)
    return replace(found, report=replace(report, parts=tuple(report.parts[place] for place in at), lines=lines))


def _scope(desk: Desk, choice: Choice) -> Scope:
    zone, now = desk.deps.policy(choice.shop).zone, desk.clock.now()
    first, last = choice.days(now.astimezone(zone).date())
    currency = desk.config.shops[choice.shop].currency
    return Scope(choice.shop, zone, midnight(first, zone), midnight(last + DAY, zone), now, choice.by, currency)


def _read(connection: Connection, scope: Scope, same: Callable[[str], str]) -> Found:
    daily = replace(scope, by=By.DAY, since=min(scope.since, _days_before(scope.until, TREND, scope.zone)))
    before = replace(scope, by=By.DAY, since=_days_before(scope.since, _length(scope), scope.zone), until=scope.since)
    report = make(connection, scope, same)
    return Found(
        report,
        make(connection, before, same),
        report if daily == scope else make(connection, daily, same),
        tuple(losses(connection, scope.shop, scope.since, scope.until)),
        read_digest(scope.shop, scope.since, scope.until, connection),
    )


def _length(scope: Scope) -> timedelta:
    """Its whole days: a day on which clocks are put forward is one too."""
    first, last = (at.astimezone(scope.zone).date() for at in (scope.since, scope.until))
    return last - first


def _days_before(at: Instant, length: timedelta, zone: ZoneInfo) -> Instant:
    return midnight(at.astimezone(zone).date() - length, zone)


def _days(since: str, until: str) -> tuple[date, date]:
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
        datetime.combine(first - LONGEST, time())
        datetime.combine(last + LONGEST, time())
    except (ValueError, OverflowError):
        raise BadDays("days_wrong") from None
    if last < first:
        raise BadDays("days_backwards")
    if last - first >= LONGEST:
        raise BadDays("days_many")
    return first, last


class Kept(Generic[T]):
    """Results by what was asked for; who asks for the same meanwhile waits for the same reading."""

    def __init__(self) -> None:
        self._of: dict[object, tuple[float, asyncio.Task[T]]] = {}

    async def get(self, key: object, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` found, if that was within the last minute, else what it finds now."""
        now = asyncio.get_running_loop().time()
        until, task = self._of.get(key, (0.0, None))
        if task is None or now >= until or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = asyncio.ensure_future(make())
            self._of[key] = (now + KEEP, task)
            self._tidy(now)
        return await asyncio.shield(task)

    def _tidy(self, now: float) -> None:
        old = [key for key, (until, _) in self._of.items() if now >= until]
        for key in (*old, *list(self._of)[: max(0, len(self._of) - len(old) - MOST)]):
            self._of.pop(key, None)


_KEPT: WeakKeyDictionary[SqlStore, Kept[Found]] = WeakKeyDictionary()
