"""Until when a task may be put off with one tap."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.console.desk import Visit
from followup.desk.hours import next_open
from followup.local_hours import DAY, begins_at
from followup.model import Instant
from followup.policy import Policy
from scripts_library.localise import duration

SPANS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3))


def times_to_choose(policy: Policy | None, zone: ZoneInfo, visit: Visit, now: Instant) -> list[tuple[str, Instant]]:
    """What each is called, and when it is: a while from now, and when the shop opens tomorrow or after."""
    say = visit.labels("today")
    found = [(say("in_minutes", span=duration(span, visit.lang)), now + span) for span in SPANS]
    if policy is not None:
        tomorrow = begins_at(now.astimezone(policy.zone).date() + DAY, policy.zone)
        opens = next_open(policy.hours, policy.zone, tomorrow)
        local = opens.astimezone(zone)
        shown = f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() + DAY else f"{local:%m-%d %H:%M}"
        found.append((say("tomorrow" if len(shown) == 5 else "on", at=shown), opens))
    return found
