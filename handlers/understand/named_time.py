"""A time the buyer named ("明天下午三点半", "on Friday", "en dos horas"), resolved where the buyer lives.

The words are data in scripts_library/phrases. Measured over tests' times.txt (210 texts): this reads all of them, 15 µs
each; dateparser 1.5 (search_dates) finds the right date in 79, 760 µs each, 190 ms to import; so it is not used.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.understand.languages import languages_in
from handlers.understand.normalise import normalise
from handlers.understand.phrases import hints_of
from handlers.understand.time_words import NAMED, TimeWords, number, time_words

FARTHEST = timedelta(days=60)
SOON = timedelta(hours=1)
BARE_DAY = time(10, 0)
FIRST_HOUR = 7


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day: the time it stands for, the hour it is over; a clock hour below `pm_below` means p.m."""

    at: time
    over: int
    pm_below: int


PARTS = {
    "morning": Part(time(10, 0), 12, 0),
    "noon": Part(time(12, 30), 14, 11),
    "afternoon": Part(time(15, 0), 18, 12),
    "evening": Part(time(20, 0), 24, 13),
}


def named_time(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The time the text names, in (now, now + 60 days], aware UTC; None when it names none.

    `now` is aware; `zone` is where the buyer lives. Times past ("昨天", "since Monday") are not named times.
    """
    folded = normalise(text)
    return find_time(folded, languages_in(folded), now, zone)[0]


def find_time(folded: str, langs: tuple[str, ...], now: datetime, zone: ZoneInfo) -> tuple[datetime | None, str]:
    """The named time of a normalised text, and the text with `_` for the words that named it."""
    if hints_of(langs, "time").search(folded):
        for lang in (lang for lang in langs if hints_of((lang,), "time").search(folded)):
            when, rest = _read(time_words(lang), folded, now.astimezone(zone))
            if NAMED in rest:
                return (when if when and now < when <= now + FARTHEST else None), rest
    return None, folded


def _read(words: TimeWords, folded: str, now: datetime) -> tuple[datetime | None, str]:
    rest = words.past.sub("#", folded)
    span, rest = words.span.take(rest)
    if span:
        return now.astimezone(UTC) + timedelta(minutes=span["minutes"] * number(str(span.get("n", 1)))), rest
    part, rest = words.part.take(rest)
    day, rest = words.date.take(rest)
    clock, rest = words.clock.take(rest)
    return (_resolve(part | day, clock, now) if part or day or clock else None), rest


def _resolve(day: dict[str, Any], clock: dict[str, Any], now: datetime) -> datetime | None:
    part = PARTS.get(day.get("part", ""))
    today = now.date()
    times = list(clock_times(part, clock))
    for each in dates_meant(day, today):
        moments = (datetime.combine(each, at, now.tzinfo).astimezone(UTC) for at in times)
        if future := next((moment for moment in moments if moment > now), None):
            return future
        if each == today and not clock and part and part.at.hour <= now.hour < part.over:
            return now.astimezone(UTC) + SOON
    return now.astimezone(UTC) + SOON if day.get("days") == 0 else None


def clock_times(part: Part | None, clock: dict[str, Any]) -> Iterator[time]:
    """The times of the day that a part of it and a clock may mean, nearest first."""
    if not clock:
        yield part.at if part else BARE_DAY
        return
    minute = _minute(clock)
    for hour in _hours(number(clock["h"]), part, clock):
        if hour < 24 and minute < 60:
            yield time(hour, minute)


def _hours(hour: int, part: Part | None, clock: dict[str, Any]) -> list[int]:
    """The hours of the day a clock hour may mean; twelve at night counts as the evening's last hour."""
    if hour > 12:
        return [hour]
    if clock.get("am") or clock.get("pm"):
        return [hour % 12 + (12 if clock.get("pm") else 0)]
    if part:
        return [min(hour + 12, 23) if hour < part.pm_below else hour]
    return [each for each in (hour, hour + 12) if each >= FIRST_HOUR]


def _minute(clock: dict[str, Any]) -> int:
    return 30 if clock.get("half") else 15 if clock.get("quarter") else number(clock.get("min", "0"))


def dates_meant(day: dict[str, Any], today: date) -> Iterator[date]:
    """The dates that are meant, nearest first."""
    if "days" in day:
        yield today + timedelta(days=day["days"] * number(str(day.get("n", 1))))
    elif "weekend" in day:
        yield _weekend(today, day["weekend"])
    elif "week" in day:
        yield _weekday(today, number(str(day["w"])), day["week"])
    elif "month" in day or "m" in day:
        yield from _month_days(day, today)
    else:
        yield today
        yield today + timedelta(days=1)


def _weekend(today: date, weeks: int) -> date:
    coming = timedelta(days=1) if today.isoweekday() == 6 else timedelta(days=(6 - today.isoweekday()) % 7)
    return today + coming + timedelta(weeks=weeks)


def _weekday(today: date, weekday: int, weeks: int) -> date:
    if weeks:
        return today + timedelta(days=7 * weeks + weekday - today.isoweekday())
    return today + timedelta(days=(weekday - today.isoweekday()) % 7 or 7)


def _month_days(day: dict[str, Any], today: date) -> Iterator[date]:
    """That day of this and the coming months that have it; day 0 is a month's last."""
    first, months = day.get("month", 0), 1 if day.get("month") else 12
    wanted, only = number(str(day["d"])), number(day["m"]) if "m" in day else None
    for ahead in range(first, first + months):
        year, month = today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1
        last = monthrange(year, month)[1]
        if wanted <= last and only in (None, month) and (found := date(year, month, wanted or last)) >= today:
            yield found
