"""One connection to a Wechaty gateway: attach, hear, ask, and notice that it is gone.

It speaks the Wechaty project's own protocol (package `wechaty-grpc`) and takes nothing of its Python client. grpclib
cancels whoever waits for an answer when the connection breaks, and leaves that task marked as cancelled: therefore
every call runs in a task of its own.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError
from wechaty_grpc.wechaty import PuppetStub  # type: ignore[import-untyped]

T = TypeVar("T")
Call = Callable[[Any], Coroutine[Any, Any, T]]
"""What to ask of the stub, such as `lambda gateway: gateway.version()`."""
BROKE = "the connection broke"
HUNG_UP = "the gateway hung up; another program may have attached to it"
WRONG_TOKEN = "the gateway does not know the token"  # noqa: S105


class Lost(Exception):
    """The connection is gone or was never made; what was asked may have happened or not."""


class NotAttached(Lost):
    """There is no connection; what was asked did not happen."""


class Unwelcome(Exception):
    """The gateway does not know the token; what was asked did not happen."""


class Failed(Exception):
    """The gateway answered that it could not do what was asked."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds: for an answer, for the account to start, between two pings of the connection and
    for the answer to one, and for any word at all before the gateway is asked for a sign of life."""

    answer: float = 20.0
    start: float = 30.0
    ping_every: float = 10.0
    ping_answer: float = 5.0
    silence: float = 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of the gateway: its number in the protocol, and its JSON."""

    type: int
    payload: str


class Link:
    """The way to one gateway, attached to it at most once at a time."""

    def __init__(self, endpoint: str, token: str, *, tls: bool = False, limits: Limits | None = None) -> None:
        self.endpoint, self._token, self._tls, self._limits = endpoint, token, tls, limits or Limits()
        self._stub: Any = None
        logging.getLogger("hpack").setLevel(logging.INFO)  # below that it writes headers, our token among them

    @property
    def attached(self) -> bool:
        """Whether the gateway hears us, as far as we know."""
        return self._stub is not None

    async def attach(self, hear: Callable[[list[Heard]], Awaitable[None]]) -> None:
        """Take the gateway over from whoever had it, and hand what happens to `hear`, in order, until that ends.

        Raises Lost, Unwelcome and Failed; never returns.
        """
        channel = self._channel()
        stub = PuppetStub(channel, metadata={"authorization": f"Wechaty {self._token}"})
        ear: _Ear | None = None
        try:
            await self._within(self._limits.answer, stub.stop())
            ear = _Ear(stub)  # before the start, so that nothing is missed
            await self._within(self._limits.start, stub.start())
            self._stub = stub
            while True:
                await hear(await self._next(ear, stub))
        finally:
            self._stub = None
            channel.close()
            if ear:
                await _end(ear.reading)

    async def ask(self, call: Call[T], seconds: float | None = None) -> T:
        """The gateway's answer, within so many seconds if the usual limit does not do.

        Raises Lost (NotAttached if nothing was asked), Unwelcome and Failed.
        """
        if self._stub is None:
            raise NotAttached(f"not connected to {self.endpoint}")
        return await self._within(seconds or self._limits.answer, call(self._stub))

    async def _next(self, ear: _Ear, stub: Any) -> list[Heard]:
        if not await ear.hears(self._limits.silence):
            await self._within(self._limits.answer, stub.ding(data="huifang"))
            if not await ear.hears(self._limits.answer):
                raise Lost("the gateway fell silent")
        if events := ear.take():
            return events
        await self._within(self._limits.answer, ear.ended())
        raise Lost(HUNG_UP)

    async def _within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """Do some work in a task of its own, in so much time."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task}, timeout=seconds)
        finally:
            in_time = task.done()
            await _end(task)
        if not in_time:
            raise Lost(f"no answer within {seconds:g} s")
        if task.cancelled():
            raise Lost(BROKE)
        try:
            return task.result()
        except ConnectionRefusedError:
            raise NotAttached(f"nobody listens at {self.endpoint}") from None
        except StreamTerminatedError:
            raise Lost(BROKE) from None
        except GRPCError as error:
            raise self._meaning(error) from None
        except Exception as error:  # noqa: BLE001 - whatever breaks in there, the connection is no good any more
            raise Lost(self._without_token(f"{type(error).__name__}: {error}")) from None

    def _meaning(self, error: GRPCError) -> Exception:
        if error.status is Status.UNAUTHENTICATED:
            return Unwelcome(WRONG_TOKEN)
        first_line = (error.message or error.status.name).partition("\n")[0]  # the rest is where in the gateway
        said = self._without_token(first_line.removeprefix("Error: "))
        return Lost(said) if error.status in (Status.UNAVAILABLE, Status.CANCELLED) else Failed(said)

    def _without_token(self, text: str) -> str:
        """A gateway quotes the token that it refuses."""
        return text.replace(self._token, "[secret]") if self._token else text

    def _channel(self) -> Channel:
        host, _, port = self.endpoint.rpartition(":")
        limits = self._limits
        pings = Configuration(
            _keepalive_time=limits.ping_every,
            _keepalive_timeout=limits.ping_answer,
            _keepalive_permit_without_calls=True,
            _http2_max_pings_without_data=0,
            _http2_min_sent_ping_interval_without_data=limits.ping_every / 2,
        )
        return Channel(host.strip("[]"), int(port), ssl=_trust() if self._tls else None, config=pings)


def _trust() -> ssl.SSLContext:
    """Whom this machine trusts (SSL_CERT_FILE adds to it), over HTTP/2."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2"])
    return context


class _Ear:
    """Reads the stream of events as fast as it comes, in a task of its own."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub
        self._events: list[Heard] = []
        self._news = asyncio.Event()
        self.reading = asyncio.create_task(self._read())

    async def hears(self, seconds: float) -> bool:
        """Whether there is something to take within this time; the end of the stream is something too."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def take(self) -> list[Heard]:
        """What was heard since the last time; nothing if the stream has ended."""
        events, self._events = self._events, []
        if events:
            self._news.clear()
        if self.reading.done():
            self._news.set()
        return events

    async def ended(self) -> None:
        """Raises what ended the stream, if it was an error."""
        await self.reading

    async def _read(self) -> None:
        try:
            async for event in self._stub.event():
                self._events.append(Heard(int(event.type), event.payload))
                self._news.set()
        finally:
            self._news.set()


async def _end(task: asyncio.Future[Any]) -> None:
    """Stop a task that is not done, and look at its error, if it has one."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=5)
    if task.done() and not task.cancelled():
        task.exception()
