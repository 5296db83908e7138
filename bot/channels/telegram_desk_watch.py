"""Looks after a bot's place in the agents' group: at the start, every hour, and whenever something has changed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog
from telegram.error import RetryAfter, TelegramError

from bot.channels.telegram_group import Group, Rights
from bot.channels.telegram_send import pause_of
from followup.model import Cursor, Health
from followup.ports import Clock
from scheduler.standing import Standing
from store import raw_rows
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import NOTHING, Wanted

log = structlog.get_logger(__name__)
EVERY, SOON = timedelta(hours=1), timedelta(minutes=1)
CALM = timedelta(seconds=5)
"""So long at least between two looks."""


class DeskWatch:
    """Keeps where the group is and how the bot stands in it (`huifang check`); a service beside the engine."""

    def __init__(self, group: Group, standing: Standing, store: SqlStore, clock: Clock) -> None:
        self._group, self._standing, self._store, self._clock = group, standing, store, clock
        self._name = standing.channel
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Know where the group is before anything is heard, then watch."""
        await self._restore()
        self._task = asyncio.create_task(self._watch(), name=f"watch-{self._name}")

    async def stop(self) -> None:
        """Stop at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def look(self) -> None:
        """See what the bot may do in the group, and keep that. Raises TelegramError."""
        before, rights = self._group.rights, await self._group.look()
        await self._keep()
        health = Health.REFUSED if rights is Rights.ABSENT else Health.UP
        await self._standing.report(health, rights.value)
        if rights is Rights.NO_TOPICS and before is not rights:
            log.warning("no_topics", channel=self._name, group=self._group.address)

    async def _watch(self) -> None:
        while True:
            self._group.changed.clear()
            wake = EVERY
            try:
                await self.look()
            except RetryAfter as error:
                wake = max(SOON, pause_of(error))
            except TelegramError:
                wake = SOON
            except Exception as error:
                log.exception("look_failed", channel=self._name, error=type(error).__name__)
                wake = SOON
            await self._sleep(wake)

    async def _sleep(self, length: timedelta) -> None:
        """For so long, or until something has changed."""
        now = self._clock.now()
        await self._clock.sleep_until(now + CALM)
        waits = {
            asyncio.ensure_future(self._clock.sleep_until(now + length)),
            asyncio.ensure_future(self._group.changed.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def _restore(self) -> None:
        def read(tx: Tx) -> str:
            assert isinstance(tx, SqlTx)
            return raw_rows.cursor(tx, self._name)

        configured, _, address = (await self._store.transact(read, NOTHING)).partition(">")
        if address and configured == self._group.configured:
            self._group.address = address

    async def _keep(self) -> None:
        """Where the group has moved to."""
        if self._group.address != self._group.configured:
            cursor = Cursor(self._name, f"{self._group.configured}>{self._group.address}")
            await self._store.transact(lambda tx: tx.save(cursor), Wanted())
