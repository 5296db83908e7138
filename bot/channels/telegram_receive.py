"""Hearing what buyers say on Telegram: by asking for it, or by being called. Nothing is acknowledged uncommitted."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from telegram import WebhookInfo
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.telegram_parse import ALLOWED
from bot.channels.telegram_request import Api, loads
from bot.channels.telegram_send import pause_of
from followup.model import Cursor, Health, Raw
from followup.ports import Clock, Inbox

log = structlog.get_logger(__name__)
LONG_POLL, SLACK = 30, 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LOOK_EVERY, FRESH = timedelta(minutes=1), timedelta(minutes=10)
KEPT = timedelta(days=1)  # so long Telegram keeps what nobody asks for
ANEW = 100_000
"""Numbers that are further on than this are a new beginning."""
TWO_POLLERS = "another program asks for this bot's messages: stop it, or give it a bot of its own"
WRONG_TOKEN = "Telegram does not know the bot's token: copy it again from @BotFather"  # noqa: S105


class Unreachable(Exception):
    """Telegram cannot reach the webhook."""


class Listening:
    """Does `round(patient)` again and again, whatever happens, and reports how it goes, each change once.

    A round returns when the service has answered, at once unless it may be `patient`.
    """

    def __init__(self, api: Api, inbox: Inbox, clock: Clock) -> None:
        self._api, self._inbox, self._clock = api, inbox, clock
        self._told: Health | None = None
        self._failures = self._conflicts = 0

    async def listen(self, a_round: Callable[[bool], Awaitable[None]]) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await a_round(self._told is Health.UP or self._conflicts > 1)
                self._failures = self._conflicts = 0
                await self._tell(Health.UP)
            except Exception as error:  # noqa: BLE001 - a channel hears on, whatever the service does
                await self._troubled(error)

    async def _troubled(self, error: Exception) -> None:
        self._failures += 1
        self._conflicts += (conflict := isinstance(error, Conflict))
        if not (conflict and self._conflicts == 1):  # the first is often our own last question, cut off by a restart
            await self._tell(*self._meaning(error))
        quick = FIRST_PAUSE * 2 ** min(self._failures, 10)
        longest = LONGEST_PAUSE if isinstance(error, InvalidToken) else min(LONGEST_PAUSE, quick)
        pause = timedelta(seconds=longest * random.uniform(0.5, 1))  # noqa: S311 - so that many do not come at once
        if isinstance(error, RetryAfter):
            pause = max(pause, pause_of(error))
        await self._clock.sleep_until(self._clock.now() + pause)

    def _meaning(self, error: Exception) -> tuple[Health, str]:
        match error:
            case InvalidToken():
                return Health.REFUSED, WRONG_TOKEN
            case Conflict():
                return Health.REFUSED, TWO_POLLERS
            case BadRequest():
                return Health.REFUSED, self._api.without_token(str(error))
            case TelegramError() | Unreachable():
                return Health.DOWN, self._api.without_token(str(error))
        log.error("not_kept", error=type(error).__name__)
        return Health.DOWN, f"what was heard could not be kept ({type(error).__name__})"

    async def _tell(self, health: Health, detail: str = "") -> None:
        if health is self._told:
            return
        try:
            await self._inbox.report(health, detail)
            self._told = health
        except Exception as error:  # noqa: BLE001 - told with the next round
            log.error("not_reported", error=type(error).__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """The number of the update that comes next (0: unknown), and when Telegram was last heard, in seconds since 1970:
    the channel's cursor, `<next>@<at>`."""

    next: int = 0
    at: float = 0.0

    @classmethod
    def read(cls, cursor: str) -> Mark:
        """The mark that was kept; a new one if there is none, or one of another kind of channel of this name."""
        upto, _, at = cursor.partition("@")
        try:
            return cls(int(upto), float(at))
        except ValueError:
            return cls()

    def __str__(self) -> str:
        return f"{self.next}@{self.at:.0f}"

    def is_gap(self, now: float, first: int = 0) -> bool:
        """Whether something that buyers said is lost by `now`, when `first` is the number of the next update: it waited
        for more than a day, or somebody else has taken it. Telegram counts by one, but begins anew at any number after
        a quiet week."""
        return 0 < self.at < now - KEPT.total_seconds() or 0 < self.next < first < self.next + ANEW


