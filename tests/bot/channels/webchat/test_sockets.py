"""The socket and the poll as strangers see them: refused frames, limits, foreign pages, slow and silent windows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.channels.webchat.frames import Hello, Malformed, Ping, Say, Seen, read
from bot.channels.webchat.live import Live
from bot.channels.webchat.talk import Talk
from bot.channels.webchat.window import SocketWindow
from tests.bot.channels.live import until
from tests.bot.channels.webchat.served import ChatShop, a_key, address
from tests.bot.channels.webchat.test_conversation import hello

BAD = (
    "",
    "no json",
    "[]",
    "17",
    '{"type":"say"}',
    '{"type":"say","id":"12345678","text":5}',
    '{"type":"say","id":"1","text":"short id"}',
    '{"type":"say","id":"12345678","photos":[1]}',
    '{"type":["say"]}',
    '{"type":"nothing"}',
    '{"type":"hello","key":"short"}',
    "[" * 50_000,
    "x" * 70_000,
)


@asynccontextmanager
async def a_socket(shop: ChatShop, key: str = "", **more: Any) -> AsyncIterator[ClientConnection]:
    """A socket; greeted, if it has a key."""
    async with connect(f"{shop.url.replace('http', 'ws')}/live", proxy=None, **more) as socket:
        if key:
            await socket.send(json.dumps(hello(key)))
            assert "hello" == (await frame(socket))["type"]
        yield socket


async def frame(socket: ClientConnection) -> dict[str, Any]:
    """The next frame."""
    async with asyncio.timeout(20):
        return dict(json.loads(await socket.recv()))


async def closed(socket: ClientConnection) -> int:
    """The code with which the other side closes."""
    async with asyncio.timeout(20):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
        assert socket.close_code is not None
        return socket.close_code


async def test_malformed_frames_are_refused_and_end_the_socket(shop: ChatShop) -> None:
    """One word of what is wrong, then 1008; the program goes on, and nothing is in its log."""
    with structlog.testing.capture_logs() as logs:
        for bad in BAD:
            async with a_socket(shop, a_key()) as socket:
                await socket.send(bad)
                assert {"type": "refused", "id": "", "why": "malformed"} | {"id": _id(bad)} == await frame(socket)
                assert 1008 == await closed(socket)
        async with a_socket(shop, a_key()) as socket:
            await socket.send(b"bytes")
            assert 1008 == await closed(socket)
    assert [] == logs
    assert [] == shop.raws()


def _id(text: str) -> str:
    return "12345678" if '"id":"12345678"' in text else ""


async def test_whoever_does_not_say_hello_first(shop: ChatShop) -> None:
    """Is refused, whatever else he says; so is a second hello."""
    async with a_socket(shop) as socket:
        await socket.send(json.dumps({"type": "say", "id": "12345678", "text": "hi"}))
        assert 1008 == await closed(socket)
    key = a_key()
    async with a_socket(shop, key) as socket:
        await socket.send(json.dumps(hello(key)))
        assert 1008 == await closed(socket)


async def test_a_socket_of_another_page_is_refused(shop: ChatShop) -> None:
    """The window stands in a page of ours; a page of somebody else has no business here."""
    for origin in ("https://evil.example", "null", "http://["):
        with pytest.raises(InvalidStatus) as caught:
            async with a_socket(shop, additional_headers={"origin": origin}):
                pass
        assert 403 == caught.value.response.status_code
    own = shop.url.removesuffix("/chat")
    async with a_socket(shop, a_key(), additional_headers={"origin": own}):
        pass


async def test_says_that_are_not_taken(shop: ChatShop) -> None:
    """Too long, empty, with a photo that is not there: each with its word, and the next is taken."""
    window = await shop.window()
    for why, say in (
        ("too_long", {"text": "x" * 2001}),
        ("empty", {"text": " \n"}),
        ("bad_photo", {"text": "look", "photos": ["b" + "0" * 31]}),
        ("bad_photo", {"photos": ["../../../etc/passwd"]}),
        ("bad_photo", {"photos": ["b" + "0" * 31] * 7}),
    ):
        sent = {"type": "say", "id": f"id-of-{len(window.refused)}-000", **say}
        await window.repeat(sent)
        await window.until(lambda sent=sent: sent["id"] in [each["id"] for each in window.refused])  # type: ignore[misc]
        assert why == window.refused[-1]["why"]
    await window.said("x" * 2000)
    await until(lambda: shop.said() == 1)


async def test_a_chat_may_say_twenty_things_a_minute(shop: ChatShop) -> None:
    """The twenty-first is told for how long to wait, and others are not held up."""
    window, other = await shop.window(), await shop.window()
    for number in range(21):
        await window.said(f"number {number}")
    (refused,) = window.refused
    assert ("too_many", True) == (refused["why"], 0 < refused["wait"] <= 60)
    await other.said("hello")
    await until(lambda: shop.said() == 21)


async def test_a_chat_has_five_windows(shop: ChatShop) -> None:
    """The sixth is told so and closed; once one of them is gone there is room."""
    key = a_key()
    windows = [await shop.window(key) for _ in range(5)]
    async with a_socket(shop) as socket:
        await socket.send(json.dumps(hello(key)))
        assert "too_many" == (await frame(socket))["why"]
        assert 1013 == await closed(socket)
    await windows[0].close()
    await shop.window(key)


async def test_addresses_behind_a_proxy_are_limited(shop: ChatShop) -> None:
    """What the proxy on this machine says of a caller counts: sixty messages a minute, thirty windows."""
    headers = {"x-forwarded-for": "10.9.8.7, 203.0.113.9"}
    answers: list[str] = []
    for number in range(4):
        key = a_key()
        async with a_socket(shop, key, additional_headers=headers) as socket:
            for at in range(19):
                await socket.send(json.dumps({"type": "say", "id": f"n{number}-{at:06}", "text": "hi"}))
                answers += [(await kept_or_refused(socket))["type"]]
    assert 60 == answers.count("kept")
    assert ["refused"] * 16 == answers[60:]


async def kept_or_refused(socket: ClientConnection) -> dict[str, Any]:
    """The answer to what was just said."""
    while (found := await frame(socket))["type"] not in ("kept", "refused"):
        pass
    return found


async def test_pings_are_answered(shop: ChatShop) -> None:
    """So that a browser knows that the line is there."""
    async with a_socket(shop, a_key()) as socket:
        await socket.send(json.dumps({"type": "ping"}))
        assert {"type": "pong"} == await frame(socket)
        await socket.send(json.dumps({"type": "seen", "id": "s123"}))
        await socket.send(json.dumps({"type": "ping"}))
        assert {"type": "pong"} == await frame(socket)


async def test_a_window_that_says_nothing_is_let_go(shop: ChatShop) -> None:
    """A line that is dead on the other side is given up after the silence that is allowed."""
    routes = [route for route in shop.app.http._app.routes if getattr(route, "path", "") == "/chat/live"]  # type: ignore[union-attr]
    talk = Talk(shop.account, next(inbox for inbox in shop.app.inboxes if inbox.receiver is shop.receiver))
    routes[0].app = _app_of(Live(shop.account, talk, silence=0.2))  # type: ignore[attr-defined]
    async with a_socket(shop, a_key()) as socket:
        assert 1001 == await closed(socket)


def _app_of(served: Live) -> Any:
    from starlette.routing import websocket_session

    return websocket_session(served.serve)


class Stuck:
    """A socket whose other side takes nothing."""

    def __init__(self) -> None:
        self.taken = 0

    async def send_text(self, _text: str) -> None:
        self.taken += 1
        await asyncio.Event().wait()


async def test_a_slow_window_is_dropped() -> None:
    """It is never waited for: when too much waits for it, or one frame takes too long, it is lost."""
    window = SocketWindow(Stuck(), most=3)  # type: ignore[arg-type]
    writing = asyncio.ensure_future(window.write())
    for number in range(3):
        window.offer({"type": "message", "id": str(number)})
    assert not window.lost.is_set()
    window.offer({"type": "message", "id": "one too many"})
    assert window.lost.is_set()
    writing.cancel()
    slow = SocketWindow(Stuck(), slow=0.01)  # type: ignore[arg-type]
    slow.offer({"type": "pong"})
    with pytest.raises(TimeoutError):
        await slow.write()


async def test_a_broken_socket_leaves_nothing_behind(shop: ChatShop) -> None:
    """Whoever goes without a word is forgotten, and no traceback is written."""
    key = a_key()
    with structlog.testing.capture_logs() as logs:
        for _ in range(12):
            async with a_socket(shop, key) as socket:
                socket.transport.abort()
        await until(lambda: not shop.account.rooms.at(address(key))._windows)
    assert [] == logs
    assert not shop.account.limits._open


class TestPolling:
    async def test_the_same_conversation_without_a_socket(self, shop: ChatShop) -> None:
        """Hello, say, wait, and the answer is there, each once; then a socket goes on from the same cursor."""
        key = a_key()
        (greeting,) = await shop.polled(key, hello(key))
        say = {"type": "say", "id": "12345678", "text": "你好"}
        (kept,) = await shop.polled(key, say, after=greeting["cursor"])
        assert ("kept", "12345678") == (kept["type"], kept["id"])
        cursor, found = greeting["cursor"], list[dict[str, Any]]()
        while not any(each["from"] == "shop" for each in found):
            news = await shop.polled(key, after=cursor)
            found += news
            cursor = news[-1]["cursor"]
        assert ["12345678"] == [each["id"] for each in found if each["from"] == "buyer"]
        async with a_socket(shop) as socket:
            await socket.send(json.dumps(hello(key, after=cursor)))
            assert [] == (await frame(socket))["messages"]

    async def test_a_cursor_that_nobody_knows(self, shop: ChatShop) -> None:
        """Is answered at once with everything."""
        key = a_key()
        window = await shop.window(key)
        await window.said("hello")
        await window.until(lambda: window.shop_said() != [])
        await until(lambda: shop.outgoing()[0].state.value == "sent")
        for cursor in ("", "abc-1", "abc", f"{window.cursor}9"):
            (greeting, *_) = await shop.polled(key, after=cursor)
            assert 2 == len(greeting["messages"])

    async def test_whoever_has_no_key(self, shop: ChatShop) -> None:
        """Gets nothing, and cannot say hello with another's."""
        assert 401 == (await shop.asked("POST", "/poll", json={"frames": []})).status_code
        assert 401 == (await shop.asked("POST", "/poll", "short", json={"frames": []})).status_code
        assert 400 == (await shop.asked("POST", "/poll", a_key(), json={"frames": [hello(a_key())]})).status_code

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"frames":5}', b'{"frames":[5]}', b"[" * 60_000, b"\xff"])
    async def test_malformed_polls(self, shop: ChatShop, body: bytes) -> None:
        """Are refused, and leave nothing in the log."""
        with structlog.testing.capture_logs() as logs:
            answer = await shop.asked("POST", "/poll", a_key(), content=body)
        assert (400, "malformed") == (answer.status_code, answer.json()["frames"][0]["why"])
        assert [] == logs


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.fixed_dictionaries(
    {"type": st.sampled_from(["hello", "say", "seen", "ping"]) | JSON},
    optional=dict.fromkeys(("id", "key", "text", "token", "after", "choice", "answers", "photos", "lang"), JSON),
)


@given(text=FIELDS.map(json.dumps) | JSON.map(json.dumps) | st.text() | st.binary())
def test_any_frame_is_read_or_refused(text: str | bytes) -> None:
    """Whatever is sent is a frame or malformed; nothing else is raised."""
    with suppress(Malformed):
        assert isinstance(read(text), Hello | Say | Seen | Ping)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.lists(FIELDS, max_size=5))
async def test_no_frames_break_the_program(shop: ChatShop, frames: list[dict[str, Any]]) -> None:
    """Any frames after a hello are answered or end the socket with 1008; no traceback, and the next is greeted."""
    with structlog.testing.capture_logs() as logs:
        async with a_socket(shop, a_key()) as socket:
            for each in frames:
                await socket.send(json.dumps(each))
            await socket.send(json.dumps({"type": "nonsense"}))
            assert 1008 == await closed(socket)
    assert [] == [line for line in logs if line["log_level"] in ("error", "critical")]
