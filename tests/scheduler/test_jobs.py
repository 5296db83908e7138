"""When regular work runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler.jobs import daily, every


def test_every_so_many_seconds() -> None:
    """The first time after as many seconds, and then again and again."""
    trigger = every(5)
    first = trigger.get_next_fire_time(None, datetime.now(UTC))
    assert timedelta(seconds=4) < first - datetime.now(UTC) <= timedelta(seconds=5)
    assert trigger.get_next_fire_time(first, first) - first == timedelta(seconds=5)


def test_daily_keeps_the_local_hour_when_clocks_change() -> None:
    """Nine in Madrid is nine in Madrid before and after the night in which clocks go forward."""
    trigger = daily(9, 0, "Europe/Madrid")
    saturday = datetime(2026, 3, 28, 0, 0, tzinfo=UTC)
    first = trigger.get_next_fire_time(None, saturday)
    second = trigger.get_next_fire_time(first, first + timedelta(seconds=1))
    assert [first.astimezone(UTC).hour, second.astimezone(UTC).hour] == [8, 7]
