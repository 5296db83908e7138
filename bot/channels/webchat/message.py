"""One message as a window shows it, made of what the database holds or of what is being said at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from mimetypes import guess_type
from pathlib import PurePosixPath
from typing import Any

from followup.model import Attachment, Choice, Inbound, Instant, Media, Outgoing

BUYER, SHOP = "buyer", "shop"
Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo or file of a chat, by its id there."""

    id: str
    name: str = ""
    mime: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What the buyer or the shop said; `changed` if these are not the words it was first said with."""

    id: str
    sender: str
    at: Instant
    text: str
    choices: tuple[Choice, ...] = ()
    photos: tuple[Photo, ...] = ()
    changed: bool = False

    @property
    def moment(self) -> str:
        """When it was said, as frames tell it."""
        return self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def fields(self) -> Frame:
        """As it stands in a frame."""
        return {
            "id": self.id,
            "from": self.sender,
            "at": self.moment,
            "text": self.text,
            "choices": _buttons(self.choices),
            "photos": [{"id": photo.id, "name": photo.name, "mime": photo.mime} for photo in self.photos],
        }

    def frame(self, cursor: str) -> Frame:
        """The frame that brings it."""
        return {"type": "message", **self.fields, "cursor": cursor}


@dataclass(frozen=True, slots=True)
class Change:
    """New words, and buttons if any, in the place of those of the message `id`."""

    id: str
    text: str
    choices: tuple[Choice, ...] = ()

    def frame(self, cursor: str) -> Frame:
        """The frame that brings it."""
        new = {"id": self.id, "text": self.text, "choices": _buttons(self.choices)}
        return {"type": "edited", **new, "cursor": cursor}


def changed(messages: Iterable[Message], changes: Sequence[Change]) -> list[Message]:
    """The messages after these changes, in the order in which they were made."""
    last = {change.id: change for change in changes}

    def now(message: Message) -> Message:
        change = last.get(message.id)
        return replace(message, text=change.text, choices=change.choices, changed=True) if change else message

    return [now(message) for message in messages]


def id_of(outgoing: str) -> str:
    """How windows know a message of the shop: ever the same for the same one, and nothing of what its own id tells."""
    return f"s{sha256(outgoing.encode('utf-8', 'surrogatepass')).hexdigest()[:31]}"


def known_as(message: Outgoing) -> str:
    """The name under which the channel knows it; it begins with the address, by which it is found again."""
    return f"{message.address}.{id_of(message.id)}"


def of_shop(message: Outgoing, at: Instant) -> Message:
    """A message of ours; what stands on the web goes as its address, under the words."""
    links = [f"{each.name}\n{each.ref}".strip() for each in message.attachments if on_the_web(each)]
    text = "\n".join(filter(None, (message.text, *links)))
    photos = tuple(_sent(message, number) for number, each in enumerate(message.attachments) if not on_the_web(each))
    return Message(id_of(message.id), SHOP, at, text, message.choices, photos)


def of_buyer(said: Inbound, address: str) -> Message:
    """What the buyer said, without the tokens in it."""
    photos = tuple(Photo(photo_id(each), each.name, each.mime) for each in said.attachments)
    return Message(said.external_id.removeprefix(f"{address}."), BUYER, said.at, said.text, photos=photos)


def on_the_web(attachment: Attachment) -> bool:
    """Whether the attachment is only the address of something."""
    return attachment.ref.startswith(("https://", "http://"))


def sent_photo(message: Outgoing, number: int) -> str:
    """The id of a message's attachment in its chat."""
    return f"s{sha256(f'{message.id}#{number}'.encode('utf-8', 'surrogatepass')).hexdigest()[:31]}"


def photo_id(attachment: Attachment) -> str:
    """The id of a photo that a buyer showed."""
    return PurePosixPath(attachment.ref).stem


def _sent(message: Outgoing, number: int) -> Photo:
    attachment = message.attachments[number]
    name = attachment.name or ""
    mime = attachment.mime or guess_type(name or attachment.ref)[0] or ""
    return Photo(sent_photo(message, number), name, mime or ("image/jpeg" if attachment.media is Media.PHOTO else ""))


def _buttons(choices: Iterable[Choice]) -> list[Frame]:
    return [{"id": choice.id, "label": choice.label} for choice in choices]
