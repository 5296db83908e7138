"""A stand-in for the web chat's server, for what buyers see: it speaks the protocol, with the faults a test asks for.

It runs in a thread of its own on a free port; what it is told to do is done there before the call comes back.
"""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from string import Template
from threading import Event, Thread
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

import bot.channels

PAGE = Path(bot.channels.__file__).parent / "webchat_page"
WORDS = tomllib.loads((PAGE / "words.toml").read_text(encoding="utf-8"))
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors *"
)
STRICT = "default-src 'none'; script-src {0}; frame-src {0}; style-src 'none'; require-trusted-types-for 'script'"
SHOP = (
    '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Shop</title>'
    '<main><h1>Tea</h1><a href="#x">Cart</a></main>'
)
BEGAN = datetime(2026, 3, 11, 6, tzinfo=UTC)
Frame = dict[str, Any]


@dataclass
class Faults:
    """What goes wrong at the moment: sockets do not open, the server is away, keeps no words, answers no pings. The
    next words are refused for what `refuses` says, the next photos are answered with `photo_answers`."""

    no_sockets: bool = False
    away: bool = False
    deaf: bool = False
    mute: bool = False
    refuses: list[Frame] = field(default_factory=list)
    photo_answers: list[tuple[int, Frame]] = field(default_factory=list)


