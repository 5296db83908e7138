"""What a worker does when it is its turn: fire for a shop, send on a channel, run a regular job."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from followup.ports import Clock
from handlers.deps import Deps
from handlers.reminder_due import fire_due
from scheduler.jobs import Job
from scheduler.outbox import Outbox
from scheduler.outcomes import sql
from store.log_ids import about
from store.rls import only
from store.store import SqlStore
from store.tx import Tx

log = structlog.get_logger(__name__)
SPELL = 1.0
"""Seconds after which a shop or channel that has much lets another have its turn."""
BOOKS = 1.0


class Working:
    """The work of one process, as often at once as the queue gives it."""

    def __init__(
        self, store: SqlStore, deps: Deps, clock: Clock, outboxes: Sequence[Outbox], jobs: Sequence[Job], batch: int
    ) -> None:
        self._store, self._deps, self._clock, self._batch = store, deps, clock, batch
        self._first = {box.channel.name: box for box in outboxes if box.channel.capabilities.anywhere}
        self._senders = {name: [box] for name, box in self._first.items()}
        self._others = [box for box in outboxes if box.channel.name not in self._first]
        self._jobs = {job.name: job for job in jobs}
        self._busy: set[Outbox] = set()
        self._halted = False
        self.cut_short: set[str] = set()
        """Regular jobs that were not let finish."""

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels through which any worker may send."""
        return tuple(self._first)

    async def fire(self, shop: str) -> None:
        """Fire what is due of a shop, which sees no other shop's rows meanwhile, batch by batch, until its spell is
        over. What a batch has to say goes before the next, for the first buyer must not wait for the last."""
        going = self._spell()
        try:
            while going() and (said_on := await self._fire_batch(shop)) is not None:
                for channel in self._first.keys() & said_on:
                    await self._drain(channel, going)
        except Exception as error:
            log.exception("work_failed", shop=shop, error=type(error).__name__)

    async def send(self, channel: str) -> None:
        """Send what is due on a channel, until its spell is over."""
        if channel not in self._first:
            log.error("no_such_channel_here", channel=channel)
            return
        await self._drain(channel, self._spell())

    async def _drain(self, channel: str, going: Callable[[], bool]) -> None:
        sender = self._sender(channel)
        self._busy.add(sender)
        try:
            await sender.drain(going)
        except Exception as error:
            log.exception("work_failed", channel=channel, error=type(error).__name__)
        finally:
            self._busy.discard(sender)

    async def run(self, name: str) -> None:
        """Run a regular job."""
        if name not in self._jobs:
            log.error("no_such_job_here", job=name)
            return
        with about(job=name):
            try:
                await self._jobs[name].run()
            except asyncio.CancelledError:
                self.cut_short.add(name)
                raise
            except Exception as error:
                log.exception("job_failed", error=type(error).__name__)

    def halt(self) -> None:
        """Finish the batches and windows at hand, and begin nothing."""
        self._halted = True
        for sender in self._all():
            sender.halt()

    def resume(self) -> None:
        """Go on after a halt."""
        self._halted = False
        for sender in self._all():
            sender.resume()

    async def keep_books(self) -> None:
        """Record what the database would not take while it was away."""
        while True:
            await asyncio.sleep(BOOKS)
            await self.settle()

    async def settle(self) -> None:
        """Record what is known of messages that went, and nobody has recorded."""
        for sender in self._all():
            if sender.owes:
                try:
                    await sender.settle()
                except Exception as error:  # noqa: BLE001 - it is tried again
                    log.warning("not_recorded", channel=sender.channel.name, error=type(error).__name__)

    async def _fire_batch(self, shop: str) -> frozenset[str] | None:
        """The channels on which it has something to say; None if nothing is due."""
        now, deps, batch = self._clock.now(), self._deps, self._batch

        def fire_these(tx: Tx) -> frozenset[str] | None:
            only(sql(tx).connection, (shop,))
            return sql(tx).says_on() if fire_due(tx, deps, now, batch, shop) else None

        return await self._store.transact(fire_these)

    def _spell(self) -> Callable[[], bool]:
        until = time.monotonic() + SPELL
        return lambda: not self._halted and time.monotonic() < until

    def _sender(self, channel: str) -> Outbox:
        """One that is free, and rather one that has something left to record."""
        free = [each for each in self._senders[channel] if each not in self._busy]
        if not free:
            free = [self._first[channel].beside()]
            self._senders[channel] += free
        return max(free, key=lambda each: each.owes)

    def _all(self) -> list[Outbox]:
        return [*self._others, *(each for senders in self._senders.values() for each in senders)]
