"""What an update of Telegram means: the events of it, in the field's terms."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from telegram import Bot, CallbackQuery, ChatMember, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatType

from bot.channels.telegram_request import loads
from followup.events import ChatClosed, ChatOpened, DeskSaid, Incoming, MessageReceived
from followup.model import Attachment, Instant, Media, Raw
from followup.ports import Unparseable

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
_START = re.compile(r"/start(?:@\w+)?(?:\s+(\S+))?\s*")
_STOP = re.compile(r"(?i)/stop(?:@\w+)?\s*")
_KINDS = {
    "document": Media.FILE,
    "audio": Media.FILE,
    "voice": Media.VOICE,
    "video": Media.VIDEO,
    "video_note": Media.VIDEO,
    "animation": Media.VIDEO,
    "sticker": Media.STICKER,
}
_ALBUMS = 1000
Said = TypeVar("Said", MessageReceived, DeskSaid)


@dataclass
class Albums(Generic[Said]):
    """The albums of late: each arrives photo by photo, and every photo after the first is an edit of the message
    that the first one began, so that it is one message with all of them, and answered once."""

    _known: OrderedDict[str, dict[str, Said]] = field(default_factory=OrderedDict)

    def gathered(self, group: str, event: Said) -> Said:
        """The event with the whole album up to now; if that has begun already, as an edit of its first message."""
        album = self._known.setdefault(f"{event.chat}/{group}", {})
        self._known.move_to_end(f"{event.chat}/{group}")
        if len(self._known) > _ALBUMS:
            self._known.popitem(last=False)
        album[event.external_id] = event
        first = next(iter(album))
        text = next((each.text for each in album.values() if each.text), "")
        attachments = tuple(one for each in album.values() for one in each.attachments)
        edits = event.edits if first == event.external_id else first
        return replace(event, edits=edits, text=text, attachments=attachments)


def update_of(raw: Raw, bot: Bot) -> Update:
    """The update. Raises Unparseable."""
    try:
        update = Update.de_json(loads(raw.body), bot)
    except Exception as error:  # whatever the library makes of a strange update
        raise Unparseable(f"no update of Telegram: {type(error).__name__}") from error
    if not isinstance(update.update_id, int):
        raise Unparseable("an update without its number")
    return update


@dataclass(frozen=True)
class Reader:
    """Makes events of updates for one channel of one shop."""

    shop: str
    channel: str
    albums: Albums[MessageReceived] = field(default_factory=Albums)

    def events(self, update: Update, at: Instant) -> list[Incoming]:
        """What happened, nothing if it does not concern us; `at` is when it arrived. Raises Unparseable."""
        try:
            return list(self._events(update, at))
        except (AttributeError, TypeError, KeyError) as error:
            raise Unparseable(f"an update lacks something: {type(error).__name__}") from error

    def _events(self, update: Update, at: Instant) -> Iterator[Incoming]:
        if message := update.message:
            yield from self._said(message)
        elif edited := update.edited_message:
            for event in self._said(edited):
                if isinstance(event, MessageReceived):
                    new = f"{event.external_id}.{update.update_id}"
                    yield replace(event, external_id=new, edits=event.external_id, at=edited.edit_date or at)
        elif tapped := update.callback_query:
            yield self._tapped(tapped, at)
        elif member := update.my_chat_member:
            yield from self._joined_or_left(member, update.update_id)

    def _said(self, message: Message) -> Iterator[MessageReceived | ChatOpened]:
        sender, private = message.from_user, message.chat.type == ChatType.PRIVATE
        if sender is None or sender.is_bot or message.chat.type == ChatType.CHANNEL:
            return
        id_, name = identity(message), sender.full_name or ""
        text = message.text or message.caption or ""
        if start := _START.fullmatch(text):
            if private:
                address, token = str(message.chat.id), start[1] or ""
                yield ChatOpened(self.shop, self.channel, address, id_, message.date, token, sender_name=name)
            return
        attachments = tuple(attachments_of(message))
        if not (text or attachments):
            return
        said = MessageReceived(
            self.shop,
            self.channel,
            str(message.chat.id if private else sender.id),
            id_,
            "/stop" if _STOP.fullmatch(text) else text,
            message.date,
            name,
            attachments,
            room="" if private else str(message.chat.id),
        )
        yield self.albums.gathered(message.media_group_id, said) if message.media_group_id else said

    def _tapped(self, tapped: CallbackQuery, at: Instant) -> MessageReceived:
        if not tapped.data:
            raise Unparseable("a button without its data")
        sender: User = tapped.from_user
        chat = tapped.message.chat if tapped.message else None
        return MessageReceived(
            self.shop,
            self.channel,
            str(sender.id),
            f"tap.{tapped.id}",
            _label(tapped) or tapped.data,
            at,
            sender.full_name or "",
            choice=tapped.data,
            room="" if chat is None or chat.type == ChatType.PRIVATE else str(chat.id),
        )

    def _joined_or_left(self, member: ChatMemberUpdated, number: int) -> Iterator[ChatOpened | ChatClosed]:
        if member.chat.type != ChatType.PRIVATE:
            return
        where = (self.shop, self.channel, str(member.chat.id), f"member.{number}", member.date)
        if member.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT):
            yield ChatClosed(*where, error="blocked by the buyer")
        else:
            yield ChatOpened(*where, sender_name=member.from_user.full_name or "", greet=False)


def identity(message: Message) -> str:
    """Chat, number and second: the messages of another bot under the same name have other seconds."""
    return f"{message.chat.id}.{message.message_id}.{message.date.timestamp():.0f}"


def _label(tapped: CallbackQuery) -> str:
    """What stands on the button."""
    markup = tapped.message.reply_markup if isinstance(tapped.message, Message) else None
    buttons = (button for row in markup.inline_keyboard for button in row) if markup else iter(())
    return next((button.text for button in buttons if button.callback_data == tapped.data), "")


def attachments_of(message: Message) -> Iterator[Attachment]:
    """What a message without text carries; of a kind that is unknown here, the name of the kind."""
    if message.text:
        return
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        yield Attachment(Media.PHOTO, largest.file_id, mime="image/jpeg", size=largest.file_size or 0)
    elif place := message.location:
        title = message.venue.title if message.venue else ""
        yield Attachment(Media.LOCATION, f"geo:{place.latitude},{place.longitude}", title)
    elif card := message.contact:
        name = " ".join(filter(None, (card.first_name, card.last_name)))
        yield Attachment(Media.CARD, f"tel:{card.phone_number}", name, "text/vcard")
    elif kind := next((kind for kind in ("animation", *_KINDS) if getattr(message, kind)), ""):
        file = getattr(message, kind)
        name = getattr(file, "file_name", None) or getattr(file, "emoji", None) or ""
        yield Attachment(_KINDS[kind], file.file_id, name, getattr(file, "mime_type", None) or "", file.file_size or 0)
    elif message.effective_attachment is not None:
        yield Attachment(Media.OTHER, "", type(message.effective_attachment).__name__.lower())
    elif message.api_kwargs:
        yield Attachment(Media.OTHER, "", next(iter(message.api_kwargs)))
