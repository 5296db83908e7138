"""Buyers on Telegram (docs/channels/telegram.md)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import CallbackQuery
from telegram.error import BadRequest, ChatMigrated, TelegramError
from telegram.helpers import create_deep_linked_url

from bot.channels.telegram_desk_hear import DeskHearing, answered
from bot.channels.telegram_group import Group
from bot.channels.telegram_parse import Reader, update_of
from bot.channels.telegram_receive import Listening, Polling, Webhook
from bot.channels.telegram_request import Api
from bot.channels.telegram_send import CAPABILITIES, Call, NotSendable, calls_for, change, changes_for, failed
from bot.config_channels import TelegramOptions
from followup.events import DeliveryResult, Incoming, Outcome, Refusal
from followup.model import Attachment, Media, Outgoing, Raw
from followup.ports import Capabilities, Clock, Inbox, NotYet, TooLarge, Unparseable

_SECRET = re.compile(r"[\w-]{1,256}", re.ASCII)


class Telegram:
    """One bot of @BotFather, which speaks for one shop: a Receiver, a Linker and an Editor (followup/ports.py).

    What the shop's own people say to it is heard by `desk`; TelegramDesk speaks to them.
    """

    capabilities: Capabilities = CAPABILITIES

    def __init__(
        self,
        *,
        name: str,
        shop: str,
        token: str,
        options: TelegramOptions,
        clock: Clock,
        webhook_secret: str | None = None,
    ) -> None:
        if options.mode == "webhook" and not options.webhook_url:
            raise ValueError("webhook_url has to be set in webhook mode")
        if options.mode == "webhook" and not _SECRET.fullmatch(webhook_secret or ""):
            raise ValueError("the webhook_secret has to be 1 to 256 letters, digits, _ and - (not of other alphabets)")
        self.name, self._options, self._clock, self._secret = name, options, clock, webhook_secret or ""
        self.api = self._api = Api(token, options.api_url, options.proxy)
        group = Group(self._api, options.agents_group) if options.agents_group else None
        self.desk = DeskHearing(name, shop, group, options.buyers)
        self._reader = Reader(shop, name)
        self._username = ""
        self._asides: set[asyncio.Task[None]] = set()

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Say it. What went wrong after the first of several calls is told with the acceptance: nothing goes twice."""
        try:
            calls = await self._calls(message)
        except NotSendable as error:
            now, why = self._clock.now(), str(error)
            return DeliveryResult(message.id, Outcome.REFUSED, now, error=why, refusal=Refusal.CONTENT)
        sent = ""
        for call in calls:
            try:
                ids = _ids(await self._call(call))
                sent = sent or ids
            except TelegramError as error:
                said, now = self._api.without_token(str(error)), self._clock.now()
                if sent:
                    return DeliveryResult(message.id, Outcome.ACCEPTED, now, sent, f"not all of it: {said}")
                return failed(error, said, message, now)
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now(), sent)

    def is_group(self, address: str) -> bool:
        """Whether several people read there."""
        return address.startswith("-")

    async def edit(self, message: Outgoing, external_id: str) -> DeliveryResult:
        """Put the words and buttons of a message in the place of those of an earlier one."""
        now = self._clock.now()
        try:
            await change(self._call, changes_for(message, external_id))
        except NotSendable as error:
            return DeliveryResult(message.id, Outcome.REFUSED, now, error=str(error), refusal=Refusal.CONTENT)
        except TelegramError as error:
            said = self._api.without_token(str(error))
            if "not modified" not in said:
                return failed(error, said, message, now)
        return DeliveryResult(message.id, Outcome.ACCEPTED, now, external_id)

    async def delete(self, address: str, external_id: str) -> bool:
        """Take a message back; False if that is no longer possible. Raises NotYet."""
        return await self._do(Call("deleteMessage", {"chat_id": address, "message_id": external_id}))

    async def receive(self, inbox: Inbox) -> None:
        """Hear buyers until cancelled."""
        self.desk.inbox = inbox
        listening = Listening(self._api, inbox, self._clock)
        if self._options.mode == "webhook":
            await listening.listen(self._webhook(inbox).round)
        await listening.listen(Polling(self._api, self.name, inbox, self._clock).round)

    def routes(self, inbox: Inbox) -> list[Route]:
        """What the HTTP app offers to Telegram: `POST /telegram/<name>` in webhook mode, else nothing."""
        if self._options.mode != "webhook":
            return []
        webhook = self._webhook(inbox)

        async def called(request: Request) -> Response:
            return await webhook.called(request)

        return [Route(f"/telegram/{self.name}", called, methods=["POST"])]

    async def parse(self, raw: Raw) -> Sequence[Incoming]:
        """The events of an update. A tapped button stops spinning; a buyer's is taken away. Raises NotYet."""
        update = update_of(raw, self._api)
        await self.desk.note(update)
        if self.desk.hears(update):
            if update.callback_query:
                self._aside(answered(update.callback_query))
            return await self.desk.said(update, raw)
        if not self._options.buyers:
            return []
        events = self._reader.events(update, raw.at)
        if update.callback_query:
            self._aside(_settle(update.callback_query))
        return events

    async def fetch(self, attachment: Attachment) -> bytes:
        """The bytes of a photo or file, which Telegram gives up to 20 MB; of one that an agent sent and that is kept
        here already, by its path."""
        files = self.desk.files
        if files is not None and files.holds(attachment.ref):
            return await files.read(attachment.ref)
        if not attachment.ref or attachment.media in (Media.LOCATION, Media.CARD):
            raise Unparseable(f"a {attachment.media.value} has no file")
        try:
            file = await self._api.get_file(attachment.ref)
            return bytes(await file.download_as_bytearray())
        except BadRequest as error:
            gone = TooLarge if "too big" in str(error).lower() else Unparseable
            raise gone(self._api.without_token(str(error))) from None
        except TelegramError as error:
            raise NotYet(self._api.without_token(str(error))) from None

    async def link(self, token: str) -> str:
        """An address of t.me that opens the chat and shows the token."""
        try:
            self._username = self._username or (await self._api.get_me()).username or ""
        except TelegramError as error:
            raise NotYet(self._api.without_token(str(error))) from None
        if not self._username:
            raise NotYet("Telegram does not tell the bot's name")
        return create_deep_linked_url(self._username, token)

    async def close(self) -> None:
        """Close the connections."""
        for task in list(self._asides):
            task.cancel()
        await asyncio.gather(*self._asides, return_exceptions=True)
        await self.desk.close()
        await self._api.close_connections()

    def _webhook(self, inbox: Inbox) -> Webhook:
        return Webhook(self._api, self.name, self._options.webhook_url, self._secret, inbox, self._clock)

    async def _calls(self, message: Outgoing) -> list[Call]:
        if message.attachments:  # which may be files to read
            return await asyncio.to_thread(calls_for, message, self._options.reply_buttons)
        return calls_for(message, self._options.reply_buttons)

    async def _call(self, call: Call) -> Any:
        """The answer to a call; a group that has moved is followed."""
        try:
            return await self._api.call(call.method, call.fields)
        except ChatMigrated as moved:
            return await self._api.call(call.method, {**call.fields, "chat_id": moved.new_chat_id})

    async def _do(self, call: Call) -> bool:
        try:
            await self._call(call)
        except BadRequest as error:
            return "not modified" in str(error)
        except TelegramError as error:
            raise NotYet(self._api.without_token(str(error))) from None
        return True

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)


def _ids(answer: Any) -> str:
    """The number of the message that was made; of an album, those of all."""
    return ",".join(str(each["message_id"]) for each in (answer if isinstance(answer, list) else [answer]))


async def _settle(tapped: CallbackQuery) -> None:
    """Tell the buyer's app that his tap has arrived, and take the buttons away; it does not matter if that fails."""
    for done in (tapped.answer, tapped.edit_message_reply_markup):
        with suppress(Exception):  # too old to answer, its message gone, no such message ever
            await done()
