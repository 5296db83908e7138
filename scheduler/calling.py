"""One call of a channel: a message is sent, or put in the place of an earlier one."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import cast

import structlog

from followup.events import DeliveryResult, Outcome, Refusal
from followup.model import Instant, Outgoing
from followup.ports import Channel, Clock, Editor, NotYet, Unparseable
from scheduler.carrying import Carrier
from store.log_ids import about

log, level = structlog.get_logger(__name__), logging.getLogger(__name__)
NEVER_WENT = "the message that it changes never went"
NO_EDITS = "this channel changes nothing that was sent"


class Caller:
    """Calls one channel; one that breaks, or hangs for more than `patience` seconds, leaves us not knowing."""

    def __init__(self, channel: Channel, clock: Clock, carrier: Carrier, patience: float) -> None:
        self._channel, self._clock, self._carrier, self._patience = channel, clock, carrier, patience

    async def call(self, message: Outgoing, known_as: str = "") -> DeliveryResult:
        """Send the message, or edit the one that the channel knows as `known_as`; never raises."""
        with about(thread=message.thread or message.about, message=message.id):
            return await self._call(message, known_as)

    async def _call(self, message: Outgoing, known_as: str) -> DeliveryResult:
        try:
            async with asyncio.timeout(self._patience):
                result = await (self._edit(message, known_as) if message.edits else self._send(message))
            if level.isEnabledFor(logging.DEBUG):  # else it would cost each message something
                log.debug("called", channel=self._channel.name, outcome=result.outcome.value)
            return _later(result, self._clock.now())
        except Exception as error:  # noqa: BLE001 - nobody knows what it has done
            what = f"{type(error).__name__}: {error}".removesuffix(": ")
            log.error("channel_broke", channel=self._channel.name, error=type(error).__name__)
            return DeliveryResult(message.id, Outcome.UNSURE, self._clock.now(), error=what)

    async def _send(self, message: Outgoing) -> DeliveryResult:
        """What cannot be fetched yet is tried again, for nothing was sent; what never can be is refused."""
        async with AsyncExitStack() as until_sent:
            try:
                carried = await until_sent.enter_async_context(self._carrier.carried(message))
            except NotYet as error:
                return DeliveryResult(message.id, Outcome.RETRY, self._clock.now(), error=str(error))
            except Unparseable as error:
                return self._refuse(message, str(error))
            return await self._channel.send(carried)

    async def _edit(self, message: Outgoing, known_as: str) -> DeliveryResult:
        """An edit has no name of its own on the channel."""
        if not self._channel.capabilities.edits:
            return self._refuse(message, NO_EDITS)
        if not known_as:
            return self._refuse(message, NEVER_WENT)
        return replace(await cast(Editor, self._channel).edit(message, known_as), external_id="")

    def _refuse(self, message: Outgoing, why: str) -> DeliveryResult:
        now = self._clock.now()
        return DeliveryResult(message.id, Outcome.REFUSED, now, error=why, refusal=Refusal.CONTENT)


def _later(result: DeliveryResult, now: Instant) -> DeliveryResult:
    """The result without a retry time that has passed already, or one message could be tried without end."""
    return result if result.retry_at is None or result.retry_at > now else replace(result, retry_at=None)
