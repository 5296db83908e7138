"""What is kept of an act before it is acknowledged, and what it means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from bot.channels.webchat.frames import Say
from bot.channels.webchat.message import BUYER, Message, Photo, photo_id
from followup.events import ChatOpened, Incoming, MessageReceived
from followup.model import Attachment, Instant, Media, Raw
from followup.ports import Unparseable

Fields = dict[str, Any]
LARGEST = 1 << 40


def said_raw(channel: str, address: str, say: Say, photos: Sequence[Attachment], at: Instant) -> Raw:
    """What a buyer said; the same id in the same chat is the same message for ever."""
    shown = [{"ref": each.ref, "name": each.name, "mime": each.mime, "size": each.size} for each in photos]
    body = {"address": address, "id": say.id, "text": say.text, "choice": say.choice, "photos": shown}
    return Raw(channel, f"{address}.{say.id}", _body(body), at)


def opened_raw(channel: str, address: str, token: str, at: Instant) -> Raw:
    """A chat was opened with a token; the same one shown again in the same chat is no news."""
    digest = sha256(token.encode()).hexdigest()[:32]
    return Raw(channel, f"{address}.open.{digest}", _body({"address": address, "token": token}), at)


def parse(raw: Raw, shop: str) -> Sequence[Incoming]:
    """The event. Raises Unparseable."""
    fields = _fields(raw)
    address = _text(fields, "address")
    if "token" in fields:
        token = _text(fields, "token")
        return [ChatOpened(shop, raw.channel, address, raw.external_id, raw.at, token=token)]
    text, choice = _text(fields, "text"), _text(fields, "choice")
    photos = _photos(fields)
    said = MessageReceived(shop, raw.channel, address, raw.external_id, text, raw.at, attachments=photos, choice=choice)
    return [said]


def said_in(raw: Raw) -> Message | None:
    """The message that waits in a raw event, if it is one."""
    try:
        fields = _fields(raw)
        if "token" in fields:
            return None
        photos = tuple(Photo(photo_id(each), each.name, each.mime) for each in _photos(fields))
        return Message(_text(fields, "id"), BUYER, raw.at, _text(fields, "text"), photos=photos)
    except Unparseable:
        return None


def photos_in(raw: Raw) -> list[str]:
    """The `ref` of every photo of a raw event."""
    try:
        return [photo.ref for photo in _photos(_fields(raw))]
    except Unparseable:
        return []


def _photos(fields: Fields) -> tuple[Attachment, ...]:
    photos = fields.get("photos", [])
    if not isinstance(photos, list) or not all(isinstance(each, dict) for each in photos):
        raise Unparseable("photos: expected a list of objects")
    return tuple(
        Attachment(Media.PHOTO, _text(each, "ref"), _text(each, "name"), _text(each, "mime"), _size(each))
        for each in photos
    )


def _size(photo: Fields) -> int:
    size = photo.get("size", 0)
    if not isinstance(size, int) or not 0 <= size < LARGEST:
        raise Unparseable("size: expected a number of bytes")
    return size


def _body(fields: Fields) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")


def _fields(raw: Raw) -> Fields:
    try:
        fields = json.loads(raw.body)
    except (ValueError, RecursionError) as error:
        raise Unparseable("not JSON") from error
    if not isinstance(fields, dict):
        raise Unparseable("not an object")
    return fields


def _text(fields: Fields, key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str):
        raise Unparseable(f"{key}: expected a text")
    return value
