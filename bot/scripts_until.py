"""Until when a text of the shop's own may be said: the last day of a promotion, or a moment (rule 107)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from followup.model import Instant

LAST_YEAR = 2100
EXPECTED = "expected the last day, such as 2026-11-11, or a moment, such as 2026-11-11T20:00"


def until_of(written: str, zone: ZoneInfo, now: Instant) -> Instant | None:
    """The moment from which a text is over: after a day, at its end on the shop's clock; None for "".

    Raises ValueError for what is neither a day nor a moment, and for one that has passed.
    """
    if not written:
        return None
    try:
        told = datetime.fromisoformat(written)
    except ValueError:
        told = None
    if told is None or told.year > LAST_YEAR:
        raise ValueError(f"--until: {EXPECTED}, got {written!r}")
    is_day = len(written.strip()) <= len("2026-11-11")
    when = datetime.combine(told.date() + timedelta(days=1), time(), zone) if is_day else told
    when = when if when.tzinfo else when.replace(tzinfo=zone)
    if when <= now:
        raise ValueError(f"--until: {written} is over already")
    return when
