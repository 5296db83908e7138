"""Buyers on WeChat, by way of a Wechaty gateway (docs/channels/wechaty.md)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bot.channels.wechaty_files import LARGEST, Gone, TooLarge, fetched, packed, streamed, unpacked
from bot.channels.wechaty_link import Call, Failed, Limits, Link, Lost, NotAttached, Unwelcome
from bot.channels.wechaty_messages import WITH_BYTES, Person, Reader, person
from bot.channels.wechaty_receive import NO_ID, Listening
from bot.config_channels import WechatyOptions
from followup.attachments import with_lines
from followup.events import DeliveryResult, Incoming, Outcome, Refusal
from followup.model import Attachment, Outgoing, Raw
from followup.ports import Capabilities, Clock, Inbox, NotYet, Unparseable

T = TypeVar("T")
LONGEST_TEXT = 2000
CHAT_EVERY = timedelta(seconds=1)
PATIENCE = 2
"""So many times a message that the gateway cannot show is asked for again."""
MOST_NAMES = 10_000
OWN_WORDS = 500
"""So many ids of what we said last are remembered: our words come back as events, and need not be looked up."""
FILE = 120.0
"""Seconds that a large file may take."""


class Wechaty:
    """One WeChat account behind a gateway, which speaks for one shop: a Receiver (followup/ports.py)."""

    def __init__(
        self,
        *,
        name: str,
        shop: str,
        token: str,
        options: WechatyOptions,
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        self.name, self._clock = name, clock
        self.capabilities = Capabilities(
            longest_text=LONGEST_TEXT,
            per_second=options.per_second,
            chat_every=CHAT_EVERY if options.per_second else timedelta(),
            largest_photo=LARGEST,
            largest_file=LARGEST,
            needs_chat=True,
        )
        self._link = Link(options.endpoint, token, tls=options.tls, limits=limits)
        self._listening = Listening(self._link, name, clock, self._forget)
        self._reader = Reader(shop, name)
        self._people: dict[str, Person] = {}
        self._said: deque[str] = deque(maxlen=OWN_WORDS)

    @property
    def can_send(self) -> bool:
        """Whether a message would leave the house: the gateway is there, and somebody is logged in."""
        return self._listening.can_send

    async def receive(self, inbox: Inbox) -> None:
        """Hear buyers until cancelled. The gateway keeps nothing: what is said while we are away is lost, and said."""
        await self._listening.listen(inbox)

    async def parse(self, raw: Raw) -> Sequence[Incoming]:
        """The events of a message, which the gateway shows by its id."""
        me, id_ = self._listening.me, raw.external_id
        if id_.startswith(NO_ID):
            raise Unparseable("an event without the id of a message")
        if id_ in self._said:
            return []
        if not me:
            raise NotYet("nobody has logged in at the gateway")
        try:
            payload = await self._asked(lambda gateway: gateway.message_payload(id=id_))
        except Failed as error:
            if raw.tries < PATIENCE:
                raise NotYet(str(error)) from None
            raise Unparseable(f"the gateway does not have this message any more: {error}") from None
        return self._reader.events(payload, id_, await self._person(payload.from_id), me, raw.at)

    async def fetch(self, attachment: Attachment) -> bytes:
        """The bytes of a photo, voice message, video or file."""
        if attachment.media not in WITH_BYTES:
            raise Unparseable(f"a {attachment.media.value} has no file")
        id_ = attachment.ref
        try:
            found = unpacked((await self._asked(lambda gateway: gateway.message_file(id=id_))).filebox)
            if isinstance(found, bytes):
                return found
            if found:
                return await asyncio.to_thread(fetched, found, self._link.endpoint.rpartition(":")[0])
            return await self._asked(lambda gateway: streamed(gateway, id_), FILE)
        except (Failed, Gone) as error:
            raise Unparseable(f"the file is not there any more: {error}") from None
        except OSError as error:
            raise NotYet(f"the file cannot be fetched now: {error}") from None

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Say it: the text, then each file. What went wrong after the first is told with the acceptance, for nothing
        may go twice; that WeChat did not take the first is never certain."""
        if not self.can_send:
            return self._retry(message, "nobody is logged in at the gateway, or it is not there")
        try:
            calls = await asyncio.to_thread(_calls, message) if message.attachments else _calls(message)
        except (OSError, TooLarge) as error:
            why = f"a file cannot be sent: {error}"
            return replace(self._result(message, Outcome.REFUSED, error=why), refusal=Refusal.CONTENT)
        ids: list[str] = []
        for call in calls:
            try:
                id_ = (await self._link.ask(call)).id or ""
            except (Lost, Unwelcome, Failed) as error:
                if ids:
                    return self._result(message, Outcome.ACCEPTED, ids[0], f"not all of it: {error}")
                if isinstance(error, NotAttached | Unwelcome):
                    return self._retry(message, str(error))
                return self._result(message, Outcome.UNSURE, error=str(error))
            ids.append(id_)
            self._said.append(id_)
        return self._result(message, Outcome.ACCEPTED, ",".join(filter(None, ids)))

    async def close(self) -> None:
        """Nothing is left to let go of: `receive` has hung up when it was cancelled."""

    async def _asked(self, call: Call[T], seconds: float | None = None) -> T:
        """The gateway's answer. Raises Failed, and NotYet if there is none."""
        try:
            return await self._link.ask(call, seconds)
        except (Lost, Unwelcome) as error:
            raise NotYet(str(error)) from None

    async def _person(self, id_: str) -> Person:
        """Who that is, asked for once; somebody whom the gateway does not know has no name."""
        known = self._people.get(id_)
        if known is not None:
            return known
        try:
            found = person(await self._asked(lambda gateway: gateway.contact_payload(id=id_)))
        except Failed:
            return Person()
        if len(self._people) >= MOST_NAMES:
            self._people.clear()
        self._people[id_] = found
        return found

    def _forget(self, id_: str) -> None:
        self._people.pop(id_, None)

    def _retry(self, message: Outgoing, why: str) -> DeliveryResult:
        at = self._clock.now()
        return DeliveryResult(message.id, Outcome.RETRY, at, error=why, retry_at=self._listening.next_try())

    def _result(self, message: Outgoing, outcome: Outcome, id_: str = "", error: str = "") -> DeliveryResult:
        return DeliveryResult(message.id, outcome, self._clock.now(), id_, error)


def _calls(message: Outgoing) -> list[Call[Any]]:
    """The calls that say a message, reading its files; what is on the web already goes as a line of text.

    Raises TooLarge and OSError.
    """
    to = message.address
    links = [each for each in message.attachments if each.ref.startswith(("https://", "http://"))]
    boxes = [packed(Path(each.ref), each.name) for each in message.attachments if each not in links]
    text = with_lines(message.text, links)
    saying: list[Call[Any]] = [lambda gateway: gateway.message_send_text(conversation_id=to, text=text)]
    showing = [partial(_show, to=to, box=box) for box in boxes]
    return [*(saying if text or not boxes else []), *showing]


async def _show(gateway: Any, to: str, box: str) -> Any:
    return await gateway.message_send_file(conversation_id=to, filebox=box)
