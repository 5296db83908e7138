"""A message of ours in WeCom's forms. Source: WeCom's pages on sending messages and on uploading files.

A text may have 2048 bytes, the head of a menu 1024, a menu ten items; a picture 10 MB, any other file 20 MB.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from followup.model import Attachment, Choice, Media, Outgoing

LONGEST_TEXT = 2048
LONGEST_HEAD = 1024
LONGEST_LABEL = 128
LONGEST_ID = 64
MOST_CHOICES = 10
LARGEST = {"image": 10_000_000, "video": 10_000_000, "file": 20_000_000}
_KINDS = {Media.PHOTO: "image", Media.VIDEO: "video"}
_PICTURES = (".jpg", ".jpeg", ".png")


class TooLarge(ValueError):
    """A file that WeCom does not take."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one call sends: `body` without its receiver, or a file that has to be uploaded first."""

    msgid: str
    msgtype: str
    body: dict[str, Any]
    file: Path | None = None


def msgid_of(id_: str, part: int = 0) -> str:
    """The msgid of a message's part: at most 32 of the characters WeCom allows, ever the same for the same message."""
    digest = hashlib.blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=15).digest()
    whole = base64.b32encode(digest).decode()
    return f"{whole}-{part}" if part else whole


def msgid_of_whole(msgid: str) -> str:
    """The msgid of the message that the one of this msgid is a part of."""
    return msgid.partition("-")[0]


def parts_of(message: Outgoing) -> list[Part]:
    """The calls that bring a message to its buyer: its words with the answers to tap, then its files.

    What stands on the web goes as its address, under the words if there is room: every call is one of the five.
    """
    links = [f"{each.name}\n{each.ref}".strip() for each in message.attachments if _on_the_web(each)]
    texts = ["\n".join(filter(None, [message.text, *links]))]
    if _size(texts[0]) > LONGEST_TEXT:
        texts = [message.text, *links]
    parts: list[Part] = []
    for text in filter(None, texts):
        choices = () if parts else message.choices
        parts.append(_words(text, choices, msgid_of(message.id, len(parts))))
    for attachment in message.attachments:
        if not _on_the_web(attachment):
            parts.append(_file(attachment, msgid_of(message.id, len(parts))))
    return parts


def _on_the_web(attachment: Attachment) -> bool:
    return attachment.ref.startswith(("https://", "http://"))


def _words(text: str, choices: tuple[Choice, ...], msgid: str) -> Part:
    if _fits_menu(text, choices):
        items = [{"type": "click", "click": {"id": choice.id, "content": choice.label}} for choice in choices]
        return Part(msgid, "msgmenu", {"head_content": text, "list": items})
    return Part(msgid, "text", {"content": _numbered(text, choices)})


def _fits_menu(text: str, choices: tuple[Choice, ...]) -> bool:
    fits = all(_size(c.id) <= LONGEST_ID and 0 < _size(c.label) <= LONGEST_LABEL for c in choices)
    return 0 < len(choices) <= MOST_CHOICES and fits and _size(text) <= LONGEST_HEAD


def _numbered(text: str, choices: tuple[Choice, ...]) -> str:
    """The text with its answers to be typed by number, unless that becomes too long: a number is understood anyway."""
    lines = [text, *(f"{number}. {choice.label}" for number, choice in enumerate(choices, 1))]
    with_numbers = "\n".join(lines)
    return with_numbers if _size(with_numbers) <= LONGEST_TEXT else text


def _file(attachment: Attachment, msgid: str) -> Part:
    path = Path(attachment.ref)
    kind = _KINDS.get(attachment.media, "file")
    if kind == "image" and path.suffix.lower() not in _PICTURES:
        kind = "file"
    return Part(msgid, kind, {"name": attachment.name or path.name}, path)


def check_size(kind: str, data: bytes) -> None:
    """Raises TooLarge."""
    if not 5 < len(data) <= LARGEST[kind]:
        raise TooLarge(f"{kind}: {len(data)} bytes, expected 6 to {LARGEST[kind]}")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
