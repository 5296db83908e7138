"""How the bot speaks to Telegram: python-telegram-bot's calls over aiohttp, which takes a third of the time of httpx.

An address holds the bot's token, so no error that leaves this file shows one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
from telegram import Bot
from telegram.error import BadRequest, NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

os.environ.setdefault("PTB_TIMEDELTA", "true")  # how the library wants to be asked for timedeltas, not seconds
CONNECT, READ, LONGEST = 5.0, 20.0, 100.0
_NOTHING_WRITTEN = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
_TOO_LARGE = 413


class NotSent(NetworkError):
    """The service was not reached, so it has done nothing."""


class AiohttpRequest(BaseRequest):
    """A pool of connections, opened at the first call; an idle one is closed before the service would do so.

    Raises `NotSent`, `TimedOut`, `NetworkError` and the answers of the service as telegram.error has them.
    """

    def __init__(self, connections: int, proxy: str = "") -> None:
        self._connections, self._proxy = connections, proxy or None
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer."""
        return READ

    async def initialize(self) -> None:
        """Nothing: the first call does it."""

    async def shutdown(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - aiohttp has none of its own
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """One call: the status and the body of its answer."""
        read = read_timeout if isinstance(read_timeout, int | float) else READ
        patience = aiohttp.ClientTimeout(total=max(LONGEST, read), connect=CONNECT, sock_read=read)
        try:
            async with self._open().request(
                method, url, timeout=patience, proxy=self._proxy, allow_redirects=False, **_body(request_data)
            ) as answer:
                status, payload = answer.status, await answer.read()
        except _NOTHING_WRITTEN as error:
            raise NotSent(f"not reached ({type(error).__name__})") from None
        except TimeoutError:
            raise TimedOut("no answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"the connection broke ({type(error).__name__})") from None
        if status == _TOO_LARGE:
            raise BadRequest("the file is too large")
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """The body as an object. Raises NetworkError."""
        try:
            answer = loads(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not ("result" in answer or "description" in answer):
            raise NetworkError("the answer is none of the Bot API")
        return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=15)
            self._session = aiohttp.ClientSession(connector=connector, headers={"User-Agent": self.USER_AGENT})
        return self._session


class Api(Bot):
    """The bot's account at Telegram; `call` gives an answer as it came."""

    def __init__(self, token: str, api_url: str, proxy: str = "") -> None:
        super().__init__(
            token,
            base_url=f"{api_url.rstrip('/')}/bot",
            base_file_url=f"{api_url.rstrip('/')}/file/bot",
            request=AiohttpRequest(connections=64, proxy=proxy),
            get_updates_request=AiohttpRequest(connections=1, proxy=proxy),
        )

    async def call(self, method: str, fields: Mapping[str, Any], read_timeout: float | None = None) -> Any:
        """The `result` of one call. Raises TelegramError."""
        return await self._post(method, dict(fields), read_timeout=read_timeout)

    async def close_connections(self) -> None:
        """Let go of everything."""
        for request in self._request:
            await request.shutdown()

    def without_token(self, text: str, longest: int = 200) -> str:
        """The text, short, without the token, which some errors and some proxies' error pages quote."""
        return text.replace(self.token, "[token]")[:longest]


def loads(payload: bytes) -> Any:
    """JSON, in which half of a surrogate pair becomes "?" as no database could keep it. Raises ValueError."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        try:
            whole = json.dumps(json.loads(payload), ensure_ascii=False, allow_nan=False)
        except RecursionError:
            raise error from None
        return orjson.loads(whole.encode("utf-8", "replace"))


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": data.json_payload, "headers": {"Content-Type": "application/json"}}
    form = aiohttp.FormData(data.json_parameters)
    for field, (filename, content, mime) in data.multipart_data.items():
        form.add_field(field, content, filename=filename, content_type=mime)
    return {"data": form}
