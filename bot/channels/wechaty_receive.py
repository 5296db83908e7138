"""Hearing what a Wechaty gateway says, for as long as it takes, and telling how it stands."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import IntEnum
from typing import Any

import structlog

from bot.channels.wechaty_link import Failed, Heard, Link, Lost, Unwelcome
from followup.model import Health, Instant, Raw
from followup.ports import Clock, Inbox

log = structlog.get_logger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
REFUSED_PAUSE = timedelta(minutes=5)
LOGIN_PAUSE = timedelta(seconds=30)
SHORT_PAUSE = timedelta(seconds=5)
CALM = timedelta(minutes=1)
LOGIN_WITHIN = timedelta(seconds=10)
NOT_KEPT_PAUSE = timedelta(seconds=1)
NO_ID = "?"


class Event(IntEnum):
    """Events of the gateway that we heed, as the protocol numbers them."""

    MESSAGE = 2
    ERROR = 16
    SCAN = 22
    LOGIN = 25
    LOGOUT = 26
    DIRTY = 27


class Listening:
    """Attaches to the gateway again and again. `me` is the account that logged in last, "" until one has;
    `changed(id)` is called when what is known of a contact is out of date."""

    def __init__(self, link: Link, name: str, clock: Clock, changed: Callable[[str], None]) -> None:
        self.me, self.logged_in = "", False
        self._link, self._name, self._clock, self._changed = link, name, clock, changed
        self._told: tuple[Health, str] | None = None
        self._again_at: Instant | None = None
        self._failures = 0

    @property
    def can_send(self) -> bool:
        """Whether a message would leave the house."""
        return self._link.attached and self.logged_in

    def next_try(self) -> Instant:
        """When sending may be worth another try."""
        now = self._clock.now()
        soon = now + (LOGIN_PAUSE if self._link.attached else SHORT_PAUSE)
        return max(soon, self._again_at or soon)

    async def listen(self, inbox: Inbox) -> None:
        """Listen until cancelled."""
        while True:
            began = self._clock.now()
            try:
                await self._session(inbox)
            except Unwelcome as error:
                health, why, pause = Health.REFUSED, str(error), REFUSED_PAUSE
            except (Lost, Failed) as error:
                self._failures = 1 if self._clock.now() - began > CALM else self._failures + 1
                health, why, pause = Health.DOWN, str(error), self._pause()
            self._again_at = self._clock.now() + pause
            if self._told is None or self._told[0] is not health:
                await self._tell(inbox, health, why)
            await self._clock.sleep_until(self._again_at)

    def _pause(self) -> timedelta:
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures - 1, 10))
        return timedelta(seconds=longest * random.uniform(0.5, 1))  # noqa: S311 - so that two clients do not keep step

    async def _session(self, inbox: Inbox) -> None:
        """Attach, and hear until that ends. Raises Lost, Failed and Unwelcome."""
        waiting = asyncio.create_task(self._wait_for_login(inbox))
        try:
            await self._link.attach(lambda events: self._hear(events, inbox))
        finally:
            self.logged_in = False
            waiting.cancel()
            await asyncio.wait({waiting})

    async def _wait_for_login(self, inbox: Inbox) -> None:
        """A gateway may wait for somebody to log in without saying so."""
        while not self.logged_in:
            await self._clock.sleep_until(self._clock.now() + LOGIN_WITHIN)
            logged_out = self._link.attached and not self.logged_in
            if logged_out and (self._told is None or self._told[0] is not Health.LOGIN):
                await self._tell(inbox, Health.LOGIN, "")

    async def _hear(self, events: list[Heard], inbox: Inbox) -> None:
        now = self._clock.now()
        raws = [_raw(self._name, event.payload, now) for event in events if event.type == Event.MESSAGE]
        if raws:
            await self._surely(lambda: inbox.take(raws))
        for event in events:
            await self._note(event.type, _fields(event.payload), inbox)

    async def _note(self, type_: int, fields: dict[str, Any], inbox: Inbox) -> None:
        match type_:
            case Event.LOGIN:
                self.me, self.logged_in = str(fields.get("contactId") or self.me), True
                await self._tell(inbox, Health.UP, "")
            case Event.LOGOUT:
                self.logged_in = False
                await self._tell(inbox, Health.LOGIN, "")
            case Event.SCAN if fields.get("qrcode"):
                self.logged_in = False
                await self._tell(inbox, Health.LOGIN, str(fields["qrcode"]))
            case Event.DIRTY:
                self._changed(str(fields.get("payloadId") or ""))
            case Event.ERROR:
                log.warning("gateway_error", channel=self._name)

    async def _tell(self, inbox: Inbox, health: Health, detail: str) -> None:
        """Report a change. Whoever is back was away: the gateway keeps nothing of what was said meanwhile."""
        if (health, detail) != self._told:
            await self._surely(lambda: inbox.report(health, detail, gap=health is Health.UP))
            self._told = (health, detail)

    async def _surely(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it, again and again if need be: nobody else has what would be lost."""
        while True:
            try:
                return await work()
            except Exception as error:  # noqa: BLE001 - whatever it is, it may pass
                log.error("not_kept", channel=self._name, error=type(error).__name__)
                await self._clock.sleep_until(self._clock.now() + NOT_KEPT_PAUSE)


def _raw(channel: str, payload: str, now: Instant) -> Raw:
    """The event as it came, known by the id of its message; one that has none is known by what it is."""
    body = payload.encode()
    id_ = _fields(payload).get("messageId")
    return Raw(channel, str(id_) if id_ else f"{NO_ID}{hashlib.sha256(body).hexdigest()}", body, now)


def _fields(payload: str) -> dict[str, Any]:
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
