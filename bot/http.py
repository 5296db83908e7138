"""The one HTTP port: webhooks and chats of channels, `GET /health`, the console. Served in the program's own loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from math import inf
from types import MappingProxyType

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.connection import LOOPBACK, MOST_CONNECTIONS, Connection
from bot.listening import PortTaken, listen, room_for

__all__ = ["Http", "PortTaken", "make_app"]

log = structlog.get_logger(__name__)
NO_LIMITS: Mapping[str, int] = MappingProxyType({})
LARGEST_BODY = 1_000_000
HURRY, PATIENT_HURRY = 10.0, 60.0
"""Seconds for a body to arrive; for a large one."""
PATIENCE = 3
LARGEST_FRAME = 1_000_000
Health = Callable[[], dict[str, str]]
Mount = Callable[[FastAPI], None]


class Http:
    """A server on `host` and `port` (0: any free one, known as `port` once it has started).

    `largest` are the bytes of a body by the beginning of a path, where more than a megabyte may come; `mount` adds
    what else is served.
    """

    def __init__(
        self,
        host: str,
        port: int,
        routes: Sequence[BaseRoute],
        health: Health,
        largest: Mapping[str, int] = NO_LIMITS,
        mount: Mount | None = None,
    ) -> None:
        self.host, self.port = host, port
        self._app = make_app(routes, health, largest, mount)
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve from now on; what is mounted has started too. Raises PortTaken."""
        listening = listen(self.host, self.port)
        self.port = listening.getsockname()[1]
        Connection.most = room_for(MOST_CONNECTIONS)
        config = uvicorn.Config(
            self._app,
            http=Connection,
            ws="websockets-sansio",
            ws_max_size=LARGEST_FRAME,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="on",
            server_header=False,
            forwarded_allow_ips=list(LOOPBACK),
            timeout_graceful_shutdown=PATIENCE,
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve([listening]), name="http")
        await self._server.is_up(self._serving)
        log.info("http_serves", host=self.host, port=self.port)

    async def stop(self) -> None:
        """Finish the requests at hand, for a few seconds at the most."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await asyncio.wait({self._serving}, timeout=PATIENCE + 1)
        self._serving.cancel()
        await asyncio.wait({self._serving})


def make_app(
    routes: Sequence[BaseRoute], health: Health, largest: Mapping[str, int] = NO_LIMITS, mount: Mount | None = None
) -> FastAPI:
    """The application: an error is a word in JSON and never a traceback."""

    async def healthy(_request: Request) -> Response:
        states = health()
        return JSONResponse({"ok": all(state == "up" for state in states.values()), "channels": states})

    app = FastAPI(
        routes=[Route("/health", healthy), *routes],
        exception_handlers={HTTPException: _refused, Exception: _broken},
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.add_middleware(_Bodies, largest=largest)
    if mount is not None:
        mount(app)
    return app


class _Server(uvicorn.Server):
    """Signals belong to the program."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take callers, after all that is served has started."""
        await super().startup(sockets)
        self._up.set()

    async def is_up(self, serving: asyncio.Task[None]) -> None:
        """Wait until callers are taken. Raises RuntimeError if it came to nothing."""
        up = asyncio.create_task(self._up.wait())
        await asyncio.wait({up, serving}, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        if serving.done() or self.should_exit:
            await serving
            raise RuntimeError("http: what is to be served could not start; the log says why")


class _Bodies:
    """Refuses a body that is larger than it may be, whether it says so or not, and one that does not arrive in time."""

    def __init__(self, app: ASGIApp, largest: Mapping[str, int]) -> None:
        self._app, self._largest = app, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = next((most for path, most in self._largest.items() if scope["path"].startswith(path)), LARGEST_BODY)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > most:
            await _said(413)(scope, receive, send)
            return
        await self._app(scope, _measured(receive, most), send)


def _measured(receive: Receive, most: int) -> Receive:
    size, until = 0, asyncio.get_running_loop().time() + (HURRY if most <= LARGEST_BODY else PATIENT_HURRY)

    async def measured() -> Message:
        nonlocal size, until
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, headers={"connection": "close"}) from None
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413)
        if not message.get("more_body"):
            until = inf
        return message

    return measured


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _said(error.status_code, error.headers)


async def _broken(_request: Request, _error: Exception) -> Response:
    return _said(500)


def _said(status: int, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": HTTPStatus(status).phrase.lower()}, status, headers)
