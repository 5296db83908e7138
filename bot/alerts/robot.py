"""A robot of a group chat: one POST a message, and the body of the answer tells what became of it.

Services answer HTTP 200 to what they refuse. Neither an address nor a sign secret is ever in an error or a log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import orjson

from bot.redact import Redactor
from followup.events import DeliveryResult, Outcome, Refusal
from followup.model import Instant, Outgoing
from followup.ports import Capabilities, Clock, Measure

for _talkative in ("httpx", "httpcore"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)  # they tell addresses, and those hold keys

PER_SECOND = 20 / 60
BREATH = timedelta(minutes=1)
TIMEOUT = 15.0
LARGEST = 100_000
LONGEST_ERROR = 200
_TOO_MANY, _SERVER = 429, 500


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted: JSON, and what is added to the address."""

    body: Mapping[str, Any]
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a service speaks: `compose` makes the request of a text at an instant, `codes` are the fields of the answer
    that hold its code (0: taken), `says` the one that explains it. `too_fast` asks for a pause, `busy` for another try;
    every other code means that it will never be taken."""

    compose: Callable[[str, Instant], Request]
    longest: int
    codes: tuple[str, ...]
    says: str
    too_fast: frozenset[int]
    busy: frozenset[int] = frozenset({-1})


class Robot:
    """One robot, by the address that it was given. Raises ValueError for what is no address."""

    def __init__(self, name: str, url: str, clock: Clock, dialect: Dialect, sign: str = "") -> None:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("its address begins with https://")
        self.name, self._url, self._clock, self._dialect = name, url, clock, dialect
        self._redactor = Redactor.knowing(filter(None, (url, sign)))
        self.capabilities = Capabilities(longest_text=dialect.longest, measure=Measure.BYTES, per_second=PER_SECOND)

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Post the text. One of which nobody knows whether it was taken is unsure, and so comes again."""
        request = self._dialect.compose(message.text, self._clock.now())
        try:
            async with asyncio.timeout(TIMEOUT):
                status, content = await self._post(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return self._result(message, Outcome.RETRY, type(error).__name__)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return self._result(message, Outcome.UNSURE, type(error).__name__)  # its text may hold the address
        return self._read(message, status, content)

    async def _post(self, request: Request) -> tuple[int, bytes]:
        body, headers = orjson.dumps(request.body), {"content-type": "application/json; charset=utf-8"}
        url = httpx.URL(self._url).copy_merge_params(dict(request.params))
        async with (
            httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            content = bytearray()
            async for part in response.aiter_bytes():
                content += part
                if len(content) > LARGEST:
                    break
            return response.status_code, bytes(content)

    def _read(self, message: Outgoing, status: int, content: bytes) -> DeliveryResult:
        code, says = self._code(content)
        error = f"{code}: {says}" if code is not None else f"HTTP {status}"
        if code in self._dialect.too_fast or status == _TOO_MANY:
            return self._result(message, Outcome.RETRY, error, pause=BREATH)
        if code in self._dialect.busy or status >= _SERVER:
            return self._result(message, Outcome.RETRY, error)
        if code == 0 and status == httpx.codes.OK:
            return self._result(message, Outcome.ACCEPTED)
        if code is None and status == httpx.codes.OK:
            return self._result(message, Outcome.UNSURE, "the answer is not as documented")
        return self._result(message, Outcome.REFUSED, error)

    def _code(self, content: bytes) -> tuple[int | None, str]:
        """The code of an answer, with what it says; None if it has none."""
        try:
            answer = orjson.loads(content)
        except ValueError:
            return None, ""
        if not isinstance(answer, dict):
            return None, ""
        found = (answer[field] for field in self._dialect.codes if field in answer)
        code = next((code for code in found if isinstance(code, int) and not isinstance(code, bool)), None)
        return code, str(answer.get(self._dialect.says, ""))

    def _result(
        self, message: Outgoing, outcome: Outcome, error: str = "", pause: timedelta | None = None
    ) -> DeliveryResult:
        now = self._clock.now()
        error = self._redactor.text(error)[:LONGEST_ERROR]
        retry_at = now + pause if pause else None
        return DeliveryResult(message.id, outcome, now, error=error, retry_at=retry_at, refusal=Refusal.CONTENT)
