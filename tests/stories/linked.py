"""A shop on a channel on which only buyers can open chats, and what they do there: open, show a link, prove."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from followup.events import ChatOpened, MessageReceived, chat_id
from followup.linking import make_link
from followup.model import Attachment, Chat
from followup.policy import Policy
from followup.ports import Capabilities
from handlers import chat_opened
from tests.stories.shop import POLICY, SHOP, Shop, Spoken

TELEGRAM, WECHAT = "telegram", "wechat"
CAN = {TELEGRAM: Capabilities(needs_chat=True), WECHAT: Capabilities(needs_chat=True)}


class LinkShop(Shop):
    """`77` is an address on Telegram; until a chat is linked it is nobody's."""

    def __init__(self, now: str = "2026-03-02 14:00", policy: Policy = POLICY, **more: Any) -> None:
        super().__init__(now, policy, channel=TELEGRAM, capabilities=CAN, **more)
        self._openings = 0

    def link(self, order: str = "1001") -> str:
        """A token for an order."""
        token, link = make_link(SHOP, order, self.clock.now(), self.policy.link_lasts)
        self.store.run(lambda tx: tx.save(link))
        return token

    def opens(self, address: str = "77", token: str = "", channel: str = TELEGRAM, **more: Any) -> Self:
        """Somebody opens a chat."""
        now = self.clock.now()
        self._openings += 1
        self.lines.append(Spoken(now, address, "> (opens)"))
        id_ = more.pop("external_id", f"o{self._openings}")
        return self.opening(ChatOpened(SHOP, channel, address, id_, now, token, **more))

    def opening(self, event: ChatOpened) -> Self:
        """An opening arrives, perhaps again."""
        now = self.clock.now()
        self.store.run(lambda tx: chat_opened.chat_opened(event, tx, self.deps, now))
        return self._settle()

    def says(self, text: str, address: str = "77", channel: str = TELEGRAM) -> Self:
        """Somebody writes."""
        return self.buyer_says(text, address, channel)

    def sends(self, text: str = "", *attachments: Attachment, **more: Any) -> Self:
        """Somebody writes something out of the ordinary."""
        self._messages += 1
        event = MessageReceived(SHOP, TELEGRAM, "77", f"m{self._messages}", text, self.clock.now())
        return self.message(replace(event, attachments=attachments, **more))

    def chat(self, address: str = "77", channel: str = TELEGRAM) -> Chat:
        """A chat as it stands."""
        found = self.store.tx.get(Chat, chat_id(SHOP, channel, address))
        assert found is not None
        return found
