"""One open socket: a queue of frames, and a writer that is never waited for."""

from __future__ import annotations

import asyncio
import json

from starlette.websockets import WebSocket

from bot.channels.webchat.message import Frame

MOST_WAITING, SLOW = 200, 20.0
"""So many frames may wait for a window, and so many seconds may one take; else it is dropped, and finds all again."""


class SocketWindow:
    """What a window is offered is written in order; `lost` once it cannot follow."""

    def __init__(self, socket: WebSocket, most: int = MOST_WAITING, slow: float = SLOW) -> None:
        self._socket, self._slow = socket, slow
        self._queue: asyncio.Queue[Frame | None] = asyncio.Queue(most)
        self.lost = asyncio.Event()

    def offer(self, frame: Frame) -> None:
        """Show it as soon as may be."""
        self._put(frame)

    def end(self) -> None:
        """Write what waits, and nothing more."""
        self._put(None)

    async def write(self) -> None:
        """Write until the end. Raises TimeoutError if the other side takes nothing, and what a broken socket raises."""
        while (frame := await self._queue.get()) is not None:
            async with asyncio.timeout(self._slow):
                await self._socket.send_text(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))

    def _put(self, frame: Frame | None) -> None:
        try:
            self._queue.put_nowait(frame)
        except asyncio.QueueFull:
            self.lost.set()
