"""The key by which a browser is known. It is a secret of the buyer's: it stands in no address, no log, no database."""

from __future__ import annotations

import re
from hashlib import sha256

_KEY = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class NoKey(ValueError):
    """This is no key: 32 bytes in base64url are expected."""


def address_of(key: object) -> str:
    """The address of the chat of this key. Raises NoKey."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise NoKey
    return f"w-{sha256(key.encode()).hexdigest()[:32]}"


def bearer(header: str) -> str:
    """The address of the chat whose key stands in an Authorization header. Raises NoKey."""
    scheme, _, key = header.partition(" ")
    return address_of(key.strip() if scheme.lower() == "bearer" else None)
