"""WeCom's HTTP API: calls with an access token that is fetched once for all who wait, and renewed once if refused.

Neither the secret nor an access token is ever in a log or an error; both stand in addresses, so no address is told.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from functools import cached_property
from typing import Any

import httpx
import orjson

from bot.channels.wecom.errors import EXPIRED_ACCESS, Unreachable, WecomError
from followup.model import EPOCH, Instant
from followup.ports import Clock

for _talkative in ("httpx", "httpcore"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)  # they tell addresses, and those hold tokens

CONNECTIONS = 10
LARGEST = 25_000_000
EARLY = timedelta(minutes=5)
BARRED = timedelta(minutes=1)
Answer = dict[str, Any] | bytes


class Client:
    """The API at `url` for one app. Every call raises Unreachable or WecomError."""

    def __init__(self, url: str, corp_id: str, secret: str, clock: Clock) -> None:
        self._corp_id, self._secret, self._clock = corp_id, secret, clock
        self._url = url.rstrip("/") + "/cgi-bin/"
        self._fetching = asyncio.Lock()
        self._access, self._until = "", EPOCH
        self._barred, self._barred_until = WecomError(0, ""), EPOCH

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        """Made at the first call: whoever only asks what the channel can do need not wait for it."""
        return httpx.AsyncClient(
            base_url=self._url,
            timeout=httpx.Timeout(10, connect=5),
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            trust_env=False,
        )

    async def close(self) -> None:
        """Let go of the connections."""
        if "_http" in self.__dict__:
            await self._http.aclose()

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST `body` as JSON; the answer, whose errcode is 0."""
        return _fields(await self._authorised("POST", path, json=body))

    async def upload(self, kind: str, name: str, data: bytes) -> str:
        """Leave a file with WeCom for three days, as `image`, `voice`, `video` or `file`; its media_id."""
        files = {"media": (name, data, "application/octet-stream")}
        answer = await self._authorised("POST", "media/upload", {"type": kind}, files=files, timeout=60)
        return str(_fields(answer).get("media_id", ""))

    async def download(self, media_id: str) -> bytes:
        """The bytes of a file that a buyer sent, for three days."""
        answer = await self._authorised("GET", "media/get", {"media_id": media_id}, timeout=60)
        if not isinstance(answer, bytes):
            raise Unreachable("the answer is no file")
        return answer

    async def _authorised(self, method: str, path: str, params: dict[str, str] | None = None, **more: Any) -> Answer:
        """A call with the access token; one that is refused for its token is made once more with a new one."""
        access = await self._token()
        try:
            return await self._request(method, path, {"access_token": access, **(params or {})}, **more)
        except WecomError as error:
            if error.code not in EXPIRED_ACCESS:
                raise
        access = await self._token(refused=access)
        return await self._request(method, path, {"access_token": access, **(params or {})}, **more)

    async def _token(self, refused: str = "") -> str:
        async with self._fetching:
            now = self._clock.now()
            if not self._access or self._access == refused or now >= self._until:
                answer = await self._new_token(now)
                lasts = timedelta(seconds=_number(answer.get("expires_in", 7200)))
                self._access, self._until = str(answer.get("access_token", "")), now + max(lasts - EARLY, lasts / 2)
            return self._access

    async def _new_token(self, now: Instant) -> dict[str, Any]:
        """Whoever asks with a wrong secret again and again is barred by WeCom for an hour; so we ask once a minute."""
        if now < self._barred_until:
            raise WecomError(self._barred.code, self._barred.text)
        try:
            return _fields(
                await self._request("GET", "gettoken", {"corpid": self._corp_id, "corpsecret": self._secret})
            )
        except WecomError as error:
            self._barred, self._barred_until = error, now + BARRED
            raise

    async def _request(self, method: str, path: str, params: dict[str, str], **more: Any) -> Answer:
        try:
            async with self._http.stream(method, path, params=params, **more) as response:
                content = await _read(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(type(error).__name__) from None  # its text may hold the address
        if response.status_code != httpx.codes.OK:
            raise Unreachable(f"HTTP {response.status_code}")
        if "content-disposition" in response.headers:
            return content
        answer = _decoded(content)
        if code := _number(answer.get("errcode") or 0):
            raise WecomError(code, str(answer.get("errmsg", "")))
        return answer


async def _read(response: httpx.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > LARGEST:
            raise Unreachable("the answer is too large")
    return bytes(content)


def _decoded(content: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(content)
    except ValueError:
        answer = _leniently(content)
    if not isinstance(answer, dict):
        raise Unreachable("the answer is not JSON")
    return answer


def _leniently(content: bytes) -> Any:
    """Half a character in one buyer's text must not hide everybody else's."""
    try:
        return json.loads(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _fields(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, bytes):
        raise Unreachable("the answer is a file")
    return answer


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Unreachable("the answer is not as documented") from None
