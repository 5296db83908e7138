"""The only place that reads the wall clock, and the clock that tests and simulations turn by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
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


class PacedClock:
    """A clock for demos: it begins anywhere, runs `speed` times as fast as the machine's (0: it stands), and jumps.

    However fast it runs, nobody sleeps less than `breath` seconds of the machine, or regular looks would take it all.
    """

    def __init__(
        self, begin: Instant, speed: float = 1.0, tick: Callable[[], float] = time.monotonic, breath: float = 0.05
    ) -> None:
        self._at, self._since, self._tick, self._breath = begin, tick(), tick, breath
        self._speed = speed
        self._changed = asyncio.Event()

    @property
    def speed(self) -> float:
        """Its seconds a second; 0 while it stands."""
        return self._speed

    def now(self) -> Instant:
        """The instant it has come to."""
        return self._at + timedelta(seconds=(self._tick() - self._since) * self._speed)

    def run(self, speed: float) -> None:
        """Go on from here at that speed."""
        self._set(self.now(), speed)

    def jump_to(self, when: Instant) -> None:
        """Be at `when` at once; never earlier than it is."""
        self._set(max(when, self.now()), self._speed)

    async def sleep_until(self, when: Instant) -> None:
        """Wait until it is `when`, however it gets there."""
        while (left := (when - self.now()).total_seconds()) > 0:
            changed = self._changed
            try:
                async with asyncio.timeout(max(left / self._speed, self._breath) if self._speed else None):
                    await changed.wait()
            except TimeoutError:
                pass

    def _set(self, at: Instant, speed: float) -> None:
        self._at, self._since, self._speed = at, self._tick(), speed
        self._changed.set()
        self._changed = asyncio.Event()


class JumpingClock(FakeClock):
    """A fake clock that is at once wherever somebody wants to sleep until: weeks pass in milliseconds."""

    async def sleep_until(self, when: Instant) -> None:
        """Be there."""
        if when > self.now():
            self.move_to(when)
