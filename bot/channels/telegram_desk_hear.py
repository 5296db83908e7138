"""What the shop's own people say to a bot, in their group or alone: heard beside buyers, and never taken for theirs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import structlog
from telegram import CallbackQuery, ChatMember, Update
from telegram.constants import ChatType

from bot.channels.telegram_desk_files import DeskFiles
from bot.channels.telegram_desk_parse import DeskReader
from bot.channels.telegram_group import Group
from followup.desk.places import DESK
from followup.events import DeskSaid
from followup.model import Cursor, Raw
from followup.ports import Inbox

log = structlog.get_logger(__name__)


class DeskHearing:
    """The ears of one bot in its agents' group, if it has one.

    Files are kept by `files`, if who sends them is `known`: a stranger has nothing fetched.
    """

    def __init__(self, account: str, shop: str, group: Group | None, buyers: bool) -> None:
        self.group, self.files, self.inbox = group, None, None
        self.known: Callable[[str], bool] = lambda _: True
        self._account, self._reader = account, DeskReader(shop, account + DESK, group, buyers)

    group: Group | None
    files: DeskFiles | None
    inbox: Inbox | None

    def hears(self, update: Update) -> bool:
        """Whether an update is for the desk."""
        return self._reader.hears(update)

    async def said(self, update: Update, raw: Raw) -> list[DeskSaid]:
        """What one of the people said, with his files. Raises NotYet and Unparseable."""
        events = self._reader.events(update, raw.at)
        if self.files is None:
            return events
        return [await self.files.kept(event) if self.known(event.person) else event for event in events]

    async def note(self, update: Update) -> None:
        """Keep in which groups the bot is, so that a person can be told the id of his (`huifang check`)."""
        member = update.my_chat_member
        if member is None or self.inbox is None or member.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
            return
        left = member.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT)
        title = "" if left else member.chat.title or "?"
        await self.inbox.take([], Cursor(group_key(self._account, member.chat.id), title))
        log.info("in_group", channel=self._account, group=member.chat.id, left=left)

    async def close(self) -> None:
        """Fetch nothing more."""
        if self.files is not None:
            await self.files.close()


def group_key(account: str, group: object = "") -> str:
    """The name under which is kept that an account is in a group; without a group, how all such names begin."""
    return f"{account}/group/{group}"


async def answered(tapped: CallbackQuery) -> None:
    """Tell an agent's app that his tap has arrived; what stands under a card may be tapped again."""
    with suppress(Exception):  # too old to answer
        await tapped.answer()
