"""Tells open pages that something in the database has changed, whoever changed it, in whichever process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from nicegui import Client, context

from followup.ports import Clock
from store.commits import Commits

log = structlog.get_logger(__name__)
Refresh = Callable[[], Awaitable[None]]
EVERY, PACE, BLIND = 0.25, 0.5, 2.0
"""Seconds between two looks, between two refreshes of a page, and before the next look at a database that is away."""
BEAT = timedelta(seconds=30)
SHARE = 4
"""A page that is slow to refresh rests so many times as long as it took."""


class Live:
    """One for the program; `watch` is called while a page is built, and lasts as long as that page is open.

    While no page is open it does not look. What `clock` tells is shown on pages too ("in 5 minutes"), so that they are
    also refreshed when half a minute has passed on it, or on this machine.
    """

    def __init__(self, commits: Commits, clock: Clock) -> None:
        self._commits, self._clock = commits, clock
        self._thread: ThreadPoolExecutor | None = None
        self._looking: asyncio.Task[None] | None = None
        self._someone = asyncio.Event()
        self._open: dict[_Watch, None] = {}
        self._mark = ""
        self._told_at, self._told_time = time.time(), clock.now()

    def watch(self, refresh: Refresh) -> None:
        """Call `refresh` soon after every change (within half a second, and at most twice a second)."""
        watch = _Watch(context.client, refresh)
        self._open[watch] = None
        context.client.on_delete(lambda: self._forget(watch))
        if self._told_at >= context.client.created:
            watch.tell()  # the page may have read before that
        self._someone.set()

    async def start(self) -> None:
        """Look for changes from now on."""
        self._thread = ThreadPoolExecutor(1, "live")
        self._looking = asyncio.create_task(self._look(), name="live")

    async def stop(self) -> None:
        """Look no more."""
        if self._looking is not None and self._thread is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
            self._thread.submit(self._commits.close)
            self._thread.shutdown()
        for watch in tuple(self._open):
            self._forget(watch)

    def _forget(self, watch: _Watch) -> None:
        watch.end()
        self._open.pop(watch, None)
        if not self._open:
            self._someone.clear()

    async def _look(self) -> None:
        blind = False
        while True:
            await self._someone.wait()
            try:
                found = await asyncio.get_running_loop().run_in_executor(self._thread, self._commits.mark)
            except Exception as error:  # noqa: BLE001 - the pages stand still until the database is back
                if not blind:
                    log.warning("live_is_blind", error=type(error).__name__)
                blind = True
                await asyncio.sleep(BLIND)
                continue
            blind = False
            if found != self._mark or self._time_has_passed():
                self._tell(found)
            await asyncio.sleep(EVERY)

    def _time_has_passed(self) -> bool:
        moved = abs(self._clock.now() - self._told_time)
        return moved >= BEAT or time.time() - self._told_at >= BEAT.total_seconds()

    def _tell(self, mark: str) -> None:
        self._mark, self._told_at, self._told_time = mark, time.time(), self._clock.now()
        for watch in self._open:
            watch.tell()


class _Watch:
    """One open page: refreshed when told, while a browser is there to see it, one refresh at a time."""

    def __init__(self, client: Client, refresh: Refresh) -> None:
        self._client, self._refresh = client, refresh
        self._news, self._seen = asyncio.Event(), asyncio.Event()
        self._failed = False
        if client.has_socket_connection:
            self._seen.set()
        client.on_connect(self._seen.set)
        client.on_disconnect(self._look_away)
        self._task = asyncio.create_task(self._follow(), name="live page")

    def tell(self) -> None:
        """Something has changed."""
        self._news.set()

    def end(self) -> None:
        """The page is gone."""
        self._task.cancel()

    def _look_away(self) -> None:
        if not self._client.has_socket_connection:
            self._seen.clear()

    async def _follow(self) -> None:
        while True:
            await self._news.wait()
            await self._seen.wait()
            self._news.clear()
            began = time.monotonic()
            with self._client:
                await self._show()
            await asyncio.sleep(max(PACE, SHARE * (time.monotonic() - began)))

    async def _show(self) -> None:
        """One page's error is no other's; it is told once, for it would come again twice a second."""
        try:
            await self._refresh()
        except Exception:
            if not self._failed:
                log.exception("page_refresh_failed", page=self._client.page.path)
            self._failed = True
        else:
            self._failed = False
