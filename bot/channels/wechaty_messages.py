"""What a message on Wechaty's wire means. No connection here: payloads in, events out."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

from followup.events import Incoming, MessageRecalled, MessageReceived
from followup.model import Attachment, Instant, Media
from followup.understood import Intent
from handlers.understand import understand


class Kind(IntEnum):
    """Types of messages as gateways number them; the enum of the Python package is of another, older numbering."""

    UNKNOWN = 0
    ATTACHMENT = 1
    AUDIO = 2
    CONTACT = 3
    CHAT_HISTORY = 4
    EMOTICON = 5
    IMAGE = 6
    TEXT = 7
    LOCATION = 8
    MINI_PROGRAM = 9
    GROUP_NOTE = 10
    TRANSFER = 11
    RED_ENVELOPE = 12
    RECALLED = 13
    URL = 14
    VIDEO = 15
    POST = 16


MEDIA = {
    Kind.ATTACHMENT: Media.FILE,
    Kind.AUDIO: Media.VOICE,
    Kind.CONTACT: Media.CARD,
    Kind.EMOTICON: Media.STICKER,
    Kind.IMAGE: Media.PHOTO,
    Kind.LOCATION: Media.LOCATION,
    Kind.MINI_PROGRAM: Media.CARD,
    Kind.URL: Media.CARD,
    Kind.VIDEO: Media.VIDEO,
}
UNIMPORTANT = frozenset({Kind.UNKNOWN, Kind.GROUP_NOTE})  # "you are friends now", "Li renamed the group"
WITH_BYTES = frozenset({Media.FILE, Media.VOICE, Media.STICKER, Media.PHOTO, Media.VIDEO})
OFFICIAL = 2
WECHAT_ITSELF = frozenset({"weixin", "fmessage", "filehelper", "medianote", "floatbottle", "newsapp"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the account's list of contacts; an official account is nobody to talk to."""

    name: str = ""
    is_official: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads messages for the shop that this channel speaks for."""

    shop: str
    channel: str

    def events(self, payload: Any, id_: str, talker: Person, me: str, heard_at: Instant) -> list[Incoming]:
        """The events of a message that `talker` sent to our account `me`; none if it is nothing to us."""
        kind = _kind(payload.type)
        address, at = payload.from_id, _time(payload.timestamp, heard_at)
        if address in ("", me, *WECHAT_ITSELF) or talker.is_official or kind in UNIMPORTANT:
            return []
        if kind == Kind.RECALLED:
            return [MessageRecalled(self.shop, self.channel, address, id_, at, recalled=payload.text.strip())]
        text = payload.text if kind == Kind.TEXT else ""
        if payload.room_id and me not in payload.mention_ids and not _says_stop(text, at):
            return []
        attachments = () if kind == Kind.TEXT else (_attachment(kind, id_, payload.filename),)
        return [
            MessageReceived(
                self.shop, self.channel, address, id_, text, at, talker.name, attachments, room=payload.room_id
            )
        ]


def person(payload: Any) -> Person:
    """Who a contact's payload is about."""
    return Person(payload.name, int(payload.type) == OFFICIAL)


def _kind(number: int) -> Kind:
    try:
        return Kind(number)
    except ValueError:  # newer than this table
        return Kind.POST


def _attachment(kind: Kind, id_: str, filename: str) -> Attachment:
    """Its `ref` is the id of the message that holds it."""
    mime = mimetypes.guess_type(filename)[0] or ""
    return Attachment(MEDIA.get(kind, Media.OTHER), id_, filename or kind.name.lower(), mime)


def _says_stop(text: str, at: Instant) -> bool:
    return understand(text, at, ZoneInfo("UTC")).intent is Intent.STOP


def _time(timestamp: int, heard_at: Instant) -> Instant:
    """Gateways count milliseconds, some old ones seconds; a time that cannot be is replaced by when it was heard."""
    seconds = timestamp / 1000 if timestamp > 100_000_000_000 else timestamp
    at = datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 1e11 else heard_at
    return min(at, heard_at)
