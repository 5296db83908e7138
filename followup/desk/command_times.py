"""Times as the shop's people type them: `30m`, `2h`, `1天`, `2026-11-25 15:00`, `11-25 15:00`, or in words ("明天9点",
"tomorrow 9 am")."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from followup.desk.command_names import MARKS, folded, units
from followup.model import Instant

Times = Callable[[str, Instant, ZoneInfo], tuple[Instant | None, str]]
"""Finds the time that a text names; with it what else the text says, with `_` for the words that named it."""

FARTHEST = timedelta(days=60)
BARE_DAY = time(10, 0)
"""What a date without a clock means, as in words."""
NOON = 12
_OVER = re.compile(r"\s*(?:(?:until|till|since|on|at)\s+)?(?:昨|前[天日晚]|yesterday\b|last\s+night\b)", re.IGNORECASE)
_AGO = re.compile(r"(?:之|以)?前(?!\w)|(?:ago|yesterday)\b|昨[天日晚]", re.IGNORECASE)
_TODAY = re.compile(r"\s*(?P<day>today\b|今[天日]|(?P<morning>今早|this\s+morning\b))\s*(?:at\s+)?", re.IGNORECASE)
_LONGEST_NAME = 8
_LONGEST_CLOCK = 3


@dataclass(frozen=True, slots=True)
class When:
    """The moment at which somebody types, and how words for times are read."""

    now: Instant
    zone: ZoneInfo
    times: Times

    def span(self, text: str) -> tuple[Instant | None, str]:
        """The end of a length of time at the beginning of a text (`30m`, `1h30m`, `2小时后`), and what follows."""
        seconds, at = 0, 0
        while found := _span().match(text, at):
            seconds, at = seconds + int(found[1]) * units()[folded(found[2])], found.end()
        if not at or not 0 < seconds <= FARTHEST.total_seconds():
            return None, text
        return self.now + timedelta(seconds=seconds), text[at:].strip(MARKS)

    def named(self, text: str) -> tuple[Instant | None, str, bool]:
        """The time that a text names, what follows it ("" where it does not stand at the beginning), and whether the
        text says anything else; no time for one that is over ("yesterday 9am", "2h ago")."""
        until, rest, is_more = self._named(text)
        is_over = _OVER.match(text) or _AGO.match(rest) or self._was_today(text)
        return (None, text, True) if is_over else (until, rest, is_more)

    def _was_today(self, text: str) -> bool:
        """Whether a time of today is meant that is over by now ("today 9am" at noon)."""
        found = _TODAY.match(text)
        until = self.times(text[found.end() :], self.now, self.zone)[0] if found else None
        if found is None or until is None:
            return False
        at, today = until.astimezone(self.zone), self.now.astimezone(self.zone).date()
        return at.date() != today or (found["morning"] is not None and at.hour >= NOON)

    def _named(self, text: str) -> tuple[Instant | None, str, bool]:
        until, rest = self.span(text)
        if until is None and (found := _date().match(text)):
            until, rest = self._dated(found, text)
            return until, rest, bool(rest)
        if until is not None:
            return until, rest, bool(rest)
        until, other = self.times(text, self.now, self.zone)
        if until is None:
            return None, text, True
        rest = self._after(text, until)
        return until, rest, bool(rest or other.strip(MARKS + "_"))

    def _dated(self, found: re.Match[str], text: str) -> tuple[Instant | None, str]:
        """The time of a date in figures, and what follows; None for a day that there is not, or whose time is over or
        too far."""
        day, rest = _day(found, self.now.astimezone(self.zone).date()), text[found.end() :].strip(MARKS)
        if day is None:
            return None, text
        if found["hour"]:
            at = _clock(int(found["hour"]), int(found["minute"]))
            until = self._at(day, at) if at is not None else None
        else:
            until, rest = self._in_words(day, rest)
        return (until, rest) if until and self.now < until <= self.now + FARTHEST else (None, text)

    def _in_words(self, day: date, text: str) -> tuple[Instant, str]:
        """The time of a day that the first words name ("下午3点", "3 pm"), else of a bare day; and what follows."""
        before = When(self._at(day, time()) - timedelta(microseconds=1), self.zone, self.times)
        until, _ = self.times(" ".join(text.split()[:_LONGEST_CLOCK]), before.now, self.zone)
        if until is not None and until.astimezone(self.zone).date() == day:
            return until, before._after(text, until)
        return self._at(day, BARE_DAY), text

    def _at(self, day: date, at: time) -> Instant:
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def _after(self, text: str, until: Instant) -> str:
        """What follows the fewest words that name this very time, "" if only all of them do."""
        words = text.split()
        for count in range(1, min(len(words), _LONGEST_NAME)):
            if self.times(" ".join(words[:count]), self.now, self.zone)[0] == until:
                return text.split(maxsplit=count)[count].strip(MARKS)
        return ""


def _day(found: re.Match[str], today: date) -> date | None:
    """The day that is meant; without a year the next one of that name. None if there is no such day."""
    years = (int(found["year"]),) if found["year"] else (today.year, today.year + 1)
    for year in years:
        try:
            day = date(year, int(found["month"]), int(found["day"]))
        except ValueError:
            continue
        if found["year"] or day >= today:
            return day
    return None


def _clock(hour: int, minute: int) -> time | None:
    return time(hour, minute) if hour < 24 and minute < 60 else None


@cache
def _span() -> re.Pattern[str]:
    """A number with a unit."""
    return re.compile(rf"\s*\+?(\d{{1,5}})\s*({_unit()})(?:之?[后内])?", re.IGNORECASE)


@cache
def _date() -> re.Pattern[str]:
    """A date in figures, perhaps with a clock of 24 hours; "2-3 days" is none."""
    day = r"\s*(?:(?P<year>\d{4})[-/.年])?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})(?![\d:：])[日号]?"
    clock = r"(?:[T\s]*(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?!\d)(?!\s*[ap]\.?m))?"
    return re.compile(rf"{day}(?!\s*(?:{_unit()})){clock}", re.IGNORECASE)


def _unit() -> str:
    """English ones are whole words, Chinese ones may be followed by anything."""
    english = "|".join(sorted((name for name in units() if name.isascii()), key=len, reverse=True))
    chinese = "|".join(sorted((name for name in units() if not name.isascii()), key=len, reverse=True))
    return rf"(?:{english})(?![a-z])|(?:{chinese})"
