"""Which calls to Telegram a message becomes, and what their answers mean."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels.telegram_request import NotSent
from followup.events import DeliveryResult, Outcome, Refusal
from followup.model import Attachment, Choice, Instant, Media, Outgoing
from followup.ports import Capabilities, Measure

CAPABILITIES = Capabilities(
    longest_text=4096,
    measure=Measure.UTF16,
    per_second=29.0,
    chat_every=timedelta(seconds=1),
    group_every=timedelta(seconds=1),
    group_most=20,
    group_within=timedelta(minutes=1),
    buttons=8,
    largest_photo=10 * 1024 * 1024,
    largest_file=50 * 1024 * 1024,
    edits=True,
    deletes=True,
    needs_chat=True,
)
LONGEST_CAPTION, LONGEST_DATA, LONGEST_ALBUM = 1024, 64, 10
SOON, LONGEST_PAUSE, LATER = timedelta(seconds=2), timedelta(minutes=1), timedelta(minutes=5)
SHORT_LABEL = 14
KNOWN = "file_id:"
"""How the `ref` of an attachment begins that Telegram has already."""
Entities = Sequence[Mapping[str, Any]]
_LINK = re.compile(r"\w\.\w")
_NOBODY = re.compile(r"(?i)chat not found|user not found|deactivated|peer_id_invalid|chat_write_forbidden|was blocked")


@dataclass(frozen=True)
class Call:
    """One call of the Bot API, by the API's own names."""

    method: str
    fields: dict[str, Any]


class NotSendable(ValueError):
    """The message is nothing that Telegram could be given."""


def calls_for(message: Outgoing, reply_buttons: bool = False, entities: Entities = (), across: int = 1) -> list[Call]:
    """The calls that bring a message to its chat. Raises NotSendable.

    Short words stand under the photo or file they go with; else they come first, with the buttons. `entities` mark
    parts of the words. Reads files.
    """
    text, albums = message.text, _albums(message.attachments)
    if not (text.strip() or albums):
        raise NotSendable("there is nothing to say")
    has_markup = bool(message.choices or reply_buttons)
    markup = {"reply_markup": keyboard(message.choices, reply_buttons, across)} if has_markup else {}
    beside = len(albums) == 1 and _takes_words(albums[0], text) and not (markup and len(albums[0]) > 1) and not entities
    words = {"text": text, **({"entities": entities} if entities else {}), **_no_preview(text), **markup}
    calls = [Call("sendMessage", words)] if text and not beside else []
    calls += [_media(album, text if beside else "", markup if beside else {}) for album in albums]
    return [Call(call.method, {"chat_id": message.address, **call.fields}) for call in calls]


def changes_for(message: Outgoing, external_id: str, entities: Entities = (), across: int = 1) -> list[Call]:
    """The calls that put the words and buttons of a message in the place of those of an earlier one: the first if it is
    a text, the second if the words stand under a file. Raises NotSendable."""
    text, markup = message.text, {}
    if not text.strip():
        raise NotSendable("there is nothing to say")
    if message.choices:
        markup = {"reply_markup": keyboard(message.choices, False, across)}
    where = {"chat_id": message.address, "message_id": int(external_id.partition(",")[0])}
    marked = {"entities": entities} if entities else {}
    under = {"caption_entities": entities} if entities else {}
    as_text = Call("editMessageText", {**where, "text": text, **marked, **_no_preview(text), **markup})
    return [as_text, Call("editMessageCaption", {**where, "caption": text, **under, **markup})]


async def change(do: Callable[[Call], Awaitable[Any]], calls: Sequence[Call]) -> None:
    """Make the first of these changes that fits what is changed. Raises TelegramError."""
    for at, call in enumerate(calls, 1):
        try:
            await do(call)
        except BadRequest as error:
            if at == len(calls) or "no text in the message" not in str(error):
                raise
        else:
            return


def keyboard(choices: Sequence[Choice], reply_buttons: bool, across: int = 1) -> Any:
    """The answers to tap, under the message or in place of the keys: one a row, or `across` where all are short.
    Raises NotSendable."""
    if reply_buttons:
        rows = [[KeyboardButton(choice.label)] for choice in choices]
        return ReplyKeyboardMarkup(rows, True, True) if rows else ReplyKeyboardRemove()
    if long := [choice.id for choice in choices if len(choice.id.encode()) > LONGEST_DATA]:
        raise NotSendable(f"the id of a choice is longer than {LONGEST_DATA} bytes: {long[0]}")
    buttons = [InlineKeyboardButton(choice.label, callback_data=choice.id) for choice in choices]
    wide = across if all(_utf16(choice.label) <= SHORT_LABEL for choice in choices) else 1
    return InlineKeyboardMarkup([buttons[at : at + wide] for at in range(0, len(buttons), wide)])


