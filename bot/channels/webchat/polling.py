"""The same frames without a socket: a request brings what the browser has to say, and waits for what we have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.webchat.account import Account
from bot.channels.webchat.callers import caller_of
from bot.channels.webchat.frames import Frame, Hello, Malformed, Ping, Say, frame_of
from bot.channels.webchat.keys import NoKey, bearer
from bot.channels.webchat.limits import MOST_WINDOWS, MOST_WINDOWS_OF_ONE, TooMany
from bot.channels.webchat.live import MALFORMED
from bot.channels.webchat.message import Frame as Answer
from bot.channels.webchat.talk import BUSY_FOR, Busy, Talk, refused

WAIT = 20.0
LARGEST, MOST_FRAMES = 262_144, 20
NOT_KEPT = {"cache-control": "no-store"}


class Polling:
    """Answers the polls of one account, each after at most `wait` seconds."""

    def __init__(self, account: Account, talk: Talk, wait: float = WAIT) -> None:
        self._of, self._talk, self._wait = account, talk, wait

    async def serve(self, request: Request) -> Response:
        """One poll: `{"after": cursor, "frames": […]}` is answered `{"frames": […]}`."""
        try:
            address = bearer(request.headers.get("authorization", ""))
        except NoKey:
            return JSONResponse({"error": "unauthorized"}, 401, NOT_KEPT)
        if self._of.closing.is_set():
            return JSONResponse({"error": "service unavailable"}, 503, NOT_KEPT)
        try:
            after, frames = _read(await request.body(), address)
            answers = await self._answers(address, after, frames, caller_of(request))
        except Malformed as error:
            return JSONResponse({"frames": [refused(error.id, MALFORMED)]}, 400, NOT_KEPT)
        except TooMany as error:
            return JSONResponse({"frames": [refused("", "too_many", error.wait)]}, 429, NOT_KEPT)
        except Busy:
            return JSONResponse({"frames": [refused("", "busy", BUSY_FOR)]}, 503, NOT_KEPT)
        return JSONResponse({"frames": answers}, headers=NOT_KEPT)

    async def _answers(self, address: str, after: str, frames: Sequence[Frame], caller: str) -> list[Answer]:
        answers: list[Answer] = []
        for frame in frames:
            match frame:
                case Hello():
                    answers += await self._talk.hello(frame, caller)
                case Say():
                    answers.append(await self._talk.say(address, frame, caller))
                case Ping():
                    answers.append({"type": "pong"})
        if frames:
            return answers
        return await self._news(address, after, caller)

    async def _news(self, address: str, after: str, caller: str) -> list[Answer]:
        """What happened after the cursor, as soon as there is something; all there is, if nobody knows the cursor."""
        with ExitStack() as places:
            places.enter_context(self._of.limits.place(caller, MOST_WINDOWS_OF_ONE))
            places.enter_context(self._of.limits.place(address, MOST_WINDOWS))
            room = self._of.rooms.at(address)
            if room.since(after) == [] and not self._of.closing.is_set():
                await room.news(self._wait)
            found = room.since(after)
            if found is None:
                return await self._talk.hello(Hello(address, after=after), caller)
            return [room.frame(entry) for entry in found]


def _read(body: bytes, address: str) -> tuple[str, list[Frame]]:
    """The cursor and the frames of a poll. Raises Malformed."""
    if len(body) > LARGEST:
        raise Malformed
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed from None
    frames = fields.get("frames") if isinstance(fields, dict) else None
    after = fields.get("after") if isinstance(fields, dict) else None
    if not isinstance(frames, list) or len(frames) > MOST_FRAMES or not isinstance(after, str | None):
        raise Malformed
    found = [frame_of(each) for each in frames]
    if any(isinstance(each, Hello) and each.address != address for each in found):
        raise Malformed
    return after or "", found
