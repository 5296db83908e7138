"""Ports for programs that cannot choose their own."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress

FIRST, MANY = 20_000, 12_000
"""Below those that the system gives to connections and to whoever asks for any port: it gives none of these away
between our choosing one and the program's serving there."""


def free_port() -> int:
    """A port that nobody uses."""
    while True:
        port = FIRST + secrets.randbelow(MANY)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
