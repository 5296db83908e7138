"""Regular work: what runs, and when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger


@dataclass(frozen=True, slots=True)
class Job:
    """A coroutine function that runs at its trigger's times, never twice at once.

    With `at_start` it also runs once before anything is sent, for what everything else should know. One that only
    touches the database may run `anywhere`: in whichever process of many is free.
    """

    name: str
    run: Callable[[], Awaitable[None]]
    trigger: BaseTrigger
    at_start: bool = False
    anywhere: bool = False


def every(seconds: float) -> BaseTrigger:
    """Every so many seconds, the first time after as many."""
    return IntervalTrigger(seconds=seconds)


def daily(hour: int, minute: int, zone: str) -> BaseTrigger:
    """Every day at that time in that zone."""
    return CronTrigger(hour=hour, minute=minute, timezone=zone)
