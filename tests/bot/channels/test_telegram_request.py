"""What becomes of calls when the line to Telegram breaks, and that no word of it shows the bot's token."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import orjson
import pytest

from bot.channels import telegram_request
from bot.channels.telegram import Telegram
from bot.channels.telegram_request import loads
from bot.config import Logs
from bot.config_channels import TelegramOptions
from bot.logs import setup_logs
from followup.events import Outcome
from followup.model import Attachment, Media, Raw
from followup.ports import NotYet, Unparseable
from scheduler.clock import FakeClock, JumpingClock
from tests.bot.channels.live import until
from tests.bot.channels.test_contract import a_message
from tests.bot.channels.test_telegram_peer import receiving
from tests.peers.telegram import TOKEN
from tests.peers.telegram_inbox import MemoryInbox
from tests.scheduler.shop import NOON

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


async def break_off(_asked: bytes, writer: asyncio.StreamWriter) -> None:
    """The connection is gone once the question was read."""
    writer.transport.abort()


async def break_off_in_the_middle(_asked: bytes, writer: asyncio.StreamWriter) -> None:
    """Half an answer, and nothing more."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    writer.transport.abort()


async def be_silent(_asked: bytes, _writer: asyncio.StreamWriter) -> None:
    """Nobody answers."""
    await asyncio.sleep(30)


def answer(status: str, body: bytes, *headers: bytes) -> Answer:
    """Always the same."""

    async def same(asked: bytes, writer: asyncio.StreamWriter) -> None:
        whole = body.replace(b"URL", asked.split()[1])
        lines = [f"HTTP/1.1 {status}".encode(), b"Content-Length: %d" % len(whole), *headers, b"", whole]
        writer.write(b"\r\n".join(lines).replace(b"URL", asked.split()[1]))
        await writer.drain()

    return same


PAGE = b"<html>502: cannot reach http://api.telegram.org/URL</html>"
TROUBLES: dict[str, Answer] = {
    "broken": break_off,
    "broken in the middle": break_off_in_the_middle,
    "silent": be_silent,
    "a page that shows the address": answer("502 Bad Gateway", PAGE),
    "a page that looks fine": answer("200 OK", PAGE),
    "no answer in it": answer("200 OK", b"{}"),
    "a list": answer("200 OK", b"[]"),
    "elsewhere": answer("302 Found", b"", b"Location: http://127.0.0.1:9/URL"),
    "no HTTP": lambda _asked, writer: _write(writer, b"\x00\xff" * 50 + b"\r\n\r\n"),
}
REFUSALS: dict[str, Answer] = {
    "wrong token": answer("401 Unauthorized", b'{"ok": false, "description": "Unauthorized: URL"}'),
    "not found": answer("404 Not Found", b'{"ok": false, "description": "Not Found: URL"}'),
    "forbidden": answer("403 Forbidden", b'{"ok": false, "description": "Forbidden: URL"}'),
    "refused": answer("400 Bad Request", b'{"ok": false, "description": "Bad Request: URL"}'),
    "conflict": answer("409 Conflict", b'{"ok": false, "description": "Conflict: URL"}'),
    "too large": answer("413 Request Entity Too Large", PAGE),
}


