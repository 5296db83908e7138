"""What one channel hears: kept before it is acknowledged, then handled in the order in which it arrived.

`waiting → handled | put_aside`. The row is the truth: what a crash leaves waiting is handled at the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from followup.model import Cursor, Health, Instant, Raw
from followup.ports import Clock, Receiver
from handlers.cleaned import LONGEST_ID, clean_text
from handlers.deps import Deps
from scheduler.handling import PATIENCE, PAUSES, Handling, pause
from scheduler.standing import Standing
from store import raw_rows
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.troubles import Trouble, trouble_of
from store.tx import Tx
from store.wanted import Wanted

log = structlog.get_logger(__name__)
BATCH = 100
LOOK = timedelta(seconds=5)
CALM = timedelta(minutes=1)
SOON = 3
"""So many of the pauses are gone through while it is only our database that is missing, and the last of them again."""


class ChannelInbox:
    """The inbox of one receiver, which listens for one shop."""

    def __init__(
        self,
        receiver: Receiver,
        shop: str,
        store: SqlStore,
        deps: Deps,
        clock: Clock,
        batch: int = BATCH,
        patience: float = PATIENCE,
    ) -> None:
        self.receiver, self.shop = receiver, shop
        self.standing = Standing(receiver.name, shop, store, deps, clock)
        self._handling = Handling(receiver, shop, store, deps, clock, patience)
        self._store, self._clock, self._batch = store, clock, batch
        self._taken, self._draining = asyncio.Event(), asyncio.Lock()

    async def take(self, raws: Sequence[Raw], cursor: Cursor | None = None) -> None:
        """Keep events and the cursor in one commit; what is known by its id already is dropped."""

        def keep(tx: Tx) -> None:
            for raw in raws:
                known = replace(raw, channel=self.receiver.name, external_id=clean_text(raw.external_id)[:LONGEST_ID])
                if tx.get(Raw, known.channel, known.external_id) is None:
                    tx.save(known)
            if cursor is not None:
                tx.save(cursor)

        await self._store.transact(keep, Wanted())
        if raws:
            self._taken.set()

    async def cursor(self, name: str) -> str:
        """How far was read; "" at the first start."""
        return await self._store.transact(lambda tx: raw_rows.cursor(sql(tx), name))

    async def report(self, health: Health, detail: str = "", gap: bool = False) -> None:
        """Keep how the channel stands, and say so where that is news."""
        await self.standing.report(health, detail, gap)

    async def listen(self) -> None:
        """Hear and handle until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._receive())
            group.create_task(self._work())

    async def drain(self) -> int:
        """Handle everything that can be handled now; returns how many raw events that were."""
        async with self._draining:
            done = 0
            while not self._handling.is_held and (raws := await self._ready()):
                done += await self._handling.handle(raws)
            return done

    async def _receive(self) -> None:
        """Keep the receiver at it: it should never end, and if it does it is begun anew."""
        tries = 0
        while True:
            began, most = self._clock.now(), len(PAUSES)
            try:
                await self.receiver.receive(self)
                why = "it stopped listening"
            except Exception as error:
                why, most = type(error).__name__, _most_tries(error)
                if not self._store.is_told(error):
                    log.exception("receiving_failed", channel=self.receiver.name, error=why)
            now = self._clock.now()
            tries = 0 if now - began > CALM else min(tries + 1, most)
            try:
                await self.standing.fell_silent(why)
            except Exception as error:  # noqa: BLE001 - it is told when it is lost the next time
                if not self._store.is_told(error):
                    log.error("not_reported", channel=self.receiver.name, error=type(error).__name__)
            await self._clock.sleep_until(now + pause(tries))

    async def _work(self) -> None:
        """Drain whenever something was taken, may be tried again, or was given back by another process."""
        tries = 0
        while True:
            self._taken.clear()
            now = self._clock.now()
            wake = now + LOOK
            self._handling.again_at = None
            try:
                await self.drain()
                await self.standing.look()
                tries = 0
                nexts = (self._handling.again_at, self._handling.held_until)
                wake = min([wake, *(at for at in nexts if at is not None and at > now)])
            except Exception as error:
                if not self._store.is_told(error):
                    log.exception("draining_failed", channel=self.receiver.name, error=type(error).__name__)
                tries = min(tries + 1, _most_tries(error))
                wake = now + pause(tries)
                self._handling.held_until = wake
            await self._sleep(wake)

    async def _sleep(self, until: Instant) -> None:
        """Until then, or until something is taken."""
        waits = {asyncio.ensure_future(self._clock.sleep_until(until)), asyncio.ensure_future(self._taken.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def _ready(self) -> list[Raw]:
        now, channel = self._clock.now(), self.receiver.name
        return await self._store.transact(lambda tx: raw_rows.ready(sql(tx), channel, now, self._batch))


def _most_tries(error: Exception) -> int:
    """How many pauses there are: once the database is back, nobody who wrote meanwhile should wait for a minute."""
    return len(PAUSES) if trouble_of(error) is Trouble.NONE else SOON


def sql(tx: Tx) -> SqlTx:
    """The transaction as what it is here: one on a database."""
    assert isinstance(tx, SqlTx)
    return tx