class Polling:
    """Asks for updates; those of one answer are committed with how far that is, and the next question says so."""

    def __init__(self, api: Api, name: str, inbox: Inbox, clock: Clock) -> None:
        self._api, self._name, self._inbox, self._clock = api, name, inbox, clock
        self._mark: Mark | None = None

    async def round(self, patient: bool) -> None:
        """One question. Raises what the service or the inbox does."""
        if self._mark is None:
            await self._api.get_me()
            await self._api.delete_webhook()
            self._mark = Mark.read(await self._inbox.cursor(self._name))
        wait = LONG_POLL if patient else 0
        question = {"timeout": wait, "offset": self._mark.next, "allowed_updates": ALLOWED}
        answer = await self._api.call("getUpdates", question, read_timeout=wait + SLACK)
        self._mark = await self._keep(answer, self._mark)

    async def _keep(self, updates: list[dict[str, Any]], before: Mark) -> Mark:
        """Commit. Of the numbers the last one counts, not the largest: they may begin anew with smaller ones."""
        now = self._clock.now()
        numbers = [each["update_id"] for each in updates if isinstance(each.get("update_id"), int)]
        if updates and not numbers:
            raise ValueError("updates without numbers")
        if before.is_gap(now.timestamp(), numbers[0] if numbers else 0):
            await self._inbox.report(Health.UP, gap=True)
        mark = Mark(numbers[-1] + 1 if numbers else before.next, now.timestamp())
        raws = [Raw(self._name, _identity(each), orjson.dumps(each), now) for each in updates]
        await self._inbox.take(raws, Cursor(self._name, str(mark)))
        return mark


class Webhook:
    """Is called with updates at an address, and looks now and then whether Telegram reaches it."""

    def __init__(self, api: Api, name: str, url: str, secret: str, inbox: Inbox, clock: Clock) -> None:
        self._api, self._name, self._url, self._secret = api, name, url, secret
        self._inbox, self._clock = inbox, clock
        self._set = False

    async def round(self, patient: bool) -> None:
        """See to it that Telegram knows the address, and reaches it. Raises Unreachable, TelegramError."""
        if patient:
            await self._clock.sleep_until(self._clock.now() + LOOK_EVERY)
        info = await self._api.get_webhook_info()
        if not self._set or info.url != self._url:
            # One connection: over several, what one buyer says may arrive out of order.
            await self._api.set_webhook(
                self._url, allowed_updates=ALLOWED, secret_token=self._secret, max_connections=1
            )
            self._set = True
        elif self._fails(info):
            raise Unreachable(f"Telegram cannot reach the webhook: {info.last_error_message}")
        else:
            await self._mark()

    async def _mark(self) -> None:
        """Note that all is well; if it was not for more than a day, something is lost."""
        now = self._clock.now().timestamp()
        if Mark.read(await self._inbox.cursor(self._name)).is_gap(now):
            await self._inbox.report(Health.UP, gap=True)
        await self._inbox.take([], Cursor(self._name, str(Mark(at=now))))

    def _fails(self, info: WebhookInfo) -> bool:
        at = info.last_error_date
        return bool(info.pending_update_count) and at is not None and self._clock.now() - at < FRESH

    async def called(self, request: Request) -> Response:
        """Take one update: 200 once it is committed, 403 for a stranger, 503 if it could not be kept."""
        shown = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(shown.encode(), self._secret.encode()):
            return Response(status_code=403)
        body = await request.body()
        try:
            await self._inbox.take([Raw(self._name, _named(body), body, self._clock.now())])
        except Exception as error:  # noqa: BLE001 - Telegram keeps it and calls again
            log.error("not_kept", channel=self._name, error=type(error).__name__)
            return Response(status_code=503)
        return Response(status_code=200)


def _named(body: bytes) -> str:
    try:
        return _identity(loads(body))
    except ValueError:
        return f"sha256.{hashlib.sha256(body).hexdigest()}"


def _identity(update: Any) -> str:
    """The number of an update and a digest of it: another one may have the same number, after a quiet week or of
    another bot."""
    digest = hashlib.sha256(orjson.dumps(update, option=orjson.OPT_SORT_KEYS)).hexdigest()
    number = update.get("update_id") if isinstance(update, dict) else None
    return f"{number}.{digest[:16]}" if isinstance(number, int) else f"sha256.{digest}"
