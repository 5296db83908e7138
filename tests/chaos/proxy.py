"""A wire that can be cut: everything between a program and a server goes through it, hangs in it, or is dropped."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Literal

Mode = Literal["pass", "hang", "drop"]
LOOK = 0.02


class Proxy:
    """Listens on a port of its own, in a thread.

    `pass` lets all through, `hang` nothing (nor does it close anything), `drop` closes every connection.
    """

    def __init__(self, target: int) -> None:
        self.mode: Mode = "pass"
        self.port, self._target = 0, target
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="proxy", daemon=True)
        self._thread.start()
        self._ready.wait(30)

    def close(self) -> None:
        """End, with every connection."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run())
        self._loop.close()

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a program, until either side ends it or the wire is cut."""
        others: asyncio.StreamWriter | None = None
        try:
            await self._may_pass()
            theirs, others = await asyncio.open_connection("127.0.0.1", self._target)
            ways = (self._pump(reader, others), self._pump(theirs, writer), self._cut())
            tasks = [asyncio.ensure_future(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
        except (OSError, asyncio.CancelledError):  # cut, or the end of all
            pass
        finally:
            for one in filter(None, (writer, others)):
                with suppress(OSError):
                    one.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._may_pass()
            writer.write(data)
            await writer.drain()

    async def _may_pass(self) -> None:
        """Wait while everything hangs. Raises ConnectionError where this is dropped."""
        while self.mode == "hang":  # noqa: ASYNC110 - another thread turns it
            await asyncio.sleep(LOOK)
        if self.mode == "drop":
            raise ConnectionError("cut")

    async def _cut(self) -> None:
        while self.mode != "drop":  # noqa: ASYNC110 - as above
            await asyncio.sleep(LOOK)
