"""A machine whose clock jumps: set back, what was planned by the old time would wait until that time comes once more;
set ahead, or after a long sleep, every run that was missed would be counted first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from followup.model import Instant

log = structlog.get_logger(__name__)
LOOK = 1.0
LEAST = timedelta(seconds=2)


class Onward(IntervalTrigger):  # type: ignore[misc]
    """Every so often, and none of the times that were missed: to list those of a month takes half a minute, in which
    nothing else is done."""

    def get_next_fire_time(self, previous_fire_time: Instant | None, now: Instant) -> Instant | None:
        """The next time, at the earliest now."""
        previous = previous_fire_time and max(previous_fire_time, now - self.interval)
        following: Instant | None = super().get_next_fire_time(previous, now)
        return following


def onward(trigger: BaseTrigger) -> BaseTrigger:
    """The same trigger, but one that repeats counts nothing that was missed."""
    seconds = trigger.interval_length if isinstance(trigger, IntervalTrigger) else 0
    return Onward(seconds=seconds) if seconds else trigger


async def mind(scheduler: BaseScheduler, now: Callable[[], Instant]) -> None:
    """Plan all jobs anew whenever the machine's clock (`now`) was set back, until cancelled."""
    while True:
        await asyncio.sleep(LOOK)
        ahead = too_far_ahead(scheduler, now())
        if ahead > LEAST:
            log.warning("clock_set_back", by=str(ahead).partition(".")[0])
            plan_anew(scheduler, now())


def too_far_ahead(scheduler: BaseScheduler, now: Instant) -> timedelta:
    """By how much regular jobs are planned later than they could be by this clock."""
    regular = [job for job in scheduler.get_jobs() if isinstance(job.trigger, IntervalTrigger) and job.next_run_time]
    return max((job.next_run_time - now - job.trigger.interval for job in regular), default=timedelta())


def plan_anew(scheduler: BaseScheduler, now: Instant) -> None:
    """What runs at times of the day runs at the next of them; everything else at once, and from then on as before."""
    for job in scheduler.get_jobs():
        is_daily = isinstance(job.trigger, CronTrigger)
        job.modify(next_run_time=job.trigger.get_next_fire_time(None, now) if is_daily else now)
