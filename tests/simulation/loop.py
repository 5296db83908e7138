"""An event loop whose time is made up: who sleeps wakes at once, in the order of the times, and nothing is waited for.

No thread and no socket takes part, so that what happens is a function of the program alone.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from followup.model import Instant


class Stuck(RuntimeError):
    """Everybody waits for somebody else, and nothing will ever happen."""


class _NoSelector(selectors.SelectSelector):
    """Instead of waiting for sockets, lets the loop's time pass."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck("every task waits, and no timer runs")
        if timeout > 0:
            self.loop.pass_by(timeout)
        return []


class _Inline(ThreadPoolExecutor):
    """What `asyncio.to_thread` is given is done at once, in the loop's own thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            done.set_exception(error)
        return done


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop of one simulated machine."""

    def __init__(self) -> None:
        selector = _NoSelector()
        selector.loop, self._passed = self, 0.0
        super().__init__(selector)
        self.set_default_executor(_Inline(1))

    def time(self) -> float:
        """Seconds since it was made."""
        return self._passed

    def pass_by(self, seconds: float) -> None:
        """Let so much time pass."""
        self._passed = max(self._passed + seconds, math.nextafter(self._passed, math.inf))

    def _write_to_self(self) -> None:
        """Nobody waits in a system call that would have to be ended."""


class SimClock:
    """The machine's clock: it goes with the loop, and can be set."""

    def __init__(self, now: Instant, loop: VirtualLoop) -> None:
        self._loop = loop
        self._base = now - timedelta(seconds=loop.time())

    def now(self) -> Instant:
        """What it shows."""
        return self._base + timedelta(seconds=self._loop.time())

    async def sleep_until(self, when: Instant) -> None:
        """Wait until it shows `when`, if nobody sets it."""
        await asyncio.sleep(max(0.0, (when - self.now()).total_seconds()))

    def set(self, now: Instant) -> None:
        """Set it, forwards or back."""
        self._base += now - self.now()
