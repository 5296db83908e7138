"""The one HTTP port: webhooks of channels, and `GET /health`. Served in the loop of the program itself."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from math import inf
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

log = structlog.get_logger(__name__)
LARGEST_BODY = 1_000_000
HURRY = 10.0
"""Seconds for a request to begin, and for its body to arrive."""
MOST_CONNECTIONS, BACKLOG = 200, 100
PATIENCE = 3
Health = Callable[[], dict[str, str]]


class PortTaken(OSError):
    """The address cannot be served; the message says which and why."""


class Http:
    """A server on `host` and `port` (0: any free one, known as `port` once it has started)."""

    def __init__(self, host: str, port: int, routes: Sequence[BaseRoute], health: Health) -> None:
        self.host, self.port = host, port
        self._app = make_app(routes, health)
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Serve from now on. Raises PortTaken."""
        listening = _bind(self.host, self.port)
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http=_Connection,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=PATIENCE,
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve([listening]), name="http")
        log.info("http_serves", host=self.host, port=self.port)

    async def stop(self) -> None:
        """Finish the requests at hand, for a few seconds at the most."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await asyncio.wait({self._serving}, timeout=PATIENCE + 1)
        self._serving.cancel()
        await asyncio.wait({self._serving})


def make_app(routes: Sequence[BaseRoute], health: Health) -> Starlette:
    """The application: an error is a word in JSON and never a traceback."""

    async def healthy(_request: Request) -> Response:
        states = health()
        return JSONResponse({"ok": all(state == "up" for state in states.values()), "channels": states})

    return Starlette(
        routes=[Route("/health", healthy), *routes],
        middleware=[Middleware(_Bodies)],
        exception_handlers={HTTPException: _refused, Exception: _broken},
    )


class _Server(uvicorn.Server):
    """Signals belong to the program."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Connection(H11Protocol):
    """One that says nothing, or is one too many, is closed: it would hold what the rest of the program needs."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there."""
        super().connection_made(transport)
        self.loop.call_later(HURRY, self._close_if_silent)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.close()

    def _close_if_silent(self) -> None:
        if self.cycle is None:
            self.transport.close()


class _Bodies:
    """Refuses a body of more than a megabyte, whether it says so or not, and one that does not arrive in time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > LARGEST_BODY:
            await _said(413)(scope, receive, send)
            return
        await self._app(scope, _measured(receive), send)


def _measured(receive: Receive) -> Receive:
    size, until = 0, asyncio.get_running_loop().time() + HURRY

    async def measured() -> Message:
        nonlocal size, until
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, headers={"connection": "close"}) from None
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
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


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return _listening(socket.socket(family, kind, proto), address)
    except OSError as error:
        raise PortTaken(f"http: {host}:{port} cannot be served: {error.strerror}; choose another http.port") from error


def _listening(door: socket.socket, address: Any) -> socket.socket:
    """Who comes before the server takes callers waits, and is not turned away."""
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
        door.listen(BACKLOG)
    except OSError:
        door.close()
        raise
    door.setblocking(False)
    return door