async def _write(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(body)
    await writer.drain()
    writer.close()


@asynccontextmanager
async def a_service(trouble: Answer) -> AsyncIterator[str]:
    """Something that listens where Telegram should be."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            await trouble(asked, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.fixture(autouse=True)
def _impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second without an answer is long enough here."""
    for name in ("READ", "LONGEST"):
        monkeypatch.setattr(telegram_request, name, 0.5)
    monkeypatch.setattr("bot.channels.telegram_receive.SLACK", 0.5)


def a_channel(url: str, **options: str) -> Telegram:
    """A channel to whatever is there."""
    table = TelegramOptions(type="telegram", api_url=url, **options)
    return Telegram(name="telegram", shop="tea", token=TOKEN, options=table, clock=FakeClock(NOON))


@pytest.mark.parametrize("name", TROUBLES)
async def test_what_was_written_and_not_answered_is_unsure(name: str) -> None:
    """Nobody knows whether the buyer has it, so it is never called failed or tried again."""
    async with a_service(TROUBLES[name]) as url:
        channel = a_channel(url)
        result = await channel.send(a_message(address="501"))
        await channel.close()
    assert Outcome.UNSURE is result.outcome
    assert result.error


@pytest.mark.parametrize(
    "options",
    [
        {"url": "http://127.0.0.1:1"},
        {"url": "http://nowhere.invalid"},
        {"url": "http://127.0.0.1:1", "proxy": "http://127.0.0.1:1"},
    ],
)
async def test_what_was_never_written_is_tried_again(options: dict[str, str]) -> None:
    """Nobody listens, there is no such name, the proxy is down: nothing has happened."""
    channel = a_channel(**options)
    result = await channel.send(a_message(address="501"))
    assert Outcome.RETRY is result.outcome
    await channel.close()


@pytest.mark.parametrize("name", [*TROUBLES, *REFUSALS])
async def test_no_trouble_shows_the_token(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a log at its most talkative, nor a result, a report or an exception, though the service quotes it."""
    lines, inbox, told = io.StringIO(), MemoryInbox(), []
    setup_logs(Logs(level="debug", format="json"), stream=lines)
    async with a_service((TROUBLES | REFUSALS)[name]) as url:
        channel = a_channel(url)
        channel._clock = JumpingClock(NOON)
        result = await channel.send(a_message(address="501", attachments=(Attachment(Media.PHOTO, __file__),)))
        for asked in (channel.link("x"), channel.fetch(Attachment(Media.PHOTO, "F")), channel.delete("501", "1")):
            try:
                await asked
            except (NotYet, Unparseable) as error:
                told.append(repr(error) + repr(error.__cause__))
        async with receiving(channel, inbox):
            await until(lambda: len(inbox.told) > 0)
        await channel.close()
    assert told
    shown = "\n".join([lines.getvalue(), caplog.text, result.error, *told, *(detail for _, detail, _ in inbox.told)])
    assert TOKEN not in shown
    assert TOKEN.partition(":")[2] not in shown


async def test_a_proxy_is_used_where_one_is_named() -> None:
    """The whole address is asked of it."""
    asked: list[bytes] = []

    async def take(question: bytes, writer: asyncio.StreamWriter) -> None:
        asked.append(question.split()[1])
        await answer("200 OK", b'{"ok": true, "result": {"message_id": 5}}')(question, writer)

    async with a_service(take) as proxy:
        channel = a_channel("http://telegram.invalid", proxy=proxy)
        result = await channel.send(a_message(address="501"))
        await channel.close()
    assert (Outcome.ACCEPTED, "5") == (result.outcome, result.external_id)
    assert [f"http://telegram.invalid/bot{TOKEN}/sendMessage".encode()] == asked


def test_json_is_read_as_it_is_or_not_at_all() -> None:
    """Half surrogates become question marks; numbers that are none, and bytes that are no text, are no JSON."""
    assert {"a": "😀 好"} == loads(orjson.dumps({"a": "😀 好"}))
    assert {"a": "?x", "b": "😀"} == loads(rb'{"a": "\ud83dx", "b": "\ud83d\ude00"}')
    for body in (b"", b"{", b"\xff", b'{"a": NaN}', b'{"a": "\xff"}'):
        with pytest.raises(ValueError):  # noqa: PT011 - json's own
            loads(body)


async def test_a_raw_event_is_read_without_the_service() -> None:
    """Handling what is kept needs no line to Telegram."""
    channel = a_channel("http://127.0.0.1:1")
    body = orjson.dumps({"update_id": 1, "something": {}})
    assert [] == await channel.parse(Raw("telegram", "1", body, NOON))
    await channel.close()
