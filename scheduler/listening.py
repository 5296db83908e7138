"""All the inboxes of a program together, from its start to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Protocol

import structlog

from scheduler.inbox import ChannelInbox

log = structlog.get_logger(__name__)


class Service(Protocol):
    """Something that runs beside the engine and may hand events to inboxes, such as a server for webhooks."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Listening:
    """Starts and stops inboxes together; one that fails does not hold up the others."""

    def __init__(self, inboxes: Sequence[ChannelInbox]) -> None:
        self._inboxes = inboxes
        self._tasks: list[asyncio.Task[None]] = []

    async def catch_up(self) -> None:
        """Handle what a crash left waiting."""
        await self._all("catching_up_failed", *(inbox.drain() for inbox in self._inboxes))

    def begin(self) -> None:
        """Listen from now on."""
        self._tasks = [asyncio.create_task(inbox.listen(), name=inbox.receiver.name) for inbox in self._inboxes]

    async def end(self, patience: float, for_good: bool = True) -> None:
        """Stop listening, and for good let go of the services, each within `patience` seconds."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        if not for_good:
            return
        farewells = (asyncio.wait_for(inbox.standing.stopped(), patience) for inbox in self._inboxes)
        await self._all("farewell_failed", *farewells)
        closing = (asyncio.wait_for(inbox.receiver.close(), patience) for inbox in self._inboxes)
        await self._all("closing_failed", *closing)

    async def _all(self, trouble: str, *work: Awaitable[object]) -> None:
        outcomes = await asyncio.gather(*work, return_exceptions=True)
        for inbox, outcome in zip(self._inboxes, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                log.error(trouble, channel=inbox.receiver.name, error=type(outcome).__name__)
