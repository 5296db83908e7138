"""The port that is listened on."""

from __future__ import annotations

import socket
from typing import Any

BACKLOG = 100


class PortTaken(OSError):
    """The address cannot be served; the message says which and why."""


def room_for(most: int) -> int:
    """How many callers may be here at once: `most`, or fewer where files could not be opened beside them any more."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return most
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return most
    if soft < most * 4:
        soft = most * 4 if hard == resource.RLIM_INFINITY else max(soft, min(hard, most * 4))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(most, soft // 2)


def listen(host: str, port: int) -> socket.socket:
    """A socket that callers may connect to at once. Raises PortTaken."""
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
