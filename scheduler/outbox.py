"""Sending what waits in the outbox of one channel.

`due → sending → sent | due (retry) | unsure | failed | expired | cancelled`. A claim is only a lease. One commit
records the outcomes of the last window and marks the next one as sending, so that a crash leaves at most `window`
messages of which nobody knows whether they went.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import timedelta

import structlog

from followup.events import DeliveryResult, Outcome
from followup.model import Instant, Outgoing
from followup.ports import Channel, Clock
from handlers.delivery_result import delivery_result, expire, wanted
from handlers.deps import Deps
from scheduler.pace import Pace
from store import outbox_rows
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import NOTHING, Wanted

log = structlog.get_logger(__name__)
WINDOW = 8
BATCH = 100
LEASE = timedelta(minutes=5)


class Outbox:
    """The sender of one channel; two of them on one channel do no harm."""

    def __init__(self, channel: Channel, store: SqlStore, deps: Deps, clock: Clock, window: int = WINDOW) -> None:
        self.channel = channel
        self.pace = Pace(channel.capabilities.per_second)
        self._store, self._deps, self._clock, self._window = store, deps, clock, window
        self._results: list[DeliveryResult] = []

    async def drain(self) -> int:
        """Send all that may go now; returns how many attempts were made."""
        await self._expire()
        waiting: deque[Outgoing] = deque()
        attempts = 0
        while True:
            if not waiting:
                waiting.extend(await self._claim())
            window = await self._mark(waiting)
            if not window:
                if waiting:
                    continue
                return attempts
            self._results = await self._send(window)
            attempts += len(window)

    async def next_due(self) -> Instant | None:
        """When this channel has something to send again and may."""
        due = await self._store.transact(lambda tx: outbox_rows.next_due(_sql(tx), self.channel.name))
        return None if due is None else max(due, self.pace.next_free(self._clock.now()))

    async def _claim(self) -> list[Outgoing]:
        now = self._clock.now()
        limit = self.pace.allowed(now, BATCH)
        results, self._results = self._results, []
        channel = self.channel.name

        def claim(tx: Tx) -> list[Outgoing]:
            self._record(_sql(tx), results)
            return outbox_rows.claim(_sql(tx), channel, now, now + LEASE, limit) if limit else []

        return await self._store.transact(claim, _wanted(results))

    async def _mark(self, waiting: deque[Outgoing]) -> list[Outgoing]:
        now = self._clock.now()
        count = min(self._window, len(waiting), self.pace.allowed(now, self._window))
        if not count:
            await self._release(waiting)
            return []
        window = [waiting.popleft() for _ in range(count)]
        results, self._results = self._results, []

        def mark(tx: Tx) -> list[Outgoing]:
            self._record(_sql(tx), results)
            return outbox_rows.mark_sending(_sql(tx), window, now)

        marked = await self._store.transact(mark, _wanted(results))
        self.pace.spent(now, len(marked))
        return marked

    async def _release(self, waiting: deque[Outgoing]) -> None:
        messages = list(waiting)
        waiting.clear()
        if messages or self._results:
            results, self._results = self._results, []

            def release(tx: Tx) -> None:
                self._record(_sql(tx), results)
                outbox_rows.release(_sql(tx), messages)

            await self._store.transact(release, _wanted(results))

    def _record(self, tx: SqlTx, results: Sequence[DeliveryResult]) -> None:
        outbox_rows.record_accepted(tx, [r for r in results if r.outcome is Outcome.ACCEPTED])
        for result in results:
            if result.outcome is not Outcome.ACCEPTED:
                delivery_result(result, tx, self._deps)

    async def _send(self, window: Sequence[Outgoing]) -> list[DeliveryResult]:
        results = await asyncio.gather(*(self._call(message) for message in window))
        for result in results:
            if result.outcome is Outcome.RETRY and result.retry_at is not None:
                self.pace.pause_until(result.retry_at)
        return results

    async def _call(self, message: Outgoing) -> DeliveryResult:
        try:
            return await self.channel.send(message)
        except Exception as error:  # noqa: BLE001 - a channel that breaks leaves us not knowing
            log.error("channel_broke", channel=self.channel.name, message=message.id, error=type(error).__name__)
            what = f"{type(error).__name__}: {error}"
            return DeliveryResult(message.id, Outcome.UNSURE, self._clock.now(), error=what)

    async def _expire(self) -> None:
        now = self._clock.now()
        await self._store.transact(lambda tx: _expire(tx, self._deps, now))


def _sql(tx: Tx) -> SqlTx:
    assert isinstance(tx, SqlTx)
    return tx


def _wanted(results: Sequence[DeliveryResult]) -> Wanted:
    troubled = [wanted(result) for result in results if result.outcome is not Outcome.ACCEPTED]
    return Wanted.all_of(troubled) if troubled else NOTHING


def _expire(tx: Tx, deps: Deps, now: Instant) -> None:
    late = outbox_rows.expired(_sql(tx), now)
    if late:
        tx.load(Wanted(outgoing=tuple(late)))
        for id_ in late:
            expire(id_, tx, deps, now)


async def recover(store: SqlStore, deps: Deps, clock: Clock) -> list[str]:
    """After a crash: what was being sent becomes unsure, or due again where a repeat does no harm; returns the ids."""
    now = clock.now()

    def tidy(tx: Tx) -> list[str]:
        outbox_rows.release_all(_sql(tx))
        ids = outbox_rows.in_flight(_sql(tx))
        tx.load(Wanted(outgoing=tuple(ids)))
        for id_ in ids:
            delivery_result(DeliveryResult(id_, Outcome.UNSURE, now, error="the program stopped"), tx, deps)
        return ids

    return await store.transact(tidy)
