"""The door of the console: every request and every socket passes here before anything else sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from nicegui import __version__
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.console.cookies import token_in
from bot.console.desk import Desk, Visit
from bot.console.headers import headers_of, is_from_us, is_ours
from bot.console.sessions import find
from bot.console.sockets import VISIT, owner_of

ROOT, LOGIN = "/console", "/console/login"
STATIC = f"{ROOT}/_nicegui/{__version__}/"
DYNAMIC = f"{STATIC}dynamic_resources/"
SOCKET = f"{ROOT}/_nicegui_ws/"
FILES = (f"{ROOT}/style.css", f"{ROOT}/keys.js")
OPEN = (LOGIN, *FILES)
PLAIN = (LOGIN, f"{ROOT}/password")
KEEP = "public, max-age=31536000, immutable"
SAFE = ("GET", "HEAD")
POLICY = "content-security-policy"
_OF_CLIENT = re.compile(rf"{ROOT}/_nicegui/client/([^/]+)/")
_AGAIN = '<!doctype html><meta http-equiv="refresh" content="0"><title>Huifang</title>'


class Guard:
    """Lets through what may pass, with the visit in the scope; what is not the console's passes untouched."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] not in ("http", "websocket") or not (path == ROOT or path.startswith(f"{ROOT}/")):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            headers = headers_of(self._desk.config, path in PLAIN)
            await self._request(scope, receive, _with(send, headers, is_file(path)))

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refused(scope) or await self._unknown(scope)
        await (refused or self._app)(scope, receive, send)

    def _refused(self, scope: Scope) -> Response | None:
        """Nothing is answered under a name that is not ours, nor changed at the wish of another page."""
        headers = Headers(scope=scope)
        if not is_ours(headers.get("host", ""), self._desk.config):
            return PlainTextResponse(
                "The console is not served under this name; set console.url (docs/console.md).", 421
            )
        if scope["path"].startswith(SOCKET):
            return PlainTextResponse("The console needs a WebSocket (docs/console.md).", 400)
        if scope["method"] not in SAFE and not is_from_us(headers):
            return PlainTextResponse("This did not come from a page of the console.", 403)
        return None

    async def _unknown(self, scope: Scope) -> Response | None:
        """Who is not logged in sees the login and what it is made of."""
        path = scope["path"]
        if path in OPEN or is_file(path):
            return None
        visit = await self._visit(scope)
        if visit is None:
            return self._to_login(scope)
        client = _OF_CLIENT.match(path)
        if client and owner_of(client[1]) != visit.session:
            return PlainTextResponse("This page is somebody else's.", 403)
        return None

    async def _visit(self, scope: Scope) -> Visit | None:
        token = token_in(HTTPConnection(scope), self._desk.config)
        visit = await find(self._desk, token) if token else None
        scope[VISIT] = visit
        return visit

    def _to_login(self, scope: Scope) -> Response:
        headers = Headers(scope=scope)
        if scope["method"] not in SAFE or scope["path"].startswith(f"{ROOT}/_nicegui"):
            return PlainTextResponse("You are logged out.", 401)
        if headers.get("sec-fetch-site") == "cross-site":  # the cookie comes only with a request of our own page
            return HTMLResponse(_AGAIN)
        query = scope["query_string"].decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(LOGIN if wanted.rstrip("/") == ROOT else f"{LOGIN}?next={quote(wanted)}", 303)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Only a page of ours, and only of somebody who is logged in, gets a socket."""
        headers = Headers(scope=scope)
        may = is_ours(headers.get("host", ""), self._desk.config) and "origin" in headers and is_from_us(headers)
        if may and scope["path"].startswith(SOCKET) and await self._visit(scope) is not None:
            await self._app(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": 1008})


def is_file(path: str) -> bool:
    """Whether it is a file that is the same for all; its address changes when it does."""
    return path in FILES or (path.startswith(STATIC) and not path.startswith(DYNAMIC))


def _with(send: Send, headers: Mapping[str, str], is_kept: bool) -> Send:
    """Every answer carries the headers, but for a policy of its own. Files alone are kept by the browser."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            keep = KEEP if is_kept and message["status"] == 200 else "no-store"
            answer = MutableHeaders(scope=message)
            own = answer.get(POLICY)
            answer.update({**headers, "cache-control": keep, **({POLICY: own} if own else {})})
        await send(message)

    return sending
