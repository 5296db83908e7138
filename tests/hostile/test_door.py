"""Whatever comes to the port: an answer in time, with the right status, and never a look inside."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.console.guard import STATIC
from tests.bot.channels.webchat.served import a_key
from tests.bot.console.conftest import Served
from tests.hostile.door import SECRETS, TELEGRAM, WECOM, Door
from tests.hostile.words import NESTED, blobs

SLOW = 20.0
TWICE = ("/chat/chat", f"{STATIC}esm", f"{STATIC}resources")
"""Served by the same code as others that are tried."""
FEW = 3
"""Examples for each of some fifty routes; `make fuzz` tries many more."""
STATUSES = {200, 206, 302, 303, 304, 307, 400, 401, 403, 404, 405, 408, 410, 413, 415, 416, 421, 422, 429, 431}
LEAKS = re.compile(r"Traceback|File \"|site-packages|sqlite3?\.|sqlalchemy|/work/|\.py\b", re.IGNORECASE)
KINDS = (
    "application/json",
    "text/html",
    "text/plain",
    "text/css",
    "text/javascript",
    "image/",
    "font/",
    "application/",
)


def sound(response: Any, path: str) -> None:
    """The answer is one that we give, and shows nothing of the inside."""
    is_known = response.status_code in STATUSES or (path == "/readyz" and response.status_code == 503)
    assert is_known, (path, response.status_code, response.text[:300])
    kind = response.headers.get("content-type", "")
    is_empty = response.status_code in (204, 304) or not response.content
    assert is_empty or kind.startswith(KINDS), (path, kind)
    if response.status_code >= 400:
        assert not LEAKS.search(response.text), (path, response.text[:500])
    assert not any(secret in response.text for secret in SECRETS.values()), path


def often() -> int:
    """How many examples of a route."""
    return FEW if settings().max_examples <= 100 else settings().max_examples // 50


def besieged(door: Door, headers: dict[str, str], only: str = "") -> int:
    """Every route with whatever schemathesis makes for it; returns how many requests that were."""
    schema, count = schemathesis.openapi.from_dict(door.document()), 0
    with httpx.Client(base_url=door.url, timeout=SLOW, headers=headers) as client:
        for result in schema.get_all_operations():
            operation = result.ok()
            if not operation.path.startswith(only) or operation.path.startswith(TWICE):
                continue

            @settings(max_examples=often(), deadline=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy())
            def besiege(case: Any) -> None:
                nonlocal count
                sent = case.as_transport_kwargs(base_url=door.url)
                sent.pop("cookies", None)
                try:
                    sound(client.request(**_as_httpx(sent)), case.path)
                except (httpx.InvalidURL, ValueError, UnicodeEncodeError):
                    return  # no browser can send that either
                count += 1

            besiege()
    return count


def _as_httpx(sent: dict[str, Any]) -> dict[str, Any]:
    headers = {name: value for name, value in (sent.get("headers") or {}).items() if _is_header(value)}
    found = {"method": sent["method"], "url": sent["url"], "headers": headers, "params": sent.get("params")}
    if "json" in sent:
        found["content"] = json.dumps(sent["json"])
    elif "data" in sent:
        data = sent["data"]
        found["content"] = data if isinstance(data, bytes | str) else str(data)
    return found


def _is_header(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


async def test_strangers_at_every_route(door: Door) -> None:
    """Nobody who is not known gets anything but a plain answer, wherever he asks."""
    count = await asyncio.to_thread(besieged, door, {})
    assert count > 100
    assert [] == _kept(door)


async def test_people_at_every_page(door: Door) -> None:
    """One who is logged in may send the console what he likes: its pages answer."""
    served = Served(door.app, door.clock)
    browser = await served.logged_in("chen")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    await browser.aclose()
    headers = {"cookie": cookie, "sec-fetch-site": "same-origin", "origin": door.url}
    assert await asyncio.to_thread(besieged, door, headers, "/console") > 50


def _kept(door: Door) -> list[Any]:
    with door.store.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT channel, external_id FROM raw_events"))


SENSELESS = [*NESTED, b"\xff\xfe\x00{", b"\x00" * 1000, b'{"after":1e999,"frames":[]}', b""]


@pytest.mark.parametrize("body", SENSELESS, ids=range(len(SENSELESS)))
async def test_bodies_of_no_sense(door: Door, body: bytes) -> None:
    """Brackets a hundred thousand deep, bytes that are no text, numbers without end: refused, each in its way."""
    key = {"authorization": f"Bearer {a_key()}"}
    async with httpx.AsyncClient(base_url=door.url, timeout=SLOW) as client:
        expected = {"/chat/poll": {400}, "/chat/photo": {413, 415}, TELEGRAM: {403}, WECOM: {400, 403, 413}}
        for path, statuses in expected.items():
            answer = await client.post(path, content=body[:900_000], headers=key)
            assert answer.status_code in statuses, (path, answer.status_code)
            sound(answer, path)
        for path in ("/console/login", "/console/logout", "/console/password"):
            sound(await client.post(path, content=body[:900_000], headers={"sec-fetch-site": "same-origin"}), path)


async def spoken(door: Door, words: bytes, more: bytes = b"", times: int = 0) -> bytes:
    """What is answered to that, while `more` of it comes as long as anybody listens."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.http.port)
    sending = asyncio.create_task(_pour(writer, words, more, times))
    try:
        async with asyncio.timeout(SLOW):
            return await reader.read(65_536)
    except ConnectionError:
        return b""
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()


