"""One customer service account as a channel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from starlette.routing import Route

from bot.channels.wecom.callback import Callback
from bot.channels.wecom.client import Client
from bot.channels.wecom.compose import LARGEST, LONGEST_TEXT, MOST_CHOICES
from bot.channels.wecom.crypto import Crypto
from bot.channels.wecom.errors import BAD_MEDIA, WecomError
from bot.channels.wecom.parse import parse
from bot.channels.wecom.send import Sender
from bot.channels.wecom.sync import Sync
from bot.config_channels import WecomOptions
from followup.events import DeliveryResult, Incoming
from followup.model import Attachment, Media, Outgoing, Raw
from followup.ports import Capabilities, Clock, Inbox, Measure, Unparseable

SCENE = "huifang"
FLOOD_PAUSE = timedelta(minutes=1)
FETCHED = (Media.PHOTO, Media.FILE, Media.VOICE, Media.VIDEO)


class Wecom:
    """Receiver and Linker. `token` and `aes_key` are the callback's, `secret` the app's.

    WeCom forgives 10,000 calls of one kind in a minute and lifts a limit after one; `pause` is how long all sends are
    silent after it. Raises ValueError if `aes_key` is none.
    """

    capabilities = Capabilities(
        idempotent=True,
        longest_text=LONGEST_TEXT,
        measure=Measure.BYTES,
        per_second=150.0,
        window=timedelta(hours=48),
        quota=5,
        buttons=MOST_CHOICES,
        largest_photo=LARGEST["image"],
        largest_file=LARGEST["file"],
        needs_chat=True,
        handover=True,
    )

    def __init__(
        self,
        *,
        name: str,
        shop: str,
        secret: str,
        token: str,
        aes_key: str,
        options: WecomOptions,
        clock: Clock,
        pause: timedelta = FLOOD_PAUSE,
    ) -> None:
        self.name, self._shop, self._options = name, shop, options
        self._client = Client(options.api_url, options.corp_id, secret, clock)
        self._sender = Sender(self._client, options.open_kfid, clock, pause)
        self._sync = Sync(name, options.open_kfid, self._client, clock, options.poll_seconds)
        crypto = Crypto(token, aes_key, options.corp_id)
        self._callback = Callback(f"/wecom/{name}", crypto, options.open_kfid, clock, self._sync.wake)
        self._contact_url, self._asking = options.contact_url, asyncio.Lock()

    def routes(self, _inbox: Inbox) -> list[Route]:
        """Where WeCom's callbacks go on our HTTP port: `/wecom/<name>`. They only wake the reader."""
        return self._callback.routes

    async def receive(self, inbox: Inbox) -> None:
        """Read what buyers say, page by page, from the committed cursor."""
        await self._sync.run(inbox)

    async def parse(self, raw: Raw) -> Sequence[Incoming]:
        """The events of one message of `kf/sync_msg`."""
        return parse(raw, self._shop)

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Send a message; one of the step `handoff` hands the session over to a person after its words, if any."""
        return await self._sender.send(message, self._options.servicer)

    async def handoff(self, address: str, servicer: str = "") -> None:
        """Give the session to `servicer`, or whoever is free: the bot is silent there until the session is over.

        Raises NotYet, and WecomError if there is no session to give.
        """
        await self._sender.handoff(address, servicer or self._options.servicer)

    async def fetch(self, attachment: Attachment) -> bytes:
        """The bytes of a picture, file, voice or video of the last three days."""
        if attachment.media not in FETCHED or not attachment.ref:
            raise Unparseable(f"a {attachment.media} has no bytes")
        try:
            return await self._client.download(attachment.ref)
        except WecomError as error:
            if error.code in BAD_MEDIA:
                raise Unparseable(str(error)) from None
            raise

    async def link(self, token: str) -> str:
        """The account's link with `token` as its scene_param. WeCom is asked for the link once."""
        async with self._asking:
            if not self._contact_url:
                body: dict[str, Any] = {"open_kfid": self._options.open_kfid, "scene": SCENE}
                self._contact_url = str((await self._client.call("kf/add_contact_way", body)).get("url", ""))
        joint = "&" if "?" in self._contact_url else "?"
        return f"{self._contact_url}{joint}scene_param={quote(token, safe='')}"

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()
