"""Sending: a message's parts one after another, each under its own msgid, so that a repeat reaches the buyer once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from bot.channels.wecom.client import Client
from bot.channels.wecom.compose import Part, TooLarge, check_size, msgid_of, parts_of
from bot.channels.wecom.errors import (
    BUSY,
    EXPIRED_ACCESS,
    NO_SERVICER,
    REFUSALS,
    SETTINGS,
    TOO_FAST,
    WRONG_STATE,
    Unreachable,
    WecomError,
)
from followup.events import DeliveryResult, Outcome, Refusal
from followup.model import Instant, Outgoing
from followup.ports import Clock

HANDOFF = "handoff"
AFTER_REFUSAL = timedelta(minutes=5)
SHORTEST_SILENCE, LONGEST_SILENCE = timedelta(seconds=2), timedelta(minutes=1)
WAITING, WITH_PERSON = 2, 3


class Sender:
    """Sends from one account; `pause` is how long all are silent after a rate limit."""

    def __init__(self, client: Client, open_kfid: str, clock: Clock, pause: timedelta) -> None:
        self._client, self._open_kfid, self._clock, self._pause = client, open_kfid, clock, pause
        self._lost_at: Instant | None = None

    async def send(self, message: Outgoing, servicer: str = "") -> DeliveryResult:
        """Accepted once WeCom has all parts; only an event may tell later that it did not arrive."""
        try:
            for number, part in enumerate(parts_of(message)):
                await self._send_part(part, message.address, message.code if number == 0 else "")
            if message.step == HANDOFF:
                await self.handoff(message.address, servicer)
        except (TooLarge, OSError) as error:
            return self._refused(message, Refusal.CONTENT, str(error))
        except Unreachable as error:
            return self._again(message, str(error), self._silence())
        except WecomError as error:
            return self._judged(message, error)
        self._lost_at = None
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now(), external_id=msgid_of(message.id))

    async def handoff(self, address: str, servicer: str = "") -> None:
        """The session goes to `servicer`, or to the waiting pool if he is not there. One that a person has already
        stays with him."""
        try:
            await self._hand_to(address, servicer)
        except WecomError as error:
            if error.code != WRONG_STATE or await self._state(address) not in (WAITING, WITH_PERSON):
                raise

    async def _hand_to(self, address: str, servicer: str) -> None:
        if servicer:
            try:
                return await self._trans(address, {"service_state": WITH_PERSON, "servicer_userid": servicer})
            except WecomError as error:
                if error.code not in NO_SERVICER:
                    raise
        return await self._trans(address, {"service_state": WAITING})

    async def _trans(self, address: str, to: dict[str, Any]) -> None:
        await self._client.call("kf/service_state/trans", {**self._whom(address), **to})

    async def _state(self, address: str) -> Any:
        return (await self._client.call("kf/service_state/get", self._whom(address))).get("service_state")

    def _whom(self, address: str) -> dict[str, Any]:
        return {"open_kfid": self._open_kfid, "external_userid": address}

    async def _send_part(self, part: Part, address: str, code: str) -> None:
        body = part.body
        if part.file is not None:
            data = await asyncio.to_thread(part.file.read_bytes)
            check_size(part.msgtype, data)
            body = {"media_id": await self._client.upload(part.msgtype, part.body["name"], data)}
        message = {"msgid": part.msgid, "msgtype": part.msgtype, part.msgtype: body}
        try:
            if code:
                await self._client.call("kf/send_msg_on_event", {"code": code, **message})
            else:
                await self._client.call("kf/send_msg", {"touser": address, "open_kfid": self._open_kfid, **message})
        except WecomError as error:
            if not error.repeated:
                raise

    def _judged(self, message: Outgoing, error: WecomError) -> DeliveryResult:
        if error.code in TOO_FAST:
            return self._again(message, str(error), self._pause)
        if error.code in SETTINGS:
            return self._again(message, str(error), AFTER_REFUSAL)
        if error.code in BUSY | EXPIRED_ACCESS:
            return self._again(message, str(error))
        return self._refused(message, REFUSALS.get(error.code, Refusal.CONTENT), str(error))

    def _silence(self) -> timedelta:
        """Nothing is sent for as long as WeCom has been out of reach, at least two seconds and at most a minute."""
        now = self._clock.now()
        self._lost_at = self._lost_at or now
        return min(max(now - self._lost_at, SHORTEST_SILENCE), LONGEST_SILENCE)

    def _again(self, message: Outgoing, error: str, pause: timedelta | None = None) -> DeliveryResult:
        now = self._clock.now()
        retry_at = now + pause if pause else None
        return DeliveryResult(message.id, Outcome.RETRY, now, error=error, retry_at=retry_at)

    def _refused(self, message: Outgoing, refusal: Refusal, error: str) -> DeliveryResult:
        return DeliveryResult(message.id, Outcome.REFUSED, self._clock.now(), error=error, refusal=refusal)
