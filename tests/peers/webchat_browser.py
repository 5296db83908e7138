"""A buyer's window as a program: it keeps its key and what it has not been told is kept, and comes back by itself."""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bot.channels.webchat.keys import address_of

Frame = dict[str, Any]
LONGEST = 2000
BREATH, PATIENCE = 0.02, 60.0
NOT_THERE = (OSError, ConnectionClosed, TimeoutError, EOFError)


class Browser:
    """One window on `url` (the page's address). What it shows is in `messages`, by id, in the order of its arrival."""

    def __init__(self, url: str, key: str = "", token: str = "") -> None:
        self.url, self.key, self.token = url, key or secrets.token_urlsafe(32), token
        self.address = address_of(self.key)
        self.messages: dict[str, Frame] = {}
        self.frames: list[Frame] = []
        self.unkept: dict[str, Frame] = {}
        self.refused: list[Frame] = []
        self.doubled: list[str] = []
        self.cursor = ""
        self.socket: ClientConnection | None = None
        self._sending: set[asyncio.Future[None]] = set()
        self._changed, self._running = asyncio.Condition(), asyncio.create_task(self._run())

    async def __aenter__(self) -> Self:
        await self.until(lambda: self.socket is not None)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """The window is closed."""
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def until(self, true: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(true)

    def says(self, text: str = "", **more: Any) -> str:
        """Say something, now or as soon as the window is connected; returns the id of it."""
        frame = {"type": "say", "id": str(uuid.uuid4()), "text": text[:LONGEST], **more}
        self.unkept[frame["id"]] = frame
        sending = asyncio.ensure_future(self._send(frame))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        return str(frame["id"])

    async def said(self, text: str = "", **more: Any) -> str:
        """Say something, and wait until it is kept."""
        id_ = self.says(text, **more)
        await self.until(lambda: id_ not in self.unkept)
        return id_

    async def repeat(self, frame: Frame) -> None:
        """Send a frame, whatever it is, once more."""
        await self._send(frame)

    async def sync(self) -> None:
        """Have everything that was said before this moment, from whoever serves now or comes to serve."""
        while True:
            await self.until(lambda: self.socket is not None)
            socket, pongs = self.socket, self._pongs()
            await self._send({"type": "ping"})
            await self.until(lambda: self._pongs() > pongs or self.socket is not socket)  # noqa: B023 - awaited here
            if self._pongs() > pongs:
                return

    def shop_said(self) -> list[str]:
        """The texts of the shop."""
        return [message["text"] for message in self.messages.values() if message["from"] == "shop"]

    def _pongs(self) -> int:
        return sum(frame["type"] == "pong" for frame in self.frames)

    async def _run(self) -> None:
        while True:
            with suppress(*NOT_THERE, Exception):
                await self._connected()
            self.socket = None
            await self._tell()
            await asyncio.sleep(BREATH)

    async def _connected(self) -> None:
        live = f"{self.url.replace('http', 'ws', 1)}/live"
        async with connect(live, open_timeout=5, proxy=None) as socket:
            hello = {"type": "hello", "key": self.key, "token": self.token, "lang": "en", "after": self.cursor}
            await socket.send(json.dumps(hello))
            async for data in socket:
                frame = json.loads(data)
                await self._hear(frame)
                if frame["type"] == "hello":
                    self.socket = socket
                    for waiting in list(self.unkept.values()):
                        await socket.send(json.dumps(waiting))
                await self._tell()

    async def _hear(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.cursor = frame.get("cursor", self.cursor)
        match frame["type"]:
            case "hello":
                for message in frame["messages"]:
                    self.messages.setdefault(message["id"], message)
            case "message":
                if frame["id"] in self.messages:
                    self.doubled.append(frame["id"])
                self.messages.setdefault(frame["id"], frame)
            case "edited" if frame["id"] in self.messages:
                self.messages[frame["id"]] |= {"text": frame["text"], "choices": frame["choices"]}
            case "kept" if said := self.unkept.pop(frame["id"], None):
                self.messages.setdefault(frame["id"], {**said, "from": "buyer"})
            case "refused":
                self.refused.append(frame)
                self.unkept.pop(frame["id"], None)

    async def _send(self, frame: Frame) -> None:
        if self.socket is not None:
            with suppress(*NOT_THERE):
                await self.socket.send(json.dumps(frame))

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
