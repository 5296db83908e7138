"""The only place that reads the wall clock, and the clock that tests and simulations turn by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

from followup.model import Instant


class SystemClock:
    """The time of this machine, in UTC."""

    def now(self) -> Instant:
        """The present instant."""
        return datetime.now(UTC)

    async def sleep_until(self, when: Instant) -> None:
        """Wait until `when`; at once if it is past."""
        await asyncio.sleep(max(0.0, (when - self.now()).total_seconds()))


class FakeClock:
    """A clock that moves only when told to; sleepers wake in the order of their times."""

    def __init__(self, now: Instant) -> None:
        self._now = now
        self._sleepers: list[tuple[Instant, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def now(self) -> Instant:
        """The instant it was set to."""
        return self._now

    async def sleep_until(self, when: Instant) -> None:
        """Wait until the clock is moved to `when`."""
        if when <= self._now:
            return
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (when, next(self._numbers), sleeper))
        await sleeper

    def move_to(self, when: Instant) -> None:
        """Set the clock, forwards or back, and wake those whose time has come."""
        self._now = when
        while self._sleepers and self._sleepers[0][0] <= when:
            _, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)

    def move(self, by: timedelta) -> None:
        """Move the clock by so much."""
        self.move_to(self._now + by)


class JumpingClock(FakeClock):
    """A fake clock that is at once wherever somebody wants to sleep until: weeks pass in milliseconds."""

    async def sleep_until(self, when: Instant) -> None:
        """Be there."""
        if when > self.now():
            self.move_to(when)
