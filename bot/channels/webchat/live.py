"""The socket: `hello` first, then whatever either side has to say, until one of them goes."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.channels.webchat.account import Account
from bot.channels.webchat.callers import caller_of, is_own_page
from bot.channels.webchat.frames import Frame, Hello, Malformed, Ping, Say, read
from bot.channels.webchat.limits import MOST_WINDOWS, MOST_WINDOWS_OF_ONE, TooMany
from bot.channels.webchat.talk import BUSY_FOR, Busy, Talk, refused
from bot.channels.webchat.window import SocketWindow

GONE, REFUSED, RESTART, LATER = 1001, 1008, 1012, 1013
HURRY, SILENCE, FAREWELL = 10.0, 120.0, 1.0
"""Seconds until a socket has said hello, for which it may say nothing, and to take its last frames."""
MALFORMED = "malformed"


class Left(Exception):
    """The conversation over this socket ends, for our part with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Live:
    """Serves the sockets of one account."""

    def __init__(self, account: Account, talk: Talk, silence: float = SILENCE) -> None:
        self._of, self._talk, self._silence = account, talk, silence

    async def serve(self, socket: WebSocket) -> None:
        """One socket, from its opening to its end."""
        if not is_own_page(socket, self._of.options.url) or self._of.closing.is_set():
            await socket.close(REFUSED)
            return
        await socket.accept()
        window = SocketWindow(socket)
        writing = asyncio.create_task(window.write())
        code = await self._until_over(socket, window, writing)
        window.end()
        await asyncio.wait({writing}, timeout=FAREWELL)
        writing.cancel()
        await asyncio.wait({writing})
        if not writing.cancelled():
            writing.exception()
        with suppress(WebSocketDisconnect, OSError, RuntimeError):
            await socket.close(code)

    async def _until_over(self, socket: WebSocket, window: SocketWindow, writing: asyncio.Task[None]) -> int:
        """Talk until anything ends it; the code to close with."""
        reading = asyncio.create_task(self._converse(socket, window))
        ends = [asyncio.create_task(each.wait()) for each in (window.lost, self._of.closing)]
        try:
            done, _ = await asyncio.wait({reading, writing, *ends}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, *ends):
                task.cancel()
            await asyncio.wait({reading, *ends})
        if reading in done:
            return reading.result()
        return RESTART if ends[1] in done else LATER

    async def _converse(self, socket: WebSocket, window: SocketWindow) -> int:
        caller = caller_of(socket)
        try:
            with ExitStack() as places:
                places.enter_context(self._of.limits.place(caller, MOST_WINDOWS_OF_ONE))
                hello = await self._hello(socket)
                places.enter_context(self._of.limits.place(hello.address, MOST_WINDOWS))
                for frame in await self._talk.hello(hello, caller):
                    window.offer(frame)
                places.enter_context(self._of.rooms.at(hello.address).shown_to(window))
                return await self._until_left(socket, hello, caller, window)
        except Malformed as error:
            window.offer(refused(error.id, MALFORMED))
            return REFUSED
        except TooMany as error:
            window.offer(refused("", "too_many", error.wait))
            return LATER
        except Busy:
            window.offer(refused("", "busy", BUSY_FOR))
            return LATER
        except Left as error:
            return error.code

    async def _hello(self, socket: WebSocket) -> Hello:
        frame = await self._next(socket, HURRY)
        if not isinstance(frame, Hello):
            raise Malformed
        return frame

    async def _until_left(self, socket: WebSocket, hello: Hello, caller: str, window: SocketWindow) -> int:
        while True:
            match await self._next(socket, self._silence):
                case Say() as say:
                    window.offer(await self._talk.say(hello.address, say, caller, window))
                case Ping():
                    window.offer({"type": "pong"})
                case Hello():
                    raise Malformed

    async def _next(self, socket: WebSocket, seconds: float) -> Frame:
        """The next frame. Raises Malformed and Left."""
        try:
            async with asyncio.timeout(seconds):
                message = await socket.receive()
        except TimeoutError:
            raise Left(GONE) from None
        if message["type"] != "websocket.receive":
            raise Left(GONE)
        text = message.get("text")
        if text is None:
            raise Malformed
        return read(text)
