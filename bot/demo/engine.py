"""The engine of a demo: the same work, woken by a clock that can be held, hurried and moved on."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from followup.model import Instant
from scheduler.embedded import Embedded
from scheduler.jobs import Job


class DemoEngine(Embedded):
    """Where APScheduler would follow the machine's clock, this one follows the demo's."""

    _waking: asyncio.Task[None] | None = None
    _regular: tuple[asyncio.Task[None], ...] = ()

    async def stop(self) -> None:
        """As the engine itself."""
        for task in (*self._regular, *filter(None, (self._waking,))):
            task.cancel()
        await super().stop()

    def _begin_jobs(self) -> None:
        self._regular = tuple(asyncio.create_task(self._repeat(job), name=job.name) for job in self._jobs)

    async def _repeat(self, job: Job) -> None:
        while True:
            await self._clock.sleep_until(following(job.trigger, self._clock.now()))
            await self._run(job)

    def _arm(self, when: Instant) -> None:
        if self._regular:
            if self._waking is not None:
                self._waking.cancel()
            self._waking = asyncio.create_task(self._wake_at(when), name="wake")

    async def _wake_at(self, when: Instant) -> None:
        await self._clock.sleep_until(when)
        self._waking = None  # whoever arms it anew must not cancel the work at hand
        await self._wake()


def following(trigger: BaseTrigger, now: Instant) -> Instant:
    """When a job runs next; intervals count from now, for APScheduler counts them from the machine's time."""
    if isinstance(trigger, IntervalTrigger):
        return now + timedelta(seconds=trigger.interval.total_seconds())
    found: Instant = trigger.get_next_fire_time(None, now)
    return found