def failed(error: TelegramError, said: str, message: Outgoing, now: Instant) -> DeliveryResult:
    """What it means for a message that its call raised this; `said` is the error in words."""
    match error:
        case RetryAfter():
            return DeliveryResult(message.id, Outcome.RETRY, now, error=said, retry_at=now + pause_of(error))
        case Forbidden():
            return DeliveryResult(message.id, Outcome.REFUSED, now, error=said, refusal=Refusal.BLOCKED)
        case BadRequest():  # which is a NetworkError
            refusal = Refusal.BLOCKED if _NOBODY.search(said) else Refusal.CONTENT
            return DeliveryResult(message.id, Outcome.REFUSED, now, error=said, refusal=refusal)
        case InvalidToken() | Conflict():
            return DeliveryResult(message.id, Outcome.RETRY, now, error=said, retry_at=now + LATER)
        case NotSent():
            soon = min(SOON * 2 ** min(message.attempts, 10), LONGEST_PAUSE)
            return DeliveryResult(message.id, Outcome.RETRY, now, error=said, retry_at=now + soon)
        case NetworkError() if "too many requests" in said.lower():
            return DeliveryResult(message.id, Outcome.RETRY, now, error=said, retry_at=now + timedelta(seconds=30))
    return DeliveryResult(message.id, Outcome.UNSURE, now, error=said)


def pause_of(error: RetryAfter) -> timedelta:
    """How long Telegram wants to hear nothing."""
    seconds = error.retry_after
    return seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _no_preview(text: str) -> dict[str, Any]:
    return {"link_preview_options": {"is_disabled": True}} if _LINK.search(text) else {}


def _takes_words(album: Sequence[Attachment], text: str) -> bool:
    return _utf16(text) <= LONGEST_CAPTION and not _is_voice(album[0])


def _albums(attachments: Sequence[Attachment]) -> list[list[Attachment]]:
    """What can go in one call: up to ten photos, up to ten files, one voice that Telegram has."""
    spoken, rest = (tuple(one for one in attachments if _is_voice(one) is voice) for voice in (True, False))
    kinds = ([one for one in rest if is_photo(one) is photo] for photo in (True, False))
    albums = [kind[at : at + LONGEST_ALBUM] for kind in kinds for at in range(0, len(kind), LONGEST_ALBUM)]
    return albums + [[one] for one in spoken]


def _is_voice(attachment: Attachment) -> bool:
    return attachment.media is Media.VOICE and attachment.ref.startswith(KNOWN)


def is_photo(attachment: Attachment) -> bool:
    """Whether it is sent as a photo; a large one goes as a file."""
    return attachment.media is Media.PHOTO and attachment.size <= CAPABILITIES.largest_photo


def _media(album: Sequence[Attachment], caption: str, markup: dict[str, Any]) -> Call:
    if len(album) == 1:
        kind = "voice" if _is_voice(album[0]) else "photo" if is_photo(album[0]) else "document"
        words = {"caption": caption} if caption else {}
        return Call(f"send{kind.capitalize()}", {kind: _content(album[0]), **words, **markup})
    media: list[InputMediaPhoto | InputMediaDocument] = []
    for one in album:
        shown = InputMediaPhoto if is_photo(one) else InputMediaDocument
        media.append(shown(_content(one, attach=True), caption=None if media else caption or None))
    return Call("sendMediaGroup", {"media": media})


def _content(attachment: Attachment, attach: bool = False) -> str | InputFile:
    """What Telegram has, a link, which it follows, or the bytes of a file here."""
    if attachment.ref.startswith(KNOWN):
        return attachment.ref.removeprefix(KNOWN)
    if attachment.ref.startswith(("https://", "http://")):
        return attachment.ref
    path = Path(attachment.ref)
    try:
        return InputFile(path.read_bytes(), attachment.name or path.name, attach=attach)
    except OSError as error:
        raise NotSendable(f"the file cannot be read: {error.strerror}") from error
