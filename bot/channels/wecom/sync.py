"""Reading what WeCom keeps for us: page by page from the committed cursor, woken by callbacks or by the clock.

WeCom keeps three days. Its token comes with a callback and is good for ten minutes; a look without one, or with a wrong
one, is allowed ten times a minute.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from bot.channels.wecom.client import Client
from bot.channels.wecom.errors import BAD_SYNC_TOKEN, SETTINGS, TOO_FAST, Unreachable, WecomError
from followup.model import EPOCH, Cursor, Health, Instant, Raw
from followup.ports import Clock, Inbox, NotYet

PAGE = 1000
KEPT = timedelta(days=3)
TOKEN_LASTS = timedelta(minutes=9)
BACK_TO = timedelta(hours=1)
LONGEST_PAUSE = 60.0
AFTER_REFUSAL = 300.0
FIRST, ON = "first", "on@"


class Sync:
    """The reader of one account, every so many seconds and whenever it is woken; `channel` names its raw events.

    The cursor is stored as `on@2026-03-02T04:<WeCom's cursor>`, with the hour (in UTC) of the last look, so that a
    later start knows whether WeCom has dropped something. Until the account has been read to its end for the first time
    it is `first:…`, and messages older than an hour are left alone: whoever wrote before this program was here was
    answered, or not, by somebody else.
    """

    def __init__(self, channel: str, open_kfid: str, client: Client, clock: Clock, every: float) -> None:
        self._channel, self._open_kfid, self._client, self._clock = channel, open_kfid, client, clock
        self._every, self._name = every, f"{channel}:{open_kfid}"
        self._news = asyncio.Event()
        self._token, self._token_until = "", EPOCH
        self._stored = ""
        self._told: tuple[Health, str] | None = None
        self._failures = 0
        self._heard_at = EPOCH

    def wake(self, token: str) -> None:
        """There is something to read, and `token` permits it."""
        self._token, self._token_until = token, self._clock.now() + TOKEN_LASTS
        self._news.set()

    async def run(self, inbox: Inbox) -> None:
        """Read until cancelled, and tell how the account stands."""
        self._stored = await inbox.cursor(self._name)
        self._heard_at = _hour_of(self._stored) or self._clock.now()
        while True:
            self._news.clear()
            pause, patient = await self._look(inbox)
            await self._rest(pause, patient)

    async def _look(self, inbox: Inbox) -> tuple[float, bool]:
        """Read all there is; returns for how many seconds to rest, and whether a callback may not end that."""
        try:
            await self._read(inbox)
        except NotYet as error:
            return await self._trouble(inbox, error)
        now = self._clock.now()
        gap, self._failures, self._heard_at = now - self._heard_at > KEPT, 0, now
        await self._tell(inbox, Health.UP, gap=gap)
        return self._every, False

    async def _trouble(self, inbox: Inbox, error: NotYet) -> tuple[float, bool]:
        """One failure is no news yet; wrong settings are, and will not mend by themselves."""
        code = error.code if isinstance(error, WecomError) else 0
        self._failures += 1
        if code in SETTINGS:
            await self._tell(inbox, Health.REFUSED, str(error))
            return AFTER_REFUSAL, False
        if self._failures > 1:
            await self._tell(inbox, Health.DOWN, str(error))
        too_fast = code in TOO_FAST
        return LONGEST_PAUSE if too_fast else min(LONGEST_PAUSE, 2.0 ** min(self._failures - 1, 10)), too_fast

    async def _tell(self, inbox: Inbox, health: Health, detail: str = "", gap: bool = False) -> None:
        if (health, detail) != self._told or gap:
            await inbox.report(health, detail, gap)
            self._told = health, detail

    async def _read(self, inbox: Inbox) -> None:
        first, now = not self._stored.startswith(ON), self._clock.now()
        since, cursor, more = now - BACK_TO if first else EPOCH, self._stored.partition(":")[2], True
        ours = f"{ON}{now:%Y-%m-%dT%H}"
        while more:
            page = await self._page(cursor)
            messages, following = _messages(page), str(page.get("next_cursor") or cursor)
            more = page.get("has_more") == 1
            if more and not messages and following == cursor:
                raise Unreachable("there is more, says WeCom, but does not show it")
            cursor, value = following, f"{FIRST if first and more else ours}:{following}"
            raws = [self._raw(message) for message in messages if not _older(message, since)]
            if raws or value != self._stored:
                await inbox.take(raws, Cursor(self._name, value))
                self._stored = value

    async def _page(self, cursor: str) -> dict[str, Any]:
        asked = {"cursor": cursor, "limit": PAGE, "open_kfid": self._open_kfid}
        token = self._token if self._clock.now() < self._token_until else ""
        if not token:
            return await self._client.call("kf/sync_msg", asked)
        try:
            return await self._client.call("kf/sync_msg", {**asked, "token": token})
        except WecomError as error:
            if error.code != BAD_SYNC_TOKEN:
                raise
        self._token = "" if self._token == token else self._token
        return await self._client.call("kf/sync_msg", asked)

    def _raw(self, message: Any) -> Raw:
        try:
            body = orjson.dumps(message)
        except TypeError:
            body = json.dumps(message).encode()
        msgid = message.get("msgid") if isinstance(message, dict) else None
        id_ = msgid if isinstance(msgid, str) and msgid else hashlib.sha256(body).hexdigest()
        return Raw(self._channel, id_, body, self._clock.now())

    async def _rest(self, seconds: float, patient: bool) -> None:
        """Wait for the clock, or, unless that would be rude to WeCom, for a callback."""
        over = asyncio.ensure_future(self._clock.sleep_until(self._clock.now() + timedelta(seconds=seconds)))
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait({over} if patient else {over, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            news.cancel()


def _hour_of(stored: str) -> Instant | None:
    """The hour of the last look before this start."""
    with suppress(ValueError):
        return datetime.strptime(stored.partition(":")[0], f"{ON}%Y-%m-%dT%H").replace(tzinfo=UTC)
    return None


def _messages(page: dict[str, Any]) -> list[Any]:
    messages = page.get("msg_list") or []
    if not isinstance(messages, list):
        raise Unreachable("the answer is not as documented")
    return messages


def _older(message: Any, since: Instant) -> bool:
    sent = message.get("send_time") if isinstance(message, dict) else None
    return isinstance(sent, int) and sent < since.timestamp()