class ChatServer:
    """One chat, its history and its faults. `said` are the words that were kept, `heard` every frame as it came."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.history: list[Frame] = []
        self.said: list[Frame] = []
        self.heard: list[tuple[str, Frame]] = []
        self.requests: list[str] = []
        self.photos: dict[str, tuple[bytes, str]] = {}
        self.title, self.page_words = "Lin's tea", WORDS
        self._sockets: set[WebSocket] = set()
        self._polls: set[asyncio.Queue[Frame]] = set()
        self._began = Event()

    def __enter__(self) -> Self:
        routes = [
            Route("/chat", self._page),
            Route("/chat/poll", self._poll, methods=["POST"]),
            Route("/chat/photo", self._photo_in, methods=["POST"]),
            Route("/chat/photo/{id:path}", self._photo_out),
            Route("/chat/{name}", self._file),
            Route("/shop", self._shop),
            WebSocketRoute("/chat/live", self._live),
        ]
        options: Any = {"log_config": None, "lifespan": "off", "timeout_graceful_shutdown": 1}
        self._server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, **options))
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._began.wait(20)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/chat"
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._hang_up)
        self._server.should_exit = True
        self._thread.join(20)

    def says(self, text: str, id_: str = "", choices: tuple[str, ...] = (), photos: tuple[str, ...] = ()) -> str:
        """The shop says something; returns the message's id."""
        offered = [{"id": f"choice-{label}", "label": label} for label in choices]
        message = self.message("shop", text, id_ or f"shop-{len(self.history)}", choices=offered, photos=photos)
        self._do(lambda: self._push({"type": "message", **message, "cursor": str(len(self.history))}))
        return str(message["id"])

    def edits(self, id_: str, text: str, choices: tuple[Frame, ...] = ()) -> None:
        """The shop changes what it said."""
        next(each for each in self.history if each["id"] == id_).update(text=text, choices=list(choices))
        self._do(lambda: self._push({"type": "edited", "id": id_, "text": text, "choices": list(choices)}))

    def message(
        self,
        by: str,
        text: str,
        id_: str,
        at: datetime | None = None,
        photos: tuple[str | Frame, ...] = (),
        **more: Any,
    ) -> Frame:
        """Add to the history what nobody is told of. A photo is its id, or all there is to say of it."""
        at = at or BEGAN + timedelta(minutes=len(self.history))
        shown = [
            each if isinstance(each, dict) else {"id": each, "name": f"{each}.jpg", "mime": "image/jpeg"}
            for each in photos
        ]
        message = {"id": id_, "from": by, "at": at.isoformat().replace("+00:00", "Z"), "text": text, "photos": shown}
        self.history.append({**message, "choices": [], **more})
        return self.history[-1]

    def tells(self, frame: Frame) -> None:
        """Send any frame to everybody."""
        self._do(lambda: self._push(frame))

    def drop(self) -> None:
        """Close every socket."""
        self._do(self._hang_up)

    def hellos(self, way: str = "") -> list[Frame]:
        """How the page introduced itself, by `live` or `poll`."""
        return [frame for by, frame in self.heard if frame["type"] == "hello" and way in by]

    def _do(self, act: Callable[[], Any]) -> None:
        done: Future[None] = asyncio.run_coroutine_threadsafe(self._acted(act), self._loop)
        done.result(20)

    async def _acted(self, act: Callable[[], Any]) -> None:
        done = act()
        if done is not None:
            await done

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        self._began.set()
        await serving

    async def _push(self, frame: Frame, beside: WebSocket | None = None) -> None:
        for queue in self._polls:
            queue.put_nowait(frame)
        for socket in self._sockets - {beside}:
            await socket.send_text(json.dumps(frame))

    async def _hang_up(self) -> None:
        for socket in list(self._sockets):
            await socket.close(1012)
        for queue in self._polls:
            queue.put_nowait({})

    async def _answers(self, frame: Frame, way: str, beside: WebSocket | None = None) -> list[Frame]:
        self.heard.append((way, frame))
        if frame["type"] == "hello":
            since = int(frame["after"] or 0)
            told = {"title": self.title, "lang": frame["lang"], "messages": self.history[since:]}
            return [{"type": "hello", **told, "cursor": str(len(self.history))}]
        if frame["type"] == "ping":
            return [] if self.faults.mute else [{"type": "pong"}]
        return await self._hear(frame, beside) if frame["type"] == "say" and not self.faults.deaf else []

    async def _hear(self, frame: Frame, beside: WebSocket | None) -> list[Frame]:
        if self.faults.refuses:
            return [{"type": "refused", "id": frame["id"], **self.faults.refuses.pop(0)}]
        if frame["id"] not in {each["id"] for each in self.said}:
            self.said.append(frame)
            self._taken_back(frame.get("answers", ""))
            made = self.message("buyer", frame["text"], frame["id"], photos=tuple(frame["photos"]))
            await self._push({"type": "message", **made, "cursor": str(len(self.history))}, beside)
        return [
            {"type": "kept", "id": frame["id"], "at": next(e["at"] for e in self.history if e["id"] == frame["id"])}
        ]

    def _taken_back(self, answered: str) -> None:
        """What was answered cannot be answered again."""
        for each in self.history:
            each["choices"] = [] if each["id"] == answered else each["choices"]

    async def _live(self, socket: WebSocket) -> None:
        self.requests.append("live")
        if self.faults.no_sockets or self.faults.away:
            await socket.close()
            return
        await socket.accept()
        try:
            while True:
                for answer in await self._answers(await socket.receive_json(), "live", socket):
                    await socket.send_text(json.dumps(answer))
                self._sockets.add(socket)
        except WebSocketDisconnect:
            self._sockets.discard(socket)

    async def _poll(self, request: Request) -> Response:
        self.requests.append("poll")
        body = await request.json()
        if self.faults.away or not request.headers.get("authorization", "").startswith("Bearer "):
            return Response(status_code=503)
        frames = [answer for frame in body["frames"] for answer in await self._answers(frame, "poll")]
        if not frames:
            frames = await self._next(int(body["after"] or 0))
        return JSONResponse({"frames": frames})

    async def _next(self, since: int) -> list[Frame]:
        if self.history[since:]:
            return [{"type": "message", **each, "cursor": str(len(self.history))} for each in self.history[since:]]
        queue: asyncio.Queue[Frame] = asyncio.Queue()
        self._polls.add(queue)
        try:
            async with asyncio.timeout(20):
                frame = await queue.get()
        except TimeoutError:
            return []
        finally:
            self._polls.discard(queue)
        return [frame] if frame else []

    async def _page(self, request: Request) -> Response:
        self.requests.append("page")
        asked = request.query_params.get("lang", "en")
        values = {"lang": asked, "title": self.title, "base": "/chat", "color": ""}
        values["words"] = json.dumps(self.page_words[asked])
        page = Template((PAGE / "chat.html").read_text(encoding="utf-8"))
        html = page.substitute({name: escape(value) for name, value in values.items()})
        return Response(html, media_type="text/html", headers={"Content-Security-Policy": CSP})

    async def _file(self, request: Request) -> Response:
        self.requests.append(request.path_params["name"])
        return FileResponse(PAGE / request.path_params["name"])

    async def _photo_in(self, request: Request) -> Response:
        data = await request.body()
        if self.faults.photo_answers:
            status, answer = self.faults.photo_answers.pop(0)
            return JSONResponse(answer, status)
        id_ = f"photo-{len(self.photos)}"
        self.photos[id_] = data, request.headers["content-type"]
        return JSONResponse({"photo": id_})

    async def _photo_out(self, request: Request) -> Response:
        self.requests.append("photo")
        found = self.photos.get(request.path_params["id"])
        if found is None or not request.headers.get("authorization", "").startswith("Bearer "):
            return Response(status_code=404)
        return Response(found[0], media_type=found[1])

    async def _shop(self, request: Request) -> Response:
        """A page of a shop, strict about what may run on it; `?tags=` holds the script tags' attributes, by lines."""
        at = request.query_params["chat"]
        tags = "".join(
            f'<script src="{escape(at)}/widget.js" {tag} async></script>'
            for tag in request.query_params.get("tags", "").split("\n")
        )
        html = f"{SHOP}{tags}"
        origin = at.removesuffix("/chat")
        return Response(html, media_type="text/html", headers={"Content-Security-Policy": STRICT.format(origin)})
