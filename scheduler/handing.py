"""What is handed over to the workers: what is due now, in batches. Future work never stands in the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

import structlog

from followup.model import Instant
from followup.ports import Clock
from scheduler.embedded import BREATH
from scheduler.outcomes import sql
from scheduler.queueing import Queue, Work
from store import due_views
from store.leading import living
from store.sql_tx import SqlTx
from store.store import SqlStore

log = structlog.get_logger(__name__)
FIRE, SEND, JOB = "fire", "send", "job"
ROOM = 2
"""So many batches of a shop, or of a channel, may wait for each thing that the workers can do at once."""

PAUSE = 0.1
"""Seconds between two times that one process hands over messages."""


class Handing:
    """Hands over what is due: the reminders of each shop, and the messages of each channel that any worker can use."""

    def __init__(
        self, store: SqlStore, clock: Clock, queue: Queue, channels: Sequence[str], concurrency: int, batch: int
    ) -> None:
        self._store, self._clock, self._queue = store, clock, queue
        self._channels, self._concurrency, self._batch = tuple(channels), concurrency, batch

    async def due(self) -> int:
        """Hand over all that is due and not waiting already; returns how many batches are due."""
        return await self._hand(partial(self._due, with_shops=True))

    async def messages(self) -> int:
        """Hand over the messages that are due."""
        return await self._hand(partial(self._due, with_shops=False)) if self.knows_channels else 0

    @property
    def knows_channels(self) -> bool:
        """Whether there are channels that any worker can use."""
        return bool(self._channels)

    async def job(self, name: str) -> None:
        """Have a regular job run once, by whichever worker is free."""
        await self._queue.put([Work(JOB, f"{JOB}/{name}", {"name": name}, alone=True)])

    async def _hand(self, look: partial[list[Work]]) -> int:
        now = self._clock.now()
        work = await self._store.transact(lambda tx: look(sql(tx), now))
        if work:
            waiting = await self._queue.waiting()
            await self._queue.put([each for each in work if each.key not in waiting])
        return len(work)

    def _due(self, tx: SqlTx, now: Instant, with_shops: bool) -> list[Work]:
        """The first batch of each shop comes before the second of any, so that no shop waits for a larger one."""
        room = ROOM * self._concurrency * max(1, len(living(tx.connection)))
        most = room * self._batch
        shops = due_views.shops(tx.connection, now, most) if with_shops else {}
        channels = due_views.channels(tx.connection, self._channels, now, most)
        return [*self._batches(FIRE, "shop", shops), *self._batches(SEND, "channel", channels)]

    def _batches(self, task: str, of: str, due: Mapping[str, int]) -> Iterator[Work]:
        for name, count in due.items():
            for number in range(-(-count // self._batch)):
                yield Work(task, f"{task}/{name}/{number}", {of: name}, rank=number)


class AtOnce:
    """Hands over what this process itself plans for channels that any worker can use, before the leader looks."""

    def __init__(self, store: SqlStore, clock: Clock, handing: Handing) -> None:
        self._store, self._clock, self._handing = store, clock, handing
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def follow(self) -> None:
        """From now on."""
        loop = asyncio.get_running_loop()

        def told(due: Instant) -> None:
            with suppress(RuntimeError):  # the loop is closed: the program is stopping
                loop.call_soon_threadsafe(self._nudge, due)

        self._store.on_due = told

    def end(self) -> None:
        """No more."""
        self._store.on_due = None
        if self._task is not None:
            self._task.cancel()

    def _nudge(self, due: Instant) -> None:
        if self._handing.knows_channels and due <= self._clock.now() + BREATH:
            self._again = True
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._hand_over())

    async def _hand_over(self) -> None:
        while self._again:
            await asyncio.sleep(PAUSE)
            self._again = False
            try:
                await self._handing.messages()
            except Exception as error:  # noqa: BLE001 - the leader looks too
                log.warning("not_handed_over", error=type(error).__name__)
