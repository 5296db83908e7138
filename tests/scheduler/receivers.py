"""A receiver that is told what to hear, and a shop that listens through it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from sqlalchemy import select

from followup.events import DeliveryResult, Incoming, MessageReceived, Outcome, chat_id
from followup.model import Attachment, ChannelState, Inbound, Outgoing, Raw
from followup.ports import Inbox, Unparseable
from followup.understood import Intent, Understood
from scheduler.inbox import ChannelInbox
from store.tables import KEPT
from tests.scheduler.shop import ScriptedChannel, Shop

NAME = "fake"


@dataclass
class FakeReceiver(ScriptedChannel):
    """Hears what is put into `said`; parses JSON of the fields of a message. `trouble` by the id of a raw event is
    raised, each once, `photos` by the same id come with the message."""

    name: str = NAME
    said: asyncio.Queue[list[Raw]] = field(default_factory=asyncio.Queue)
    trouble: dict[str, list[Exception]] = field(default_factory=dict)
    also: dict[str, list[Incoming]] = field(default_factory=dict)
    parsed: list[str] = field(default_factory=list)
    photos: dict[str, list[Attachment]] = field(default_factory=dict)
    ends: list[Exception | None] = field(default_factory=list)
    began: int = 0
    closed: bool = False

    async def receive(self, inbox: Inbox) -> None:
        self.began += 1
        if self.ends:
            end = self.ends.pop(0)
            if end is not None:
                raise end
            return
        while True:
            await inbox.take(await self.said.get())

    async def parse(self, raw: Raw) -> Sequence[Incoming]:
        self.parsed.append(raw.external_id)
        await asyncio.sleep(0)
        if self.trouble.get(raw.external_id):
            raise self.trouble[raw.external_id].pop(0)
        try:
            fields = orjson.loads(raw.body)
        except ValueError as error:
            raise Unparseable(str(error)) from error
        if "shop" not in fields:
            return []
        fields["attachments"] = tuple(self.photos.get(raw.external_id, ()))
        message = MessageReceived(channel=self.name, external_id=raw.external_id, at=raw.at, **fields)
        return [message, *self.also.get(raw.external_id, [])]

    def accepted(self, message: Outgoing) -> DeliveryResult:
        """It arrived."""
        return DeliveryResult(message.id, Outcome.ACCEPTED, self.clock.now())

    async def fetch(self, attachment: Attachment) -> bytes:
        raise AssertionError(attachment)

    async def close(self) -> None:
        self.closed = True


class ListeningShop(Shop):
    """Shop `s`, which hears its buyers through a fake receiver."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.understood: list[str] = []
        self.breaks: dict[str, Exception] = {}
        self.deps = replace(self.deps, understand=self._understand)
        self.receiver = FakeReceiver(self.clock)
        self.inbox = self.an_inbox()

    def _understand(self, text: str, *_: Any) -> Understood:
        self.understood.append(text)
        if text in self.breaks:
            raise self.breaks[text]
        return Understood(Intent.OTHER)

    def an_inbox(self, **options: Any) -> ChannelInbox:
        """A fresh inbox, as after a restart."""
        return ChannelInbox(self.receiver, "s", self.store, self.deps, self.clock, **options)

    def raw(self, id_: str, text: str = "", chat: str = "b1", **more: Any) -> Raw:
        """A message as the channel delivers it."""
        body = orjson.dumps({"shop": "s", "address": chat, "text": text or f"text {id_}", **more})
        return Raw(NAME, id_, body, self.clock.now())

    def texts(self, chat: str = "b1") -> list[str]:
        """What a buyer said and what was kept of it, in the order in which it was handled."""
        kept = {row.text for row in self.rows(Inbound) if row.chat == chat_id("s", NAME, chat)}
        last = {text: at for at, text in enumerate(self.understood)}  # what collided was handled again
        return sorted(kept, key=last.__getitem__)

    def raws(self) -> dict[str, str]:
        """The state of every raw event, in the order of arrival."""
        return {row.external_id: row.state.value for row in self.rows(Raw)}

    def rows_of_state(self) -> list[ChannelState]:
        """How the channel stands, if that is known."""
        return self.rows(ChannelState)

    def state(self) -> ChannelState:
        """How the channel stands."""
        (state,) = self.rows(ChannelState)
        return state

    def rows(self, cls: type) -> list[Any]:
        """All rows of a table, in the order in which they were made where the table knows it."""
        table = KEPT[cls].table
        order = [table.c.seq] if "seq" in table.c else list(table.primary_key)
        with self.store.engine.connect() as connection:
            return [KEPT[cls].codec.decode(row) for row in connection.execute(select(table).order_by(*order))]
