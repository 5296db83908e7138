"""Reads the local times of seller exports into UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.orders.cells import Memo, Unreadable, bare
from followup.model import Instant

_EXPECTED = "a time such as 2020-02-20 23:59:35"
_DATE = r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
_WRITTEN = re.compile(_DATE + r"(?:[ T]+([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?(?:\.[0-9]+)?)?")
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets count local days from here
YEARS = range(2000, 2101)


class Times:
    """Reads local times of `zone`. Years outside 2000 to 2100 are mistakes, not orders."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets = Memo(self._offset)

    def required(self, text: str) -> Instant:
        """The instant of a cell; raises `Unreadable`."""
        if (when := self.if_any(text)) is None:
            raise Unreadable(_EXPECTED)
        return when

    def if_any(self, text: str) -> Instant | None:
        """The instant of a cell, None for an empty one; raises `Unreadable`."""
        if not text:
            return None
        try:
            # Read as if it were UTC, then moved: a third of the price of astimezone().
            return datetime.fromisoformat(text + "Z") - self._offsets[text[:10]]
        except ValueError:
            return self._odd(stripped) if (stripped := bare(text)) else None

    def _offset(self, day: str) -> timedelta:
        """The offset of a whole day; ValueError for a day on which the clocks change."""
        midnight = datetime.fromisoformat(day).replace(tzinfo=self._zone)
        begins, ends = midnight.utcoffset(), (midnight + timedelta(days=1)).utcoffset()
        if begins is None or begins != ends or midnight.year not in YEARS:
            raise ValueError(day)
        return begins

    def _odd(self, text: str) -> Instant:
        try:
            local = _aware(text) or _written(text) or _serial(text)
            if local is None or local.year not in YEARS:
                raise Unreadable(_EXPECTED)
            return (local if local.tzinfo else local.replace(tzinfo=self._zone)).astimezone(UTC)
        except ValueError:
            raise Unreadable(_EXPECTED) from None


def _aware(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if re.search(r":.*(?:Z|[+-][0-9:]+)$", text) else None


def _written(text: str) -> datetime | None:
    found = _WRITTEN.fullmatch(text)
    return datetime(*(int(part or 0) for part in found.groups())) if found else None  # type: ignore[arg-type]  # noqa: DTZ001


def _serial(text: str) -> datetime | None:
    """A spreadsheet's day number, such as 43881.99971, to the nearest second."""
    if not _SERIAL.fullmatch(text):
        return None
    return _SERIAL_ZERO + timedelta(seconds=round(float(text) * 86400))
