"""Files that are the same for all are made ready once, and sent from memory to every browser that asks after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 8_000_000
"""Bytes that are kept; what is asked for after is made each time."""
PARTLY = ("range", "if-none-match", "if-modified-since")
Key = tuple[str, bool]


@dataclass(frozen=True)
class _Answer:
    start: Message
    body: bytes

    async def send(self, send: Send) -> None:
        """To somebody who may add headers of his own."""
        await send({**self.start, "headers": list(self.start["headers"])})
        await send({"type": "http.response.body", "body": self.body})


class Packed:
    """Packing (gzip) a page's scripts and styles anew for each browser took longer than sending them."""

    def __init__(self, app: ASGIApp, is_file: Callable[[str], bool]) -> None:
        self._app, self._is_file = app, is_file
        self._kept: dict[Key, _Answer] = {}
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = self._key(scope)
        if key is None:
            await self._app(scope, receive, send)
        elif key in self._kept:
            await self._kept[key].send(send)
        else:
            await (await self._made(key, scope, receive)).send(send)

    def _key(self, scope: Scope) -> Key | None:
        """The file, and whether it may be packed; None for what is no whole file."""
        if scope["type"] != "http" or scope["method"] != "GET" or not self._is_file(scope["path"]):
            return None
        headers = Headers(scope=scope)
        if any(name in headers for name in PARTLY):
            return None
        return scope["path"], "gzip" in headers.get("accept-encoding", "")

    async def _made(self, key: Key, scope: Scope, receive: Receive) -> _Answer:
        said: list[Message] = []

        async def listen(message: Message) -> None:
            said.append(message)

        await self._app(scope, receive, listen)
        body = b"".join(message.get("body", b"") for message in said[1:])
        MutableHeaders(scope=said[0])["content-length"] = str(len(body))
        answer = _Answer(said[0], body)
        if said[0]["status"] == 200 and key not in self._kept and self._size + len(body) <= MOST:
            self._kept[key] = answer
            self._size += len(body)
        return answer
