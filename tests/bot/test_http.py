"""The one HTTP port: health, webhooks, limits, and an end that finishes what is at hand."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.http import LARGEST_BODY, Http, PortTaken
from bot.listening import room_for

STATES = {"telegram": "up"}


class Hook:
    """A webhook that keeps what it gets; `/slow` answers when told, `/broken` never does."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    @property
    def routes(self) -> list[Route]:
        """What a channel would offer."""
        return [Route(f"/{name}", getattr(self, name), methods=["POST"]) for name in ("hook", "slow", "broken")]

    async def hook(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        return Response("kept")

    async def slow(self, _request: Request) -> Response:
        self.asked.set()
        await self.go.wait()
        return Response("at last")

    async def broken(self, _request: Request) -> Response:
        raise RuntimeError("secret of the shop")


@pytest.fixture
def hook() -> Hook:
    """A channel's webhook."""
    return Hook()


@pytest.fixture
async def http(hook: Hook) -> AsyncIterator[Http]:
    """A server on a port that was free."""
    http = Http("127.0.0.1", 0, hook.routes, lambda: STATES)
    await http.start()
    yield http
    await http.stop()


async def asked(http: Http, method: str, path: str, **more: Any) -> httpx.Response:
    """What the server answers."""
    async with httpx.AsyncClient() as client:
        return await client.request(method, f"http://127.0.0.1:{http.port}{path}", **more)


async def test_health(http: Http) -> None:
    """Whether all is well, and how each channel stands."""
    answer = await asked(http, "GET", "/health")
    assert (200, {"ok": True, "channels": {"telegram": "up"}}) == (answer.status_code, answer.json())


async def test_ill_health() -> None:
    """A channel that is not up is no reason to fail, but it is said."""
    http = Http("127.0.0.1", 0, [], lambda: {"wechaty": "login", "telegram": "up"})
    await http.start()
    answer = await asked(http, "GET", "/health")
    await http.stop()
    assert (200, False) == (answer.status_code, answer.json()["ok"])


async def test_a_webhook_gets_its_bytes(http: Http, hook: Hook) -> None:
    """Just as they were sent."""
    answer = await asked(http, "POST", "/hook", content=b"\x00\xff")
    assert (200, "kept", [b"\x00\xff"]) == (answer.status_code, answer.text, hook.bodies)


async def test_nothing_is_shown_of_an_error(http: Http) -> None:
    """A word in JSON, without a traceback and without the name of the server."""
    answers = [await asked(http, "POST", "/broken"), await asked(http, "GET", "/"), await asked(http, "GET", "/hook")]
    assert [500, 404, 405] == [answer.status_code for answer in answers]
    words = ["internal server error", "not found", "method not allowed"]
    assert [{"error": word} for word in words] == [answer.json() for answer in answers]
    assert "server" not in answers[0].headers


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_too_large_is_refused(http: Http, hook: Hook, announced: bool) -> None:
    """Whether its length is announced or not; one of just a megabyte is taken."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 1000 + 1):
            yield b"x" * 1000

    content = b"x" * (LARGEST_BODY + 1) if announced else pieces()
    answer = await asked(http, "POST", "/hook", content=content)
    assert (413, []) == (answer.status_code, hook.bodies)
    assert 200 == (await asked(http, "POST", "/hook", content=b"x" * LARGEST_BODY)).status_code


async def raw(http: Http, words: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which this was said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", http.port)
    writer.write(words)
    await writer.drain()
    return reader, writer


async def test_the_port_listens_as_soon_as_it_has_started(hook: Hook) -> None:
    """Who connects in the same moment waits for the answer, and is not turned away."""
    http = Http("127.0.0.1", 0, hook.routes, dict)
    await http.start()
    with socket.socket() as caller:
        caller.setblocking(True)
        caller.settimeout(1)
        caller.connect(("127.0.0.1", http.port))
    await http.stop()


@pytest.mark.parametrize("begun", [b"", b"POST /hook HTTP/1.1\r\nHost: x\r\n"], ids=["silent", "half a head"])
async def test_a_caller_who_says_nothing_is_left(http: Http, begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while; meanwhile others are served."""
    monkeypatch.setattr("bot.connection.HURRY", 0.2)
    reader, writer = await raw(http, begun)
    assert 200 == (await asked(http, "GET", "/health")).status_code
    assert b"" == await asyncio.wait_for(reader.read(), 20)
    writer.close()


async def test_nor_is_one_waited_for_who_has_asked_before(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """One good request is no ticket to stay."""
    monkeypatch.setattr("bot.connection.HURRY", 0.2)
    reader, writer = await raw(http, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"HTTP/1.1 200 OK\r\n" == await asyncio.wait_for(reader.readline(), 20)
    writer.write(b"GET /hea")
    await asyncio.wait_for(reader.read(), 20)
    writer.close()


async def test_who_asks_again_and_again_may_stay(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """One connection serves many requests, however long all of them take together."""
    monkeypatch.setattr("bot.connection.HURRY", 0.1)
    reader, writer = await raw(http, b"")
    for _ in range(5):
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTP/1.1 200 OK\r\n" == await asyncio.wait_for(reader.readline(), 20)
        assert b'"up"}}' == (await asyncio.wait_for(reader.readuntil(b'"up"}}'), 20))[-6:]
        await asyncio.sleep(0.06)
    writer.close()


def test_files_are_left_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many callers as wished where there is room; else half of what there is room for."""
    resource = pytest.importorskip("resource")
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _what, limits: given.append(limits))
    found = []
    for limits in ((1024, 20_000), (1024, 1024), (256, 1000), (65_536, 65_536), (resource.RLIM_INFINITY,) * 2):
        monkeypatch.setattr(resource, "getrlimit", lambda _what, limits=limits: limits)
        found.append(room_for(1000))
    assert [1000, 512, 500, 1000, 1000] == found
    assert [(4000, 20_000), (1024, 1024), (1000, 1000)] == given


async def test_a_body_that_does_not_arrive_is_not_waited_for(
    http: Http, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However steadily it drips."""
    monkeypatch.setattr("bot.http.HURRY", 0.3)
    reader, writer = await raw(http, b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    said = await asyncio.wait_for(reader.read(), 20)
    dripping.cancel()
    assert (True, []) == (said.startswith(b"HTTP/1.1 408 "), hook.bodies)
    writer.close()


async def test_a_handler_may_take_its_time(http: Http, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the body is hurried."""
    monkeypatch.setattr("bot.http.HURRY", 0.1)
    asking = asyncio.create_task(asked(http, "POST", "/slow", content=b"x"))
    await hook.asked.wait()
    await asyncio.sleep(0.3)
    hook.go.set()
    assert "at last" == (await asking).text


async def test_too_many_callers_at_once_are_turned_away(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who are there already are served, and others once these have gone."""
    monkeypatch.setattr("bot.connection.Connection.most", 20)
    callers = [await raw(http, b"") for _ in range(20)]
    late, writer = await raw(http, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"HTTP/1.1 503 Service Unavailable" == (await asyncio.wait_for(late.readline(), 20)).strip()
    first_reader, first = callers[0]
    first.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"HTTP/1.1 200 OK" == (await asyncio.wait_for(first_reader.readline(), 20)).strip()
    for _, each in (*callers, (late, writer)):
        each.close()
    await asyncio.sleep(0.1)
    assert 200 == (await asked(http, "GET", "/health")).status_code


async def test_a_stop_finishes_what_is_at_hand(http: Http, hook: Hook) -> None:
    """Who has asked is still answered; nobody new is let in."""
    asking = asyncio.create_task(asked(http, "POST", "/slow"))
    await hook.asked.wait()
    stopping = asyncio.create_task(http.stop())
    await asyncio.sleep(0.2)
    hook.go.set()
    assert "at last" == (await asking).text
    await stopping
    with pytest.raises(httpx.ConnectError):
        await asked(http, "GET", "/health")


async def test_a_port_that_is_taken(http: Http) -> None:
    """A sentence that names it and says what to change."""
    other = Http("127.0.0.1", http.port, [], dict)
    with pytest.raises(PortTaken, match=rf"127\.0\.0\.1:{http.port} cannot be served: .*; choose another http\.port"):
        await other.start()
    await other.stop()


async def test_a_host_that_is_not_ours() -> None:
    """The same for an address of another machine."""
    with pytest.raises(PortTaken, match=r"192\.0\.2\.1:0 cannot be served"):
        await Http("192.0.2.1", 0, [], dict).start()


async def test_the_port_is_free_afterwards() -> None:
    """A restart gets it again."""
    http = Http("127.0.0.1", 0, [], dict)
    await http.start()
    await http.stop()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", http.port))


async def test_signals_stay_with_the_program() -> None:
    """Serving takes no signal away."""
    before = [signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM)]
    http = Http("127.0.0.1", 0, [], dict)
    await http.start()
    assert 200 == (await asked(http, "GET", "/health")).status_code
    assert before == [signal.getsignal(signum) for signum in (signal.SIGINT, signal.SIGTERM)]
    await http.stop()
