"""Addresses of the web chat: what a browser's key is known by, and where the photos of a chat stand."""

from __future__ import annotations

import re

PHOTOS = "@webchat"
"""Begins the path of what is kept of a web chat, where files of buyers are listed together; no shop has such an id."""
_ADDRESS = re.compile(r"w-[0-9a-f]{32}")


def is_address(text: str) -> bool:
    """Whether this is the address of a web chat."""
    return _ADDRESS.fullmatch(text) is not None


def photos_of(channel: str, address: str) -> str:
    """The path of the photos of one chat."""
    return f"{PHOTOS}/{channel}/{address}"


def chat_of_photos(path: str) -> tuple[str, str] | None:
    """The channel and the address in such a path; None for every other path."""
    beginning, channel, address = (*path.split("/"), "", "")[:3]
    return (channel, address) if beginning == PHOTOS and channel and is_address(address) else None
