"""The engine of one process: APScheduler wakes it at the next due time and runs the regular jobs.

The truth is in the tables; APScheduler keeps one wake-up and the jobs in memory and loses nothing when it dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from followup.model import Instant
from followup.ports import Clock
from handlers.deps import Deps
from scheduler.jobs import Job
from scheduler.outbox import Outbox, recover
from scheduler.reminders import fire_all_due, next_reminder
from store.store import SqlStore

log = structlog.get_logger(__name__)
BREATH = timedelta(milliseconds=200)


class Embedded:
    """Fires reminders and drains outboxes whenever something is due."""

    def __init__(
        self, store: SqlStore, deps: Deps, clock: Clock, outboxes: Sequence[Outbox], jobs: Sequence[Job] = ()
    ) -> None:
        self._store, self._deps, self._clock = store, deps, clock
        self._outboxes, self._jobs = outboxes, jobs
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._armed: Instant | None = None
        self._pumping = asyncio.Lock()

    async def start(self) -> None:
        """Tidy up after a crash, catch up, and go on from there."""
        unsure = await recover(self._store, self._deps, self._clock)
        if unsure:
            log.warning("messages_in_flight_at_the_last_stop", count=len(unsure))
        loop = asyncio.get_running_loop()
        self._store.on_due = lambda due: _from_thread(loop, self, due)
        for job in self._jobs:
            self._scheduler.add_job(job.run, job.trigger, id=job.name, max_instances=1, coalesce=True)
        self._scheduler.start()
        self._arm(self._clock.now())

    async def stop(self) -> None:
        """Finish the batch at hand and stop; what is left is done at the next start."""
        self._store.on_due = None
        self._scheduler.shutdown(wait=False)
        async with self._pumping:
            pass

    async def pump(self) -> int:
        """Fire and send all that is due now; returns how many reminders and messages that were."""
        async with self._pumping:
            self._armed = None
            done = 0
            while moved := await self._once():
                done += moved
            await self._rearm()
            return done

    def wake_by(self, when: Instant) -> None:
        """Make sure to wake at `when` at the latest."""
        if self._armed is None or when < self._armed:
            self._arm(when)

    async def _once(self) -> int:
        fired = await fire_all_due(self._store, self._deps, self._clock)
        sent = await asyncio.gather(*(outbox.drain() for outbox in self._outboxes))
        return fired + sum(sent)

    async def _rearm(self) -> None:
        waits = [await next_reminder(self._store), *[await outbox.next_due() for outbox in self._outboxes]]
        due = [when for when in waits if when is not None]
        if due:
            self._arm(max(min(due), self._clock.now() + BREATH))

    def _arm(self, when: Instant) -> None:
        self._armed = when
        if self._scheduler.running:
            trigger = DateTrigger(max(when, self._clock.now()))
            self._scheduler.add_job(
                self.pump, trigger, id="wake", replace_existing=True, misfire_grace_time=None, max_instances=2
            )


def _from_thread(loop: asyncio.AbstractEventLoop, engine: Embedded, due: Instant) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(engine.wake_by, due)
