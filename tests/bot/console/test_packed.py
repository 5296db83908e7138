"""Files that are the same for all: made ready once."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Message, Receive, Scope, Send

import bot.console.packed
from bot.console.guard import STATIC, is_file
from bot.console.packed import Packed
from tests.bot.console.conftest import Served

WORDS = "console.log('好');".encode() * 100


class Files:
    """Answers with the same words whatever is asked for, and counts how often."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(f"{scope['method']} {scope['path']}")
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-type", b"text/js")]})
        await send({"type": "http.response.body", "body": WORDS[:700], "more_body": True})
        await send({"type": "http.response.body", "body": WORDS[700:]})


class Door:
    """Adds a header of its own to each answer, as the console's does."""

    def __init__(self, app: Packed) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-door", b"1"))
            await send(message)

        await self._app(scope, receive, sending)


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
async def browser(files: Files) -> AsyncIterator[httpx.AsyncClient]:
    door = Door(Packed(GZipMiddleware(files), is_file))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url=f"http://shop{STATIC}") as made:
        yield made


async def test_a_file_is_packed_once(files: Files, browser: httpx.AsyncClient) -> None:
    """Whoever asks after that gets the same, with its length, and with the headers of the door once."""
    for _ in range(3):
        answer = await browser.get("vue.js", headers={"accept-encoding": "gzip"})
        assert WORDS == answer.content
        assert "gzip" == answer.headers["content-encoding"]
        assert "1" == answer.headers["x-door"]
        assert int(answer.headers["content-length"]) < len(gzip.compress(WORDS)) + 50
    assert [f"GET {STATIC}vue.js"] == files.asked


async def test_whoever_cannot_unpack_gets_it_as_it_is(files: Files, browser: httpx.AsyncClient) -> None:
    """Each way is kept by itself."""
    for how in ("gzip", "identity", "gzip", "identity"):
        answer = await browser.get("vue.js", headers={"accept-encoding": how})
        assert WORDS == answer.content
        assert (how == "gzip") is ("content-encoding" in answer.headers)
    assert 2 == len(files.asked)


@pytest.mark.parametrize("part", ["range", "if-none-match", "if-modified-since"])
async def test_what_is_no_whole_file_is_asked_for_each_time(
    files: Files, browser: httpx.AsyncClient, part: str
) -> None:
    """A part of one, one that the browser may have, and what is different for everybody."""
    await browser.get("vue.js", headers={part: "bytes=0-9"})
    await browser.get("vue.js", headers={part: "bytes=0-9"})
    await browser.head("vue.js")
    await browser.get("http://shop/console/today")
    await browser.get("http://shop/console/today")
    await browser.get("dynamic_resources/sheet.css")
    await browser.get("dynamic_resources/sheet.css")
    assert 7 == len(files.asked)


async def test_what_is_not_there_is_not_kept(files: Files, browser: httpx.AsyncClient) -> None:
    """It may be there another time."""
    files.status = 404
    assert 404 == (await browser.get("vue.js")).status_code
    files.status = 200
    assert 200 == (await browser.get("vue.js")).status_code


async def test_so_much_is_kept_and_no_more(
    files: Files, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody fills the memory by asking for every file there is; he gets them all the same."""
    monkeypatch.setattr(bot.console.packed, "MOST", len(WORDS) + 1)
    for name in ("a.js", "b.js", "a.js", "b.js"):
        assert WORDS == (await browser.get(name, headers={"accept-encoding": "identity"})).content
    assert [f"GET {STATIC}{name}" for name in ("a.js", "b.js", "b.js")] == files.asked


async def test_the_console_serves_them_so(served: Served) -> None:
    """With the headers of the console, also from memory, and the right file each."""
    browser = served.browser()
    first, second = [await browser.get(f"{STATIC}static/nicegui.js") for _ in range(2)]
    assert 200 == first.status_code
    assert first.content == second.content
    assert {**first.headers, "date": ""} == {**second.headers, "date": ""}
    assert "immutable" in second.headers["cache-control"]
    assert "nosniff" == second.headers["x-content-type-options"]
    assert first.content != (await browser.get(f"{STATIC}static/nicegui.css")).content
