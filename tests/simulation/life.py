"""One run of the program, from its start to its stop or its death."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from unittest import mock

from bot.app import App, bootstrap
from bot.config import Config
from tests.simulation.channel import Line
from tests.simulation.engine import DrivenEngine
from tests.simulation.loop import SimClock, VirtualLoop
from tests.simulation.shops import library
from tests.simulation.store import SteppedStore


class Crashed(Exception):
    """The program died."""


class Life:
    """The program with its outermost parts replaced: the clock, the channel, the thread of its store."""

    def __init__(self, config: Config, line: Line, clock: SimClock, loop: VirtualLoop) -> None:
        self._loop, self._died = loop, loop.create_future()
        self.store = SteppedStore(config.database.url, self._dies)
        with mock.patch("bot.app.meaning.available", return_value=False):  # what is installed must not matter
            self.app: App = bootstrap(
                config, clock=clock, store=self.store, channels=(line,), scripts=library(), engine=DrivenEngine
            )
        assert isinstance(self.app.engine, DrivenEngine)
        self.engine = self.app.engine

    def do(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Have something done to its end. Raises Crashed if the program dies of it."""
        return self._loop.run_until_complete(self._do(work))

    def close(self) -> None:
        """Nothing of it does anything any more, and the database is let go."""
        self.store.dead = True
        self._loop.run_until_complete(self._end())
        self.app.close()

    def _dies(self) -> None:
        if not self._died.done():
            self._died.set_result(None)

    async def _do(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        task = asyncio.ensure_future(work())
        await asyncio.wait((task, self._died), return_when=asyncio.FIRST_COMPLETED)
        if self._died.done():
            await self._end()
            await asyncio.gather(task, return_exceptions=True)
            raise Crashed
        return task.result()

    async def _end(self) -> None:
        """Whatever was at work is gone; the store does nothing any more, so nothing of it is seen."""
        here = asyncio.current_task()
        rest = sorted((each for each in asyncio.all_tasks() if each is not here), key=lambda task: task.get_name())
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
