"""The engine of one process: APScheduler wakes it at the next due time and runs the regular jobs.

The truth is in the tables; APScheduler keeps one wake-up and the jobs in memory and loses nothing when it dies.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from followup.model import Instant
from followup.ports import Clock
from handlers.deps import Deps
from scheduler.clock import SystemClock
from scheduler.inbox import ChannelInbox
from scheduler.jobs import Job, every
from scheduler.listening import Listening, Service
from scheduler.outbox import Outbox, recover
from scheduler.reminders import fire_all_due, next_reminder
from scheduler.turned_back import mind, onward
from store.log_ids import about
from store.store import SqlStore

log = structlog.get_logger(__name__)
BREATH = timedelta(milliseconds=200)
AFTER_TROUBLE = timedelta(seconds=5)
LOOK = 5.0
PATIENCE = 3.0
FIRST, BATCHES = 1, 5
"""So many batches are fired before what came of them goes: in the first round after a wake, and in each later one."""


class Embedded:
    """Fires reminders and drains outboxes whenever something is due.

    Another process may plan something too (`huifang import` beside `huifang run`): it is seen at the next look,
    every `look` seconds.
    """

    def __init__(
        self,
        store: SqlStore,
        deps: Deps,
        clock: Clock,
        outboxes: Sequence[Outbox],
        jobs: Sequence[Job] = (),
        look: float = LOOK,
        inboxes: Sequence[ChannelInbox] = (),
        services: Sequence[Service] = (),
    ) -> None:
        self._store, self._deps, self._clock = store, deps, clock
        self._outboxes, self._listening, self._services = outboxes, Listening(inboxes), services
        self._jobs = (*jobs, Job("look", self._look, every(look)))
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._minding: asyncio.Task[None] | None = None
        self._armed: Instant | None = None
        self._pumping, self._more = asyncio.Lock(), False
        self._running: dict[str, asyncio.Future[None]] = {}
        self._stopping, self._for_good = False, True

    @property
    def leads(self) -> bool:
        """It does all there is to do by itself."""
        return True

    async def start(self) -> None:
        """Tidy up after a crash, learn what is new, what buyers said first of all, catch up, and go on from there.

        Raises what a service raises that cannot start.
        """
        for service in self._services:
            await service.start()
        unsure = await recover(self._store, self._deps, self._clock)
        if unsure:
            log.warning("messages_in_flight_at_the_last_stop", count=len(unsure))
        for job in self._jobs:
            if job.at_start:
                await self._run(job)
        await self._listening.catch_up()
        loop = asyncio.get_running_loop()
        self._store.on_due = lambda due: _from_thread(loop, self, due)
        self._begin_jobs()
        self._listening.begin()
        self.wake_by(self._clock.now())

    async def stop(self) -> None:
        """Finish the window at hand and stop; what is left is done at the next start.

        A channel that hangs is not waited for: what it was sending is settled at the next start, as after a crash.
        """
        self._stopping = True
        self._store.on_due = None
        for service in self._services:
            await service.stop()
        for outbox in self._outboxes:
            outbox.halt()
        if self._minding is not None:
            self._minding.cancel()
        if self._scheduler.running:
            self._scheduler.pause()
        idle = asyncio.ensure_future(self._idle())
        _, at_work = await asyncio.wait({idle, *self._running.values()}, timeout=PATIENCE)
        if at_work:
            log.warning("stopped_at_work", jobs=sorted(self._running) or ["wake"])
            idle.cancel()
        await self._listening.end(PATIENCE, self._for_good)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)

    async def _idle(self) -> None:
        async with self._pumping:
            pass

    async def pump(self) -> int:
        """Fire and send all that is due now; returns how many reminders and messages that were."""
        async with self._pumping:
            done, moved, batches = 0, 1, FIRST
            while not self._stopping and (moved or self._more):
                self._more = False
                moved = await self._once(batches)
                done, batches = done + moved, BATCHES
                if not moved and not self._stopping:
                    await self._rearm()
            return done

    def wake_by(self, when: Instant) -> None:
        """Make sure to wake at `when` at the latest; a pump at work goes round once more for what is due already."""
        if self._pumping.locked() and when <= self._clock.now():
            self._more = True
            return
        if self._armed is None or when < self._armed:
            self._armed = when
            self._arm(when)

    def _begin_jobs(self) -> None:
        for job in self._jobs:
            self._scheduler.add_job(
                self._run,
                onward(job.trigger),
                (job,),
                id=job.name,
                max_instances=2,
                coalesce=True,
                misfire_grace_time=None,
            )
        self._scheduler.start()
        self._minding = asyncio.create_task(mind(self._scheduler, SystemClock().now), name="clock")

    def _arm(self, when: Instant) -> None:
        if self._scheduler.running:
            trigger = DateTrigger(max(when, self._clock.now()))
            self._scheduler.add_job(
                self._wake, trigger, id="wake", replace_existing=True, misfire_grace_time=None, max_instances=2
            )

    async def _wake(self) -> None:
        """Pump; whatever breaks in it, the next try may succeed."""
        try:
            await self.pump()
        except Exception as error:
            if not self._store.is_told(error):
                log.exception("work_failed", error=type(error).__name__)
            self._armed = None
            self.wake_by(self._clock.now() + AFTER_TROUBLE)

    async def _look(self) -> None:
        if not self._pumping.locked():
            await self._wake()

    async def _once(self, batches: int) -> int:
        """One round. What breaks on one channel is raised when the others are done as well."""
        fired = await self._fire(batches)
        drains = [asyncio.ensure_future(outbox.drain()) for outbox in self._outboxes]
        await asyncio.gather(*drains, return_exceptions=True)
        return fired + sum(drain.result() for drain in drains)

    async def _fire(self, batches: int, /) -> int:
        """Fire some of what is due: those go before more are fired, for the first buyer must not wait for the last."""
        fired = itertools.count()
        return await fire_all_due(
            self._store, self._deps, self._clock, going=lambda: not self._stopping and next(fired) < batches
        )

    async def _rearm(self) -> None:
        """Wake at the next due time, unless something that was planned meanwhile is due even earlier."""
        self._armed = None
        waits = [await next_reminder(self._store), *[await outbox.next_due() for outbox in self._outboxes]]
        due = [when for when in waits if when is not None]
        if due:
            self.wake_by(max(min(due), self._clock.now() + BREATH))

    async def _run(self, job: Job) -> None:
        """Run a job, unless it is still at work; one that fails does not stop the others."""
        if job.name in self._running:
            return
        with about(job=job.name):
            task = self._running[job.name] = asyncio.ensure_future(job.run())
            try:
                await task
            except Exception as error:
                if not self._store.is_told(error):
                    log.exception("job_failed", error=type(error).__name__)
            finally:
                del self._running[job.name]


def _from_thread(loop: asyncio.AbstractEventLoop, engine: Embedded, due: Instant) -> None:
    with suppress(RuntimeError):  # the loop is closed: the program is stopping
        loop.call_soon_threadsafe(engine.wake_by, due)
