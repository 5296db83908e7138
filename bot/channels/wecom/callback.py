"""The callback: WeCom says that there is something to read, and proves that it is WeCom.

Source: WeCom's pages on callbacks and on receiving messages. A callback holds no message; one that is lost costs
no more than the time until the next look.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from xml.parsers import expat

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.wecom.crypto import Crypto, Forged, Garbled
from followup.ports import Clock

LARGEST = 65_536
FRESH, DIGITS = timedelta(minutes=10), 12
SUCCESS = "success"
log = structlog.get_logger(__name__)


class Callback:
    """The two routes at `path`; `wake(token)` is called when there is news of the account `open_kfid`."""

    def __init__(self, path: str, crypto: Crypto, open_kfid: str, clock: Clock, wake: Callable[[str], None]) -> None:
        self._crypto, self._open_kfid, self._clock, self._wake = crypto, open_kfid, clock, wake
        self.routes = [
            Route(path, self._verify, methods=["GET"]),
            Route(path, self._news, methods=["POST"]),
        ]

    async def _verify(self, request: Request) -> Response:
        """WeCom tries the address when it is entered: the deciphered echostr, raw, is the answer."""
        return self._answer(request, lambda: self._deciphered(request, request.query_params.get("echostr", "")))

    async def _news(self, request: Request) -> Response:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return PlainTextResponse("too large", 413)
        return self._answer(request, lambda: self._take(request, bytes(body)))

    def _answer(self, request: Request, work: Callable[[], bytes]) -> Response:
        try:
            return Response(work(), media_type="text/plain")
        except Forged as error:
            status, why = 403, str(error)
        except Garbled as error:
            status, why = 400, str(error)
        log.warning("wecom_callback_refused", path=request.url.path, status=status, why=why)
        return PlainTextResponse("forbidden" if status == 403 else "bad request", status)

    def _take(self, request: Request, body: bytes) -> bytes:
        fields = fields_of(self._deciphered(request, fields_of(body).get("Encrypt", "")))
        ours = fields.get("OpenKfId", self._open_kfid) == self._open_kfid
        if fields.get("Event") == "kf_msg_or_event" and ours:
            self._wake(fields.get("Token", ""))
        return SUCCESS.encode()

    def _deciphered(self, request: Request, encrypted: str) -> bytes:
        """What was sent. A token is good for ten minutes, so an older callback is somebody's recording of one."""
        given = request.query_params
        timestamp = given.get("timestamp", "")
        self._crypto.check(given.get("msg_signature", ""), timestamp, given.get("nonce", ""), encrypted)
        if (
            not timestamp.isdecimal()
            or len(timestamp) > DIGITS
            or abs(self._clock.now().timestamp() - int(timestamp)) > FRESH.total_seconds()
        ):
            raise Forged("not of now; is the clock of this machine right?")
        return self._crypto.decrypt(encrypted)


def fields_of(xml: bytes) -> dict[str, str]:
    """The texts of the elements within the root, by name. Raises Garbled, also for whatever a DTD could bring."""
    fields: dict[str, str] = {}
    open_: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        open_.append(name)

    def text(data: str) -> None:
        if len(open_) == 2:
            fields[open_[1]] = fields.get(open_[1], "") + data

    def refuse(*_: object) -> None:
        raise Garbled("a DTD")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler = lambda _name: open_.pop()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise Garbled("not XML") from error
    return fields
