"""Days as they are typed on the command line, in the zone of a shop."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from bot.commands.common import mistake
from followup.model import Instant

DAY = timedelta(days=1)
YEARS = range(2000, 2101)


def day(option: str, given: str) -> date:
    """A day such as 2026-10-01; anything else ends the command."""
    try:
        found = date.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise mistake(f"{option}: expected a day such as 2026-10-01, got {given!r}")
    return found


def span(since: str, until: str, today: date, zone: tzinfo, back: timedelta | None = None) -> tuple[Instant, Instant]:
    """From the first moment of a day to the last of another, both counted in; by default the month so far, or as many
    days as `back`."""
    last = day("--to", until) if until else today
    default = last - back + DAY if back else last.replace(day=1)
    first = day("--from", since) if since else default
    if last < first:
        raise mistake(f"--to: {last} is before {first}")
    return start_of(first, zone), start_of(last + DAY, zone)


def month(option: str, given: str, zone: tzinfo) -> tuple[Instant, Instant]:
    """All of a month such as 2026-10; anything else ends the command."""
    try:
        first = date.fromisoformat(f"{given}-01")
    except ValueError:
        first = None
    if first is None or first.year not in YEARS:
        raise mistake(f"{option}: expected a month such as 2026-10, got {given!r}")
    return start_of(first, zone), start_of((first + 31 * DAY).replace(day=1), zone)


def start_of(of: date, zone: tzinfo) -> Instant:
    """The first moment of a day."""
    return datetime.combine(of, time(), zone).astimezone(UTC)
