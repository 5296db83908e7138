"""A small gateway of our own on Wechaty's wire, for what the real one cannot be made to do; and an inbox that shows
what it was given."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from grpclib.const import Cardinality, Handler
from grpclib.server import Server, Stream
from wechaty_grpc.wechaty import puppet  # type: ignore[import-untyped]

from followup.model import Cursor, Health, Raw

Answer = Callable[[Any], Awaitable[Any]]
ASKED = ("Stop", "Start", "Ding", "MessagePayload", "ContactPayload", "MessageSendText", "MessageFile")


class Wire:
    """Answers each call by `answers[name](request)`, else with an empty answer; says what is put into `events`."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.events: asyncio.Queue[tuple[int, str] | None] = asyncio.Queue()
        self.port = 0

    def say(self, type_: int, **fields: Any) -> None:
        """Something happens."""
        self.events.put_nowait((type_, json.dumps(fields)))

    def hang_up(self) -> None:
        """The stream of events ends."""
        self.events.put_nowait(None)

    def __mapping__(self) -> dict[str, Handler]:
        def unary(name: str) -> Handler:
            request, answer = getattr(puppet, f"{name}Request"), getattr(puppet, f"{name}Response")

            async def answered(stream: Stream[Any, Any]) -> None:
                self.asked.append(name)
                asked = await stream.recv_message()
                given = await self.answers[name](asked) if name in self.answers else answer()
                await stream.send_message(given)

            return Handler(answered, Cardinality.UNARY_UNARY, request, answer)

        stream = Handler(self._event, Cardinality.UNARY_STREAM, puppet.EventRequest, puppet.EventResponse)
        return {"/wechaty.Puppet/Event": stream, **{f"/wechaty.Puppet/{name}": unary(name) for name in ASKED}}

    async def _event(self, stream: Stream[Any, Any]) -> None:
        self.asked.append("Event")
        await stream.recv_message()
        while (event := await self.events.get()) is not None:
            await stream.send_message(puppet.EventResponse(type=event[0], payload=event[1]))


@asynccontextmanager
async def running(wire: Wire, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """The gateway listens, at `wire.port`."""
    server = Server([wire])
    await server.start("127.0.0.1", 0, ssl=tls)
    (socket,) = server._server.sockets  # type: ignore[union-attr]
    wire.port = socket.getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        wire.hang_up()
        await server.wait_closed()


@dataclass
class Kept:
    """An inbox that keeps everything it is given, except the first `fails` times."""

    raws: list[Raw] = field(default_factory=list)
    reports: list[tuple[Health, str, bool]] = field(default_factory=list)
    fails: int = 0

    async def take(self, raws: Sequence[Raw], cursor: Cursor | None = None) -> None:
        """Keep them."""
        if self.fails:
            self.fails -= 1
            raise OSError("disk full")
        self.raws += raws

    async def cursor(self, name: str) -> str:
        """There is none."""
        return ""

    async def report(self, health: Health, detail: str = "", gap: bool = False) -> None:
        """Note it."""
        self.reports.append((health, detail, gap))

    @property
    def health(self) -> Health | None:
        """What was reported last."""
        return self.reports[-1][0] if self.reports else None
