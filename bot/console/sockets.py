"""Whose socket and whose page is whose: a socket serves the pages of its own session, and ends with it."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs

import structlog
from nicegui import Client, core
from nicegui import nicegui as inner
from socketio.exceptions import ConnectionRefusedError as Refused  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError

from bot.console.desk import Desk, Visit
from bot.console.sessions import SEEN_EVERY, beside, touch, written
from followup.model import Instant
from store.console import logins

log = structlog.get_logger(__name__)
LOOK, START = 1.0, "/"
VISIT = "huifang.visit"
"""Under this name the door keeps in the scope of a request who made it."""
HEARD = ("connect", "handshake", "event", "javascript_response", "ack", "log", "disconnect")


def owner_of(client_id: str) -> str:
    """The session in which a page was opened, "" if there is no such page."""
    client = Client.instances.get(client_id)
    visit = client.request.scope.get(VISIT) if client else None
    return visit.session if isinstance(visit, Visit) else ""


class Sockets:
    """One for the program: knows the open sockets, and closes those whose session is over or whose person has become
    another: within a second."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: dict[str, Visit] = {}
        self._touched: dict[str, Instant] = {}
        self._looking: asyncio.Task[None] | None = None

    def guard(self) -> None:
        """Have whatever a socket says pass here before NiceGUI hears it."""
        for name in HEARD:
            core.sio.on(name, getattr(self, f"_{name}"))

    async def start(self) -> None:
        """Look after the open sockets from now on."""
        self._looking = asyncio.create_task(self._look(), name="console sockets")

    async def stop(self) -> None:
        """Look no more; what people saw and did is written down by then."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        await written()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.close_ended()
            except DBAPIError as error:
                log.warning("sessions_not_read", error=type(error).__name__)

    async def close_ended(self) -> None:
        """Close every socket whose session is over, and whose person may see something else now; they are sent on to
        where they can go."""
        now_open = list(self._open.items())
        if not now_open:
            return
        digests = {visit.session for _, visit in now_open}
        lasting = await self._desk.read(logins.lasting, digests, self._desk.wall.now())
        for sid, visit in now_open:
            if visit.session not in lasting or self._desk.deps.roster.named(visit.person.id) != visit.person:
                await core.sio.emit("open", {"path": START, "new_tab": False}, to=sid)
                await core.sio.disconnect(sid)
        self._touched = {digest: at for digest, at in self._touched.items() if digest in lasting}

    def _is_own(self, sid: str, message: Any) -> bool:
        visit, page = self._open.get(sid), message.get("client_id") if isinstance(message, dict) else None
        return visit is not None and isinstance(page, str) and owner_of(page) == visit.session

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: Any = None) -> None:
        visit = environ.get("asgi.scope", {}).get(VISIT)
        if not isinstance(visit, Visit):
            raise Refused("not logged in")
        (client, *_) = parse_qs(environ.get("QUERY_STRING", "")).get("client_id", [""])
        if client in Client.instances and owner_of(client) != visit.session:
            raise Refused("somebody else's page")
        self._open[sid] = visit
        try:
            await inner._on_connect(sid, environ)
        except Refused:
            self._open.pop(sid, None)
            raise

    async def _handshake(self, sid: str, message: dict[str, Any]) -> bool:
        return self._is_own(sid, message) and await inner._on_handshake(sid, message)

    def _event(self, sid: str, message: dict[str, Any]) -> None:
        if self._is_own(sid, message):
            self._touch(self._open[sid].session)
            inner._on_event(sid, message)

    def _javascript_response(self, sid: str, message: dict[str, Any]) -> None:
        if self._is_own(sid, message):
            inner._on_javascript_response(sid, message)

    def _ack(self, sid: str, message: dict[str, Any]) -> None:
        if self._is_own(sid, message):
            inner._on_ack(sid, message)

    def _log(self, _sid: str, _message: dict[str, Any]) -> None:
        """What a browser would like to write into our log may hold a buyer's words."""

    def _disconnect(self, sid: str, *_reason: Any) -> None:
        inner._on_disconnect(sid)
        self._open.pop(sid, None)

    def _touch(self, session: str) -> None:
        """Who does something in an open page is there, and stays logged in."""
        now = self._desk.wall.now()
        if now - self._touched.get(session, now - SEEN_EVERY) >= SEEN_EVERY:
            self._touched[session] = now
            beside(touch(self._desk, session), "touch")
