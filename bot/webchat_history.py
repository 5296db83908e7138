"""What a web chat reads of its conversations, out of the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

from bot.channels.webchat.parse import photos_in
from followup.webchat import Past
from store import webchat_views
from store.store import SqlStore


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """The conversations of one account as the database has them, read beside the loop."""

    store: SqlStore
    shop: str
    channel: str

    async def past(self, address: str, most: int) -> Past:
        """The newest rows of a chat."""
        return await asyncio.to_thread(self._read, webchat_views.conversation, self.shop, self.channel, address, most)

    async def sent(self, _address: str, known_as: str) -> Past:
        """One message that was sent."""
        return await asyncio.to_thread(self._read, webchat_views.message_sent, self.channel, known_as)

    async def shown(self, address: str) -> Collection[str]:
        """The photos that belong to messages, those that wait to be handled too."""
        return await asyncio.to_thread(self._shown, address)

    def _read(self, read: Callable[..., Past], *asked: str | int) -> Past:
        with self.store.engine.connect() as connection:
            return read(connection, *asked)

    def _shown(self, address: str) -> set[str]:
        with self.store.engine.connect() as connection:
            waiting = webchat_views.conversation(connection, self.shop, self.channel, address, 1000).waiting
            handled = webchat_views.attachments_shown(connection, self.shop, self.channel, address)
        return handled | {ref for raw in waiting for ref in photos_in(raw)}
