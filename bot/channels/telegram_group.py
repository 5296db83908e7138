"""The agents' group of a bot: where it is, and whether the bot may make topics there."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.channels.telegram_request import Api

MANAGERS, OUTSIDERS = ("creator",), ("left", "kicked")
FEW = 1000


class Rights(StrEnum):
    """What the bot can do in the group; each is said to people by its text (huifang check)."""

    TOPICS = "topics"
    NO_TOPICS = (
        "no topics: make the group a forum and the bot an administrator with 'manage topics';"
        " until then answers are given by replying"
    )
    ABSENT = "the bot is not in the agents' group: add it there, or correct agents_group"


class Group:
    """A group that is known by the id of the configuration, and by a new one since Telegram moved it.

    `changed` is set whenever something happened that is worth a new look.
    """

    def __init__(self, api: Api, configured: int) -> None:
        self._api, self.configured = api, str(configured)
        self.address = self.configured
        self.rights: Rights | None = None
        self.changed = asyncio.Event()
        self._me, self._firsts = 0, OrderedDict[str, str]()

    def holds(self, chat: object) -> bool:
        """Whether a chat with that id is this group, as it was or as it is."""
        return str(chat) in (self.configured, self.address)

    def moved(self, to: object) -> None:
        """It became a supergroup, with an id of its own."""
        if str(to) != self.address:
            self.address = str(to)
            self.changed.set()

    def found(self, rights: Rights) -> None:
        """A call has shown what the bot can do."""
        if rights is not self.rights:
            self.rights = rights
            self.changed.set()

    def said(self, numbers: Sequence[str]) -> None:
        """One message of ours became these in the group, and is known by the first."""
        self._firsts |= dict.fromkeys(numbers[1:], numbers[0])
        while len(self._firsts) > FEW:
            self._firsts.popitem(last=False)

    def known_as(self, number: str) -> str:
        """The number by which the message is known that stands there: of late, that of the first of several."""
        return self._firsts.get(number, number)

    async def call(self, method: str, fields: Mapping[str, Any]) -> Any:
        """The answer to a call about the group, wherever it has moved. Raises TelegramError."""
        try:
            return await self._api.call(method, {**fields, "chat_id": self.address})
        except ChatMigrated as moved:
            self.moved(moved.new_chat_id)
            return await self._api.call(method, {**fields, "chat_id": self.address})

    async def look(self) -> Rights:
        """See what the bot can do there now. Raises TelegramError if Telegram does not answer."""
        self.rights = await self._look()
        return self.rights

    async def _look(self) -> Rights:
        self._me = self._me or (await self._api.call("getMe", {}))["id"]
        try:
            chat = await self.call("getChat", {})
            member = await self.call("getChatMember", {"user_id": self._me})
        except (BadRequest, Forbidden):
            return Rights.ABSENT
        if member["status"] in OUTSIDERS:
            return Rights.ABSENT
        may = member["status"] in MANAGERS or bool(member.get("can_manage_topics"))
        return Rights.TOPICS if chat.get("is_forum") and may else Rights.NO_TOPICS