async def _pour(writer: asyncio.StreamWriter, words: bytes, more: bytes, times: int) -> None:
    writer.write(words)
    for _ in range(times):
        writer.write(more)
        await writer.drain()


HOST = b"Host: 127.0.0.1\r\n"
PIECE = b"10000\r\n" + b"x" * 65_536 + b"\r\n"


@pytest.mark.parametrize("path", [TELEGRAM, WECOM, "/chat/poll", "/chat/photo", "/console/login"])
async def test_a_gigabyte_is_not_heard_out(door: Door, path: str) -> None:
    """Neither one that is announced, nor one that comes in pieces without end: the first words are the last."""
    at = path.encode()
    announced = await spoken(door, b"POST " + at + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 1000000000\r\n\r\n")
    assert announced.split()[1] in (b"401", b"403", b"413"), announced[:100]
    head = b"POST " + at + b" HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    endless = await spoken(door, head, PIECE, times=16_000)
    assert not endless or endless.split()[1] in (b"400", b"401", b"403", b"413"), endless[:100]
    await alive(door)


STRANGE = {
    "a head without end": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 2_000_000,
    "headers without end": b"GET /health HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 200_000 + b"\r\n",
    "a path without end": b"GET /" + b"a" * 2_000_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "two lengths": b"POST /chat/poll HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a length and pieces": b"POST /chat/poll HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
    "less than nothing": b"POST /chat/poll HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    "a piece of no length": b"POST /chat/poll HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a line in a header": b"GET /health HTTP/1.1\r\n" + HOST + b"X: a\r\n b\x00\r\n\r\n",
    "no name": b"GET /console/login HTTP/1.1\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a later protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("words", STRANGE.values(), ids=STRANGE.keys())
async def test_words_that_are_no_request(door: Door, words: bytes) -> None:
    """They are refused or let go, and whoever comes after is answered."""
    said = await spoken(door, words)
    if said:
        assert said.startswith(b"HTTP/1.1 "), said[:80]
        assert 200 <= int(said.split()[1]) < 500, said[:200]
        assert b"Traceback" not in said
    await alive(door)


async def alive(door: Door) -> None:
    """The next one is answered."""
    async with httpx.AsyncClient(timeout=SLOW) as client:
        assert 200 == (await client.get(f"{door.url}/health")).status_code


@settings(max_examples=10, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(blobs, min_size=1, max_size=3))
def test_any_bytes_are_some_photo_or_none(parts: list[bytes]) -> None:
    """What a file is, its bytes say, and the name that it gets has nothing of theirs."""
    from bot.evidence.types import mime_of, type_of

    found = type_of(b"".join(parts))
    assert found is None or mime_of(found[0]) == found[1]
