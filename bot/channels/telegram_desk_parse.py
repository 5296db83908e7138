"""What an update of the agents' group means: one of the shop's people wrote there, or tapped a button."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType

from bot.channels.telegram_group import Group
from bot.channels.telegram_parse import Albums, attachments_of, identity
from followup.events import DeskSaid
from followup.model import Instant
from followup.ports import Unparseable


@dataclass(frozen=True)
class DeskReader:
    """Makes events of what is said in a bot's `group`, and, where the bot does not speak with `buyers`, of what is said
    to it alone. Whether a person may say anything is looked up later.

    An album arrives file by file, and every one after the first is an edit of the message that the first one began,
    with all of them so far: who waits a second or two before he passes it on, passes on one album.
    """

    shop: str
    desk: str
    group: Group | None
    buyers: bool
    albums: Albums[DeskSaid] = field(default_factory=Albums)

    def hears(self, update: Update) -> bool:
        """Whether an update is the desk's, and no buyer's."""
        chat = update.effective_chat
        if chat is None:
            return False
        return self.is_group(chat.id) or (not self.buyers and chat.type == ChatType.PRIVATE)

    def is_group(self, chat: int) -> bool:
        """Whether that is the agents' group."""
        return self.group is not None and self.group.holds(chat)

    def events(self, update: Update, at: Instant) -> list[DeskSaid]:
        """What happened, nothing if it is none of ours; `at` is when it arrived. Raises Unparseable."""
        try:
            return list(self._events(update, at))
        except (AttributeError, TypeError, KeyError) as error:
            raise Unparseable(f"an update lacks something: {type(error).__name__}") from error

    def _events(self, update: Update, at: Instant) -> Iterator[DeskSaid]:
        if message := update.message:
            self._follow(message)
            for said in self._said(message):
                yield replace(said, joins=bool(said.edits))
        elif edited := update.edited_message:
            for said in self._said(edited):
                new = f"{said.external_id}.{update.update_id}"
                yield replace(said, external_id=new, edits=said.edits or said.external_id, at=edited.edit_date or at)
        elif tapped := update.callback_query:
            yield self._tapped(tapped, at)
        elif update.my_chat_member and self.group is not None:
            self.group.changed.set()

    def _follow(self, message: Message) -> None:
        """The group may have become a supergroup, which has another id."""
        if self.group is not None and message.migrate_to_chat_id:
            self.group.moved(message.migrate_to_chat_id)

    def _said(self, message: Message) -> Iterator[DeskSaid]:
        sender = message.from_user
        if sender is None or sender.is_bot or message.sender_chat is not None:
            return  # another bot, or somebody who does not say who he is
        text = message.text or message.caption or ""
        attachments = tuple(attachments_of(message)) if message.effective_attachment is not None else ()
        if not (text or attachments):
            return
        said = DeskSaid(
            self.shop,
            self.desk,
            str(sender.id),
            identity(message),
            text,
            message.date,
            topic_of(message),
            self._known_as(_replied(message)),
            attachments=attachments,
            sender_name=sender.full_name or "",
        )
        yield self.albums.gathered(message.media_group_id, said) if message.media_group_id else said

    def _tapped(self, tapped: CallbackQuery, at: Instant) -> DeskSaid:
        if not tapped.data or tapped.message is None:
            raise Unparseable("a button without its data")
        shown = tapped.message if isinstance(tapped.message, Message) else None
        return DeskSaid(
            self.shop,
            self.desk,
            str(tapped.from_user.id),
            f"tap.{tapped.id}",
            "",
            at,
            topic_of(shown) if shown else "",
            self._known_as(str(tapped.message.message_id)),
            tapped.data,
            sender_name=tapped.from_user.full_name or "",
        )

    def _known_as(self, number: str) -> str:
        return self.group.known_as(number) if self.group else number


def topic_of(message: Message) -> str:
    """The number of the topic in which a message stands; "" outside of all."""
    return str(message.message_thread_id) if message.is_topic_message and message.message_thread_id else ""


def _replied(message: Message) -> str:
    """The number of the message that this one answers. In a topic all that answers nothing answers its first."""
    answered = message.reply_to_message
    if answered is None or (message.is_topic_message and answered.message_id == message.message_thread_id):
        return ""
    return str(answered.message_id)
