"""Places among the workers, on connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from sqlalchemy import make_url

from store.engine import open_engine
from store.leading import Lost, Seat


class Cable:
    """Between workers and the database; once cut, nothing passes in either direction, and nobody is told."""

    def __init__(self, socket: str) -> None:
        self._socket, self._writers = socket, list[asyncio.StreamWriter]()
        self._whole = asyncio.Event()
        self._whole.set()
        self.calls = 0

    async def lay(self) -> int:
        """Take callers from now on; returns the port."""
        self._server = await asyncio.start_server(self._called, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        """From now on nothing passes."""
        self._whole.clear()

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        self._writers.append(writer)
        there, back = await asyncio.open_unix_connection(self._socket)
        self._writers.append(back)
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while words := await reader.read(65536):
                await self._whole.wait()
                writer.write(words)
            writer.close()

    async def end(self) -> None:
        """Let go of everything."""
        self._whole.set()
        for writer in self._writers:
            writer.close()
        self._server.close()
        await self._server.wait_closed()


@pytest.fixture
async def cable(postgres_url: str) -> AsyncIterator[Cable]:
    """A cable to the server, which listens on a socket of this machine."""
    cable = Cable(f"{make_url(postgres_url).query['host']}/.s.PGSQL.5432")
    yield cable
    await cable.end()


async def test_who_is_cut_off_gives_up_in_time(postgres_url: str, cable: Cable) -> None:
    """A worker that gets no answer gives up at once: it does not call again to take its question back, for the server
    gives the lead to somebody else after `FROZEN` seconds."""
    port = await cable.lay()
    by_cable = make_url(postgres_url).set(host="127.0.0.1", port=port, query={})
    engine = open_engine(by_cable.render_as_string(hide_password=False))
    seat = await Seat.take(engine)
    assert await seat.try_to_lead()
    await seat.sit(0.1)
    cable.cut()
    with pytest.raises(Lost):
        async with asyncio.timeout(30):
            await seat.sit(0.1)
    assert 1 == cable.calls
    async with asyncio.timeout(30):
        await seat.leave()
    assert [] == [task for task in asyncio.all_tasks() if "_asked" in repr(task)], "nothing waits for the answer"
    engine.dispose()


async def test_who_died_leads_no_more(postgres_url: str) -> None:
    """One leads; when its connection is gone another can."""
    engine = open_engine(postgres_url)
    one, other = await Seat.take(engine), await Seat.take(engine)
    assert (True, False) == (await one.try_to_lead(), await other.try_to_lead())
    await one.leave()
    async with asyncio.timeout(30):
        while not await other.try_to_lead():
            await other.sit(0.05)
    await other.leave()
    engine.dispose()
