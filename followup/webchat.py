"""The web chat: by which address a browser's key is known, what is read of a chat, and where its photos stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from followup.model import Choice, Inbound, Instant, Outgoing, Raw

PHOTOS = "@webchat"
"""Begins the path of what is kept of a web chat, where files of buyers are listed together; no shop has such an id."""
_ADDRESS = re.compile(r"w-[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Past:
    """A chat's newest rows: what the buyer said, what of it is not handled yet, what was sent to him with the changes
    of that (oldest first), the answers that he may tap now, and when he was erased, if ever."""

    said: tuple[Inbound, ...] = ()
    waiting: tuple[Raw, ...] = ()
    sent: tuple[Outgoing, ...] = ()
    changes: tuple[Outgoing, ...] = ()
    offered: tuple[Choice, ...] = ()
    erased_at: Instant | None = None


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
