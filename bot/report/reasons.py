"""One sentence for one decision, with the figures it was made on, times in the buyer's zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from followup.model import Decision, Instant, Reason, Verdict

Figures = Mapping[str, str]


def sentence(decision: Decision, zone: ZoneInfo) -> str:
    """Such as `quiet_hours: 09:00–20:30 Asia/Shanghai, allowed from 2020-02-21T09:00:00+08:00`."""
    if decision.verdict is Verdict.SENT:
        told = ", ".join(filter(None, (_passed(reason, zone) for reason in decision.reasons)))
        return f"sent: {told or 'nothing spoke against it'}"
    failed = [reason for reason in decision.reasons if not reason.passed]
    told = f"{decision.verdict.value}: " + ", ".join(_failed(reason, zone) for reason in failed)
    return told + (f", allowed from {local(decision.retry_at, zone)}" if decision.retry_at else "")


def local(instant: Instant, zone: ZoneInfo) -> str:
    """ISO 8601 with the offset of the zone, to the second."""
    return instant.astimezone(zone).isoformat(timespec="seconds")


def _failed(reason: Reason, zone: ZoneInfo) -> str:
    figures = _local_figures(reason, zone)
    plain = ", ".join(f"{name} {value}" for name, value in figures.items())
    tell = _FAILED.get(reason.check)
    return (tell(figures) if tell else "") or plain


def _passed(reason: Reason, zone: ZoneInfo) -> str:
    tell = _PASSED.get(reason.check)
    return tell(_local_figures(reason, zone)) if tell else ""


def _local_figures(reason: Reason, zone: ZoneInfo) -> Figures:
    return {name: _in_zone(value, zone) for name, value in reason.facts}


def _in_zone(value: str, zone: ZoneInfo) -> str:
    if not value.endswith("+00:00"):
        return value
    return local(datetime.fromisoformat(value), zone)


def _cap(figures: Figures) -> str:
    if "last_nudge" not in figures:
        return "no earlier nudge"
    return f"last nudge {figures['last_nudge']} ({figures['by']})"


def _expiry(figures: Figures) -> str:
    if "outcome" in figures:
        return f"there was no polite moment before the end, {figures['outcome']}"
    if "next_moment" in figures:
        return f"the next polite moment {figures['next_moment']} is past its use, {figures['expires']}"
    return f"of no use since {figures['expires']}" if "expires" in figures else ""


def _hours(figures: Figures) -> str:
    if "reply_to" in figures:
        return f"answers the buyer's own act of {figures['reply_to']} at once"
    return figures.get("hours", "")


_FAILED: dict[str, Callable[[Figures], str]] = {
    Verdict.QUIET_HOURS: _hours,
    Verdict.CAPPED: _cap,
    Verdict.SETTLED: lambda figures: f"the matter is over, {figures['outcome']}" if "outcome" in figures else "",
    Verdict.EXPIRED: _expiry,
}
_PASSED: dict[str, Callable[[Figures], str]] = {
    Verdict.QUIET_HOURS: _hours,
    Verdict.CAPPED: _cap,
    Verdict.EXPIRED: lambda figures: f"of use until {figures['expires']}" if "expires" in figures else "",
}
