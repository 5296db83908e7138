"""Photos on their way in and out. Whoever has not the key of the chat sees none of them."""

from __future__ import annotations

import asyncio

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from bot.channels.webchat.account import Account
from bot.channels.webchat.callers import caller_of
from bot.channels.webchat.keys import NoKey, bearer
from bot.channels.webchat.limits import TooMany
from bot.channels.webchat.photos import KINDS, NotTaken
from bot.evidence.types import mime_of

log = structlog.get_logger(__name__)
STATUS = {"too_large": 413, "bad_photo": 415, "too_many": 429, "busy": 503}
SAFE = {
    "cache-control": "private, no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "referrer-policy": "no-referrer",
}


class PhotoRoutes:
    """Serves the photos of one account."""

    def __init__(self, account: Account) -> None:
        self._of = account

    async def put(self, request: Request) -> Response:
        """Take a photo: `{"photo": id}`, or `{"why": …}` with the status that says the same."""
        try:
            address = bearer(request.headers.get("authorization", ""))
            self._of.limits.photo(address, caller_of(request))
            content = await self._content(request)
            id_ = await asyncio.to_thread(self._of.photos.take, address, content, self._of.moments.now())
        except NoKey:
            return _no_key()
        except TooMany as error:
            return _not_taken("too_many", error.wait)
        except NotTaken as error:
            return _not_taken(error.why)
        except OSError as error:
            log.error("photo_not_kept", channel=self._of.name, error=error.strerror or type(error).__name__)
            return _not_taken("busy")
        return JSONResponse({"photo": id_}, headers=SAFE)

    async def show(self, request: Request) -> Response:
        """The bytes of one of the chat's own photos or files."""
        try:
            address = bearer(request.headers.get("authorization", ""))
        except NoKey:
            return _no_key()
        file = await asyncio.to_thread(self._of.photos.find, address, request.path_params["id"])
        if file is None:
            return JSONResponse({"error": "not found"}, 404, SAFE)
        ending = file.suffix[1:]
        if ending in KINDS:
            return FileResponse(file, media_type=mime_of(ending), headers=SAFE)
        mime = "application/octet-stream" if ending == "bin" else mime_of(ending)
        return FileResponse(file, media_type=mime, headers=SAFE, filename=file.name)

    async def _content(self, request: Request) -> bytes:
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > self._of.photos.largest:
                raise NotTaken("too_large")
        return bytes(content)


def _no_key() -> Response:
    return JSONResponse({"error": "unauthorized"}, 401, SAFE)


def _not_taken(why: str, wait: float = 0) -> Response:
    return JSONResponse({"why": why, **({"wait": wait} if wait else {})}, STATUS[why], SAFE)
