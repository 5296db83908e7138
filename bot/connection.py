"""One caller at the port, for as long as he is on the line."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HURRY = 10.0
"""Seconds for a request to begin and for its head to arrive."""
MOST_CONNECTIONS, MOST_OF_ONE = 1000, 100
LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
FULL = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Connection(H11Protocol):
    """One that says nothing, or is one too many, is closed: it would hold what the rest of the program needs."""

    most = MOST_CONNECTIONS
    is_upgraded = False
    _hurried: Any = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there."""
        super().connection_made(transport)
        self._hurry()
        if len(self.connections) > self.most or self._of_the_same() > MOST_OF_ONE:
            transport.write(FULL)
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Part of a request, which has to come to its end; the first one no sooner than those after it."""
        super().data_received(data)
        if self._is_awaited and self._hurried is not self.cycle:
            self._hurry()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """It speaks otherwise from now on."""
        self.is_upgraded = True
        super().handle_websocket_upgrade(event)

    def _of_the_same(self) -> int:
        """How many connections its address has; of this computer, where a server with HTTPS may be, any are well."""
        host = self.client[0] if self.client else ""
        if host in LOOPBACK:
            return 0
        return sum((getattr(each, "client", None) or ("",))[0] == host for each in self.connections)

    @property
    def _is_awaited(self) -> bool:
        """Whether the next request has not begun."""
        return not self.is_upgraded and (self.cycle is None or self.cycle.response_complete)

    def _hurry(self) -> None:
        self._hurried = self.cycle
        self.loop.call_later(HURRY, self._close_if_silent, self.cycle)

    def _close_if_silent(self, before: Any) -> None:
        if self._is_awaited and self.cycle is before:
            self.transport.close()
