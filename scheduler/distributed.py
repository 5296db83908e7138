"""The engine of many processes on one PostgreSQL: each works, and one of them leads.

The truth is in the tables. Procrastinate tells the workers what is due now; what it forgets is handed over again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import psycopg
import structlog

from followup.ports import Clock
from handlers.deps import Deps
from handlers.reminder_due import BATCH
from scheduler.embedded import LOOK, Embedded
from scheduler.handing import FIRE, JOB, SEND, AtOnce, Handing
from scheduler.inbox import ChannelInbox
from scheduler.jobs import Job
from scheduler.leader import Leader
from scheduler.listening import Service
from scheduler.outbox import Outbox, recover
from scheduler.queue_schema import prepare
from scheduler.queueing import Queue
from scheduler.working import Working
from store.engine import DatabaseError
from store.leading import Lost, Seat
from store.migrate import explain
from store.store import SqlStore

log = structlog.get_logger(__name__)
CONCURRENCY = 4
AFTER_TROUBLE = 1.0
AFTER_REFUSAL = 5.0
"""Seconds until the database, and the lead, are tried again."""


class Distributed:
    """One worker of many, with the interface of `Embedded`; with `lead` it leads when nobody else does.

    It works `concurrency` batches at once. Raises DatabaseError for a database that is no PostgreSQL.
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
        concurrency: int = CONCURRENCY,
        batch: int = BATCH,
        lead: bool = True,
    ) -> None:
        if store.dialect.is_sqlite:
            raise DatabaseError('engine: "procrastinate" needs a database postgresql://…')
        self._store, self._deps, self._clock, self._outboxes = store, deps, clock, tuple(outboxes)
        self._jobs, self._look, self._inboxes, self._services = tuple(jobs), look, inboxes, services
        self._may_lead, self._stopping = lead, False
        self._working = Working(store, deps, clock, self._outboxes, self._jobs, batch)
        tasks = {FIRE: self._working.fire, SEND: self._working.send, JOB: self._working.run}
        self._queue = Queue(store.engine, tasks, concurrency)
        self._handing = Handing(store, clock, self._queue, self._working.channels, concurrency, batch)
        self._at_once = AtOnce(store, clock, self._handing)
        self._seat: Seat | None = None
        self._leader: Leader | None = None
        self._starting: asyncio.Task[None] | None = None
        self._lead_again = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def leads(self) -> bool:
        """Whether this process is the one that listens, serves and hands over."""
        return self._leader is not None and self._starting is None

    async def start(self) -> None:
        """Tidy up after the dead, lead if nobody does, and work.

        Raises DatabaseError, and what a service raises that cannot start.
        """
        await asyncio.to_thread(prepare, self._store.engine)
        try:
            seat = self._seat = await Seat.take(self._store.engine)
        except psycopg.Error as error:
            raise explain(self._store.engine, error) from error
        self._store.worker = seat.number
        await recover(self._store, self._deps, self._clock)
        await self._queue.open()
        self._at_once.follow()
        first = self._may_lead and await seat.try_to_lead()
        self._tasks = [asyncio.create_task(self._sit(), name="seat")]
        if first:
            await self._lead_first()
        self._queue.begin()
        self._tasks.append(asyncio.create_task(self._working.keep_books(), name="books"))
        log.info("works", number=seat.number, leads=self.leads)

    async def stop(self) -> None:
        """Finish what is at hand and stop; others go on."""
        self._stopping = True
        self._at_once.end()
        self._working.halt()
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        await asyncio.gather(self._queue.end(), self._stop_leading())
        await self._working.settle()
        await self._give_back()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._seat is not None:
            await self._seat.leave()
        await self._queue.close()
        self._store.worker = ""

    async def pump(self) -> int:
        """Fire and send all that is due now, here; returns how many reminders and messages that were."""
        return await Embedded(self._store, self._deps, self._clock, self._outboxes).pump()

    async def _give_back(self) -> None:
        """Regular jobs that could not be finished are another worker's; some would else wait until tomorrow."""
        for name in self._working.cut_short:
            try:
                await self._handing.job(name)
            except Exception as error:  # noqa: BLE001 - the database is away: it runs at its next time
                log.warning("not_given_back", job=name, error=type(error).__name__)

    async def _sit(self) -> None:
        """Keep the place among the workers, and lead as soon as nobody does."""
        while self._seat is not None:
            try:
                await self._seat.sit()
                if self._wants_to_lead() and await self._seat.try_to_lead():
                    self._leader = self._a_leader()
                    self._starting = asyncio.create_task(self._lead(self._leader, self._seat), name="leading")
            except Lost as error:
                if self._stopping:
                    return
                log.warning("place_lost", why=str(error), led=self._leader is not None)
                await self._sit_down_again()

    async def _lead_first(self) -> None:
        """Lead from the start; if the place is lost meanwhile, whoever finds that out ends this, as at other times."""
        leader = self._leader = self._a_leader()
        starting = self._starting = asyncio.create_task(leader.start(), name="leading")
        await asyncio.wait({starting})
        if not starting.cancelled():
            self._starting = None
            starting.result()

    def _wants_to_lead(self) -> bool:
        later = asyncio.get_running_loop().time() < self._lead_again
        return self._may_lead and self._leader is None and not self._stopping and not later

    async def _lead(self, leader: Leader, seat: Seat) -> None:
        """Take over; who cannot lets another try."""
        try:
            await leader.start()
            log.info("leads", number=seat.number)
        except Exception as error:
            log.exception("cannot_lead", error=type(error).__name__)
            await leader.give_up()
            self._leader, self._lead_again = None, asyncio.get_running_loop().time() + AFTER_REFUSAL
            self._at_once.follow()
            with suppress(Lost):  # then it is free anyway
                await seat.stop_leading()
        self._starting = None

    async def _stop_leading(self) -> None:
        """Others can lead as soon as this process does not any more."""
        if self._leader is not None and self._seat is not None:
            await self._leader.stop()
            self._leader = None
            with suppress(Lost):
                await self._seat.stop_leading()

    async def _sit_down_again(self) -> None:
        """Do nothing while nobody knows that we live; others may settle what we were at, and lead."""
        self._working.halt()
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        if self._leader is not None:
            await self._leader.give_up()
        self._leader = self._starting = None
        if self._seat is not None:
            await self._seat.leave()
        while True:
            try:
                self._seat = await Seat.take(self._store.engine)
                break
            except (psycopg.Error, DatabaseError, OSError):
                await asyncio.sleep(AFTER_TROUBLE)
        self._store.worker = self._seat.number
        if not self._stopping:
            self._working.resume()
            self._at_once.follow()
        log.info("place_found", number=self._seat.number)

    def _a_leader(self) -> Leader:
        shared = set(self._working.channels)
        own = [outbox for outbox in self._outboxes if outbox.channel.name not in shared]
        for outbox in own:
            outbox.resume()
        return Leader(
            self._store,
            self._deps,
            self._clock,
            own,
            self._jobs,
            self._handing,
            self._queue,
            self._look,
            self._inboxes,
            self._services,
        )
