"""Events out of the messages that `kf/sync_msg` hands over. Source: WeCom's page on receiving messages and events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.channels.wecom.compose import msgid_of_whole
from bot.channels.wecom.errors import FAILED
from followup.events import ChatOpened, Incoming, MessageRecalled, MessageReceived, Receipt, Refusal
from followup.model import Attachment, Instant, Media, Raw
from followup.ports import Unparseable

CUSTOMER, SYSTEM = 3, 4
Fields = dict[str, Any]
Content = tuple[str, tuple[Attachment, ...]]


def parse(raw: Raw, shop: str) -> Sequence[Incoming]:
    """The events of one message; none for what agents and the service itself say. Raises Unparseable."""
    try:
        message = orjson.loads(raw.body)
    except ValueError as error:
        raise Unparseable("not JSON") from error
    if not isinstance(message, dict):
        raise Unparseable("not an object")
    at, origin = _instant(message), message.get("origin")
    if message.get("msgtype") == "event":
        return _event(raw, shop, _table(message, "event"), at)
    if origin not in (CUSTOMER, SYSTEM, 5):
        raise Unparseable(f"origin {origin!r}")
    return [_said(raw, shop, message, at)] if origin == CUSTOMER else []


def _said(raw: Raw, shop: str, message: Fields, at: Instant) -> MessageReceived:
    kind = _text(message, "msgtype")
    inner = message.get(kind)
    text, attachments = _CONTENTS.get(kind, _other)(inner if isinstance(inner, dict) else {})
    choice = _optional(inner, "menu_id") if kind == "text" and isinstance(inner, dict) else ""
    address = _text(message, "external_userid")
    return MessageReceived(
        shop, raw.channel, address, _text(message, "msgid"), text, at, attachments=attachments, choice=choice
    )


def _event(raw: Raw, shop: str, event: Fields, at: Instant) -> Sequence[Incoming]:
    make = _EVENTS.get(_text(event, "event_type"))
    return make(raw, shop, event, at) if make else []


def _entered(raw: Raw, shop: str, event: Fields, at: Instant) -> Sequence[Incoming]:
    """Only a token or the permission to welcome matters: buyers open a chat often, and may not be spoken to then."""
    token, code = _optional(event, "scene_param"), _optional(event, "welcome_code")
    if not token and not code:
        return []
    address = _text(event, "external_userid")
    return [ChatOpened(shop, raw.channel, address, raw.external_id, at, token=token, code=code, greet=bool(code))]


def _failed(raw: Raw, _shop: str, event: Fields, at: Instant) -> Sequence[Incoming]:
    type_ = event.get("fail_type")
    refusal, why = FAILED.get(type_, (Refusal.CONTENT, "undocumented")) if isinstance(type_, int) else FAILED[0]
    whole = msgid_of_whole(_text(event, "fail_msgid"))
    return [Receipt(raw.channel, whole, at, refusal, f"fail_type {type_}: {why}")]


def _recalled(raw: Raw, shop: str, event: Fields, at: Instant) -> Sequence[Incoming]:
    address, recalled = _text(event, "external_userid"), _text(event, "recall_msgid")
    return [MessageRecalled(shop, raw.channel, address, raw.external_id, at, recalled)]


_EVENTS: dict[str, Callable[[Raw, str, Fields, Instant], Sequence[Incoming]]] = {
    "enter_session": _entered,
    "msg_send_fail": _failed,
    "user_recall_msg": _recalled,
}


def _words(inner: Fields) -> Content:
    return _text(inner, "content", empty=True), ()


def _media(media: Media, mime: str = "") -> Callable[[Fields], Content]:
    return lambda inner: ("", (Attachment(media, _text(inner, "media_id"), mime=mime),))


def _place(inner: Fields) -> Content:
    where = f"{inner.get('latitude', '')},{inner.get('longitude', '')}"
    return "", (Attachment(Media.LOCATION, where, name=_optional(inner, "name") or _optional(inner, "address")),)


def _link(inner: Fields) -> Content:
    return "\n".join(filter(None, (_optional(inner, key) for key in ("title", "desc", "url")))), ()


def _card(inner: Fields) -> Content:
    return "", (Attachment(Media.CARD, _optional(inner, "userid")),)


def _program(inner: Fields) -> Content:
    ref = f"{_optional(inner, 'appid')}/{_optional(inner, 'pagepath')}"
    return "", (Attachment(Media.OTHER, ref, name=_optional(inner, "title")),)


def _other(_inner: Fields) -> Content:
    """A kind that WeCom invented since: a person of the shop can look at it in WeCom."""
    return "", (Attachment(Media.OTHER, ""),)


_CONTENTS: dict[str, Callable[[Fields], Content]] = {
    "text": _words,
    "image": _media(Media.PHOTO),
    "voice": _media(Media.VOICE, "audio/amr"),
    "video": _media(Media.VIDEO),
    "file": _media(Media.FILE),
    "location": _place,
    "link": _link,
    "business_card": _card,
    "miniprogram": _program,
}


def _text(fields: Fields, key: str, empty: bool = False) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not (value or empty):
        raise Unparseable(f"{key}: expected a text")
    return value


def _optional(fields: Fields, key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _table(fields: Fields, key: str) -> Fields:
    value = fields.get(key)
    if not isinstance(value, dict):
        raise Unparseable(f"{key}: expected an object")
    return value


def _instant(message: Fields) -> Instant:
    try:
        return datetime.fromtimestamp(int(message["send_time"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise Unparseable("send_time: expected seconds since 1970") from error
