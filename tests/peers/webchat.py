"""Buyers' windows on a web chat, as the contract suite wants them: real sockets to the channel, which is served by a
small uvicorn on a port that stays the same, in whichever process the channel listens."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from bot.channels.webchat import Webchat
from bot.channels.webchat.keys import address_of
from bot.config_channels import WebchatOptions
from followup.ports import Clock, Inbox
from tests.bot.channels.peer import Fault
from tests.peers.webchat_browser import Browser
from tests.ports import free_port


def key_of(number: int) -> str:
    """The key of the n-th buyer's browser."""
    return urlsafe_b64encode(sha256(f"buyer {number}".encode()).digest()).decode().rstrip("=")


class Served(Webchat):
    """Serves itself while it listens."""

    port: int = 0

    async def receive(self, inbox: Inbox) -> None:
        config = uvicorn.Config(
            Starlette(routes=self.routes(inbox)),
            host="127.0.0.1",
            port=self.port,
            ws="websockets-sansio",
            log_level="error",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        server.capture_signals = _no_signals  # type: ignore[method-assign,assignment]
        serving = asyncio.ensure_future(server.serve())
        try:
            await self.start()
            await super().receive(inbox)
        finally:
            await self.stop()
            server.should_exit = True
            await asyncio.wait({serving})


@contextmanager
def _no_signals() -> Iterator[None]:
    yield


class WebchatPeer:
    """Buyers in browsers; each keeps his window open from his first word on."""

    faults = frozenset({Fault.REPEAT, Fault.WHILE_AWAY})

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, 0
        self._windows: dict[str, Browser] = {}
        self._keys: dict[str, str] = {}
        self._said: dict[str, dict[str, object]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/chat/webchat"

    async def start(self) -> None:
        """Choose the port; whoever listens serves there."""
        self.port = free_port()

    async def kill(self) -> None:
        raise NotImplementedError("the channel is the service")

    async def stop(self) -> None:
        """All windows are closed."""
        for window in self._windows.values():
            await window.close()

    def channel(self, clock: Clock) -> Webchat:
        options = WebchatOptions(type="webchat", folder=self._folder / "photos")
        channel = Served(name="webchat", shop="tea", options=options, clock=clock)
        channel.port = self.port
        return channel

    def buyer(self, number: int) -> str:
        address = address_of(key_of(number))
        self._keys[address] = key_of(number)
        return address

    async def says(self, address: str, text: str) -> str:
        """As much as the box takes; the window sends it when it can."""
        window = self.window(address)
        id_ = window.says(text)
        self._said[f"{address}.{id_}"] = window.unkept[id_]
        return f"{address}.{id_}"

    async def heard(self, address: str) -> list[str]:
        window = self._windows.get(address)
        if window is None:
            return []
        await window.sync()
        return window.shop_said()

    async def repeat(self, external_id: str) -> None:
        await self._windows[external_id.partition(".")[0]].repeat(self._said[external_id])

    async def follow(self, address: str, token: str) -> None:
        """The buyer opens the link of an order."""
        window = self.window(address, token)
        await window.until(lambda: window.socket is not None)

    def window(self, address: str, token: str = "") -> Browser:
        """The buyer's window, opened if it is not."""
        if address not in self._windows:
            self._windows[address] = Browser(self.url, self._keys[address], token)
        return self._windows[address]

    async def garbage(self) -> None:
        raise NotImplementedError

    async def flood(self, seconds: int) -> None:
        raise NotImplementedError

    async def block(self, address: str) -> None:
        raise NotImplementedError

    async def refuse_next(self) -> None:
        raise NotImplementedError
