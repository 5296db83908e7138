"""What a browser sends: frames of JSON, read strictly, for anybody can send anything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.channels.webchat.keys import NoKey, address_of
from followup.split import storable

LARGEST = 65_536
LONGEST_TEXT, MOST_PHOTOS = 2000, 6
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{0,100}", re.ASCII)
Fields = dict[str, Any]


class Malformed(ValueError):
    """A frame that no page of ours sends; `id` is its own, if it has one."""

    def __init__(self, id_: object = "") -> None:
        super().__init__("malformed")
        self.id = id_ if isinstance(id_, str) and _ID.fullmatch(id_) else ""


@dataclass(frozen=True, slots=True)
class Hello:
    """A window opens the chat of `address`; it has seen everything up to the cursor `after`."""

    address: str
    token: str = ""
    lang: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """The buyer says something; `choice` is the id of a button of the message `answers`."""

    id: str
    text: str = ""
    choice: str = ""
    answers: str = ""
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The buyer has seen everything up to this message."""

    id: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Somebody is still there."""


Frame = Hello | Say | Seen | Ping


def read(text: str | bytes) -> Frame:
    """The frame in a text. Raises Malformed."""
    if len(text) > LARGEST:
        raise Malformed
    try:
        return frame_of(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, Malformed) else Malformed() from None


def frame_of(fields: object) -> Frame:
    """The frame in what was decoded from JSON. Raises Malformed."""
    if not isinstance(fields, dict):
        raise Malformed
    kind = fields.get("type")
    make = _KINDS.get(kind) if isinstance(kind, str) else None
    if make is None:
        raise Malformed(fields.get("id"))
    return make(fields)


def _hello(fields: Fields) -> Hello:
    try:
        address = address_of(fields.get("key"))
    except NoKey:
        raise Malformed from None
    token = _text(fields, "token")
    return Hello(address, token if _TOKEN.fullmatch(token) else "", _text(fields, "lang"), _text(fields, "after"))


def _say(fields: Fields) -> Say:
    photos = fields.get("photos") or []
    if not isinstance(photos, list) or not all(isinstance(photo, str) for photo in photos):
        raise Malformed(fields.get("id"))
    text = storable(_text(fields, "text"))
    return Say(_id(fields), text, _text(fields, "choice"), _text(fields, "answers"), tuple(photos))


def _id(fields: Fields) -> str:
    id_ = _text(fields, "id")
    if not _ID.fullmatch(id_):
        raise Malformed
    return id_


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(fields.get("id"))
    return value


_KINDS: dict[str, Callable[[Fields], Frame]] = {
    "hello": _hello,
    "say": _say,
    "seen": lambda fields: Seen(_text(fields, "id")),
    "ping": lambda _fields: Ping(),
}
