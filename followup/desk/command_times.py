"""Times as the shop's people type them: `30m`, `2h`, `1天`, or in words ("明天9点", "tomorrow 9 am")."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from followup.desk.command_names import MARKS, folded, units
from followup.model import Instant

Times = Callable[[str, Instant, ZoneInfo], tuple[Instant | None, str]]
"""Finds the time that a text names; with it what else the text says, with `_` for the words that named it."""

FARTHEST = timedelta(days=60)
_LONGEST_NAME = 8


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
        text says anything else."""
        until, rest = self.span(text)
        if until is not None:
            return until, rest, bool(rest)
        until, other = self.times(text, self.now, self.zone)
        if until is None:
            return None, text, True
        rest = self._after(text, until)
        return until, rest, bool(rest or other.strip(MARKS + "_"))

    def _after(self, text: str, until: Instant) -> str:
        """What follows the fewest words that name this very time, "" if only all of them do."""
        words = text.split()
        for count in range(1, min(len(words), _LONGEST_NAME)):
            if self.times(" ".join(words[:count]), self.now, self.zone)[0] == until:
                return text.split(maxsplit=count)[count].strip(MARKS)
        return ""


@cache
def _span() -> re.Pattern[str]:
    """A number with a unit: English ones are whole words, Chinese ones may be followed by anything."""
    english = "|".join(sorted((name for name in units() if name.isascii()), key=len, reverse=True))
    chinese = "|".join(sorted((name for name in units() if not name.isascii()), key=len, reverse=True))
    return re.compile(rf"\s*\+?(\d{{1,5}})\s*((?:{english})(?![a-z])|(?:{chinese}))(?:之?[后内])?", re.IGNORECASE)
