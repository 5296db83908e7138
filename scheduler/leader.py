"""What one worker of many does beside the others: it listens, serves, sends where only one may, and hands over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from followup.model import Instant
from followup.ports import Clock
from handlers.deps import Deps
from scheduler.embedded import LOOK, Embedded
from scheduler.handing import Handing
from scheduler.inbox import ChannelInbox
from scheduler.jobs import Job, every
from scheduler.listening import Service
from scheduler.outbox import Outbox, recover
from scheduler.queueing import Queue
from store.leading import living
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx

log = structlog.get_logger(__name__)
FAREWELL = 15.0
PAUSE = 0.1
"""Seconds between two times that what is due is handed over."""
WATCH = 1.0
"""Seconds between two looks at who lives and what is due."""
AFTERMATH, SELDOM = 10, 30
"""So many looks after a worker died what it left behind is looked for, and else every so many."""


class Leader(Embedded):
    """The embedded engine, but that what is due is handed over, as are the jobs that any worker may run.

    `outboxes` are those of channels that only one process may use. It leads once: who leads again is a new one.
    """

    def __init__(
        self,
        store: SqlStore,
        deps: Deps,
        clock: Clock,
        outboxes: Sequence[Outbox],
        jobs: Sequence[Job],
        handing: Handing,
        queue: Queue,
        look: float = LOOK,
        inboxes: Sequence[ChannelInbox] = (),
        services: Sequence[Service] = (),
    ) -> None:
        ours = [replace(job, run=partial(handing.job, job.name)) if job.anywhere else job for job in jobs]
        own = (Job("due", self._look, every(WATCH)), Job("workers", self._watch, every(WATCH)))
        super().__init__(store, deps, clock, outboxes, (*ours, *own), look, inboxes, services)
        self._handing, self._queue = handing, queue
        self._living: frozenset[str] = frozenset()
        self._looks, self._hand_at, self._owed = 0, 0.0, False

    async def give_up(self) -> None:
        """Somebody else may lead by now: stop at once, whatever the database does, and be ready to lead again."""
        self._for_good = False
        for outbox in self._outboxes:
            outbox.halt()
        try:
            async with asyncio.timeout(FAREWELL):
                await self.stop()
        except TimeoutError:
            log.error("stopped_leading_at_work")
        except Exception as error:
            log.exception("stopped_leading_badly", error=type(error).__name__)

    async def _fire(self, _batches: int, /) -> int:
        """Hand over; workers that plan something in between are looked after a little later."""
        if time.monotonic() >= self._hand_at:
            await self._handing.due()
            self._hand_at, self._owed = time.monotonic() + PAUSE, False
        else:
            self._owed = True
        return 0

    def _arm(self, when: Instant) -> None:
        """As long ahead as it is by our clock, whichever that is."""
        super()._arm(datetime.now(UTC) + (when - self._clock.now()))

    async def _rearm(self) -> None:
        await super()._rearm()
        if self._owed:
            self.wake_by(self._clock.now() + timedelta(seconds=PAUSE))

    async def _watch(self) -> None:
        """What a dead worker left behind is cared for within a second or two."""
        now_living = await self._store.transact(lambda tx: living(_connection(tx)))
        if self._living - now_living:
            log.warning("workers_gone", count=len(self._living - now_living), left=len(now_living))
            self._looks = 0
        self._living = now_living
        self._looks += 1
        if self._looks <= AFTERMATH or self._looks % SELDOM == 0:
            unsure = await recover(self._store, self._deps, self._clock)
            if unsure:
                log.warning("messages_in_flight_of_dead_workers", count=len(unsure))
        await self._queue.free_stalled()


def _connection(tx: Tx) -> Connection:
    assert isinstance(tx, SqlTx)
    return tx.connection
