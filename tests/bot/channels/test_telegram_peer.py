"""Telegram against an independent Bot API emulator, unextended, in its own process: nobody here wrote it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels.telegram import Telegram
from bot.config_channels import TelegramOptions
from bot.http import Http
from followup.events import MessageReceived, Outcome, Refusal
from followup.model import Attachment, Choice, Health, Media
from followup.ports import NotYet, Unparseable
from scheduler.clock import SystemClock
from tests.bot.channels.hostile import HOSTILE
from tests.bot.channels.live import until
from tests.bot.channels.test_contract import a_message
from tests.peers.telegram import SECRET, TelegramPeer
from tests.peers.telegram_inbox import MemoryInbox


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[TelegramPeer]:
    """The emulator as it comes."""
    peer = TelegramPeer(tmp_path / "peer", extended=False)
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
async def channel(peer: TelegramPeer) -> AsyncIterator[Telegram]:
    """Our side, with a bot on it."""
    channel = peer.channel(SystemClock())
    yield channel
    await channel.close()


@asynccontextmanager
async def receiving(channel: Telegram, inbox: MemoryInbox) -> AsyncIterator[None]:
    """While the channel hears."""
    task = asyncio.create_task(channel.receive(inbox))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def texts(channel: Telegram, inbox: MemoryInbox) -> list[str]:
    """What was heard, in order."""
    events = [event for raw in inbox.raws.values() for event in await channel.parse(raw)]
    return [event.text for event in events if isinstance(event, MessageReceived)]


async def test_what_is_said_is_heard_in_order(peer: TelegramPeer, channel: Telegram) -> None:
    """Before we listened and while we do, each message once, as it was written."""
    inbox = MemoryInbox()
    await peer.says("501", "before")
    async with receiving(channel, inbox):
        await until(lambda: len(inbox.raws) == 1)
        for text in HOSTILE.values():
            await peer.says("501", text)
        await until(lambda: len(inbox.raws) == 1 + len(HOSTILE))
    assert ["before", *HOSTILE.values()] == await texts(channel, inbox)
    assert [Health.UP] == inbox.healths


async def test_nothing_is_acknowledged_before_it_is_kept(peer: TelegramPeer, channel: Telegram) -> None:
    """While nothing can be kept the channel is down and asks again; another listener finds all of it."""
    broken, inbox = MemoryInbox(), MemoryInbox()
    broken.broken = True
    for n in range(3):
        await peer.says("501", f"word {n}")
    async with receiving(channel, broken):
        await until(lambda: len(peer.calls("getUpdates")) >= 2)
    assert ([Health.DOWN], {}) == (broken.healths, broken.raws)
    async with receiving(channel, inbox):
        await until(lambda: len(inbox.raws) == 3)
    assert ["word 0", "word 1", "word 2"] == await texts(channel, inbox)


async def test_a_listener_goes_on_where_the_last_one_stopped(peer: TelegramPeer, channel: Telegram) -> None:
    """What was kept is acknowledged by the first question after a restart, and does not come again."""
    inbox = MemoryInbox()
    await peer.says("501", "one")
    async with receiving(channel, inbox):
        await until(lambda: len(inbox.raws) == 1)
    await peer.says("501", "two")
    later = MemoryInbox()
    later.cursors = dict(inbox.cursors)
    async with receiving(channel, later):
        await until(lambda: len(later.raws) == 1)
    assert ["two"] == await texts(channel, later)


async def test_an_update_that_means_nothing_does_not_stop_the_rest(peer: TelegramPeer, channel: Telegram) -> None:
    """It is kept like the others, and says that it means nothing when it is looked at."""
    inbox = MemoryInbox()
    await peer.garbage()
    await peer.says("501", "after it")
    async with receiving(channel, inbox):
        await until(lambda: len(inbox.raws) == 2)
    first, second = inbox.raws.values()
    with pytest.raises(Unparseable):
        await channel.parse(first)
    assert 1 == len(await channel.parse(second))


async def test_two_who_listen_for_one_bot_are_told(peer: TelegramPeer, channel: Telegram) -> None:
    """The second is refused, says why, and hears as soon as the first is gone."""
    first, second = MemoryInbox(), MemoryInbox()
    other = peer.channel(SystemClock())
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(receiving(channel, first))
        await until(lambda: first.healths == [Health.UP])
        async with receiving(other, second):
            await until(lambda: second.healths == [Health.REFUSED])
            assert "another program" in second.told[0][1]
            await stack.aclose()
            await peer.says("501", "to the second")
            await until(lambda: second.healths == [Health.REFUSED, Health.UP])
            assert 1 == len(second.raws)
    await other.close()


async def test_words_and_buttons_are_accepted(peer: TelegramPeer, channel: Telegram) -> None:
    """Hostile text, the longest text, buttons, with the number of each message; it can be changed and taken back."""
    words = [*HOSTILE.values(), "好" * 4096, "😀" * 2048]
    results = [await channel.send(a_message(address="501", text=text)) for text in words if not _has_link(text)]
    assert {Outcome.ACCEPTED} == {result.outcome for result in results}
    assert len(results) == len({result.external_id for result in results})
    tapped = await channel.send(a_message(address="501", choices=(Choice("later", "明天付"),)))
    assert Outcome.ACCEPTED is tapped.outcome
    changed = await channel.edit(a_message(address="501", text="后天付"), tapped.external_id)
    assert Outcome.ACCEPTED is changed.outcome
    assert await channel.delete("501", tapped.external_id)
    assert not await channel.delete("501", "x")


async def test_photos_and_files_are_accepted(peer: TelegramPeer, channel: Telegram, tmp_path: Path) -> None:
    """One with words under it, an album, a file; and what a buyer sends can be fetched."""
    photos = []
    for n in range(3):
        (tmp_path / f"{n}.jpg").write_bytes(b"jpeg %d" % n)
        photos.append(Attachment(Media.PHOTO, str(tmp_path / f"{n}.jpg")))
    file = Attachment(Media.FILE, photos[0].ref, "发票.pdf")
    for attachments in ([photos[0]], photos, [file], [*photos, file]):
        result = await channel.send(a_message(address="501", attachments=tuple(attachments)))
        assert (Outcome.ACCEPTED, "") == (result.outcome, result.error)
    sent = [line["method"] for line in peer.calls("send")]
    album = "sendMediaGroup"
    assert ["sendPhoto", album, "sendDocument", "sendMessage", album, "sendDocument"] == sent
    assert b"jpeg 0" == await channel.fetch(Attachment(Media.PHOTO, "fixture-photo-1"))
    with pytest.raises(Unparseable):
        await channel.fetch(Attachment(Media.PHOTO, "nothing"))
    with pytest.raises(Unparseable):
        await channel.fetch(Attachment(Media.LOCATION, "geo:1,2"))


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        ({"address": "501", "text": "好" * 4097}, Refusal.CONTENT),
        ({"address": "not a number"}, Refusal.BLOCKED),
        ({"address": "501", "choices": (Choice("x", ""),)}, Refusal.CONTENT),
    ],
)
async def test_what_is_refused_is_refused(channel: Telegram, message: dict[str, Any], refusal: Refusal) -> None:
    """Too long, to nobody, a button without words."""
    result = await channel.send(a_message(**message))
    assert (Outcome.REFUSED, refusal) == (result.outcome, result.refusal)


async def test_while_it_is_down_nothing_is_lost_or_doubted(peer: TelegramPeer, channel: Telegram) -> None:
    """A send that reached nobody is tried again soon; a link cannot be made yet; the listener comes back by itself."""
    inbox = MemoryInbox()
    async with receiving(channel, inbox):
        await until(lambda: inbox.healths == [Health.UP])
        await peer.kill()
        await until(lambda: inbox.healths == [Health.UP, Health.DOWN])
        result = await channel.send(a_message(address="501"))
        assert Outcome.RETRY is result.outcome
        assert result.retry_at is not None
        with pytest.raises(NotYet):
            await channel.link("token")
        with pytest.raises(NotYet):
            await channel.fetch(Attachment(Media.PHOTO, "F"))
        await peer.start()
        await until(lambda: inbox.healths == [Health.UP, Health.DOWN, Health.UP])
        await peer.says("501", "back")
        await until(lambda: len(inbox.raws) == 1)


@asynccontextmanager
async def served(channel: Telegram, inbox: MemoryInbox, port: int = 0) -> AsyncIterator[int]:
    """The channel's routes on a real port."""
    http = Http("127.0.0.1", port, channel.routes(inbox), dict)
    await http.start()
    await until(lambda: _answers(http.port))
    try:
        yield http.port
    finally:
        await http.stop()


async def test_a_webhook_is_called_and_answers_when_it_has_kept(peer: TelegramPeer) -> None:
    """What waited comes at once, then each message when it is said; one that cannot be kept is delivered again."""
    inbox = MemoryInbox()
    await peer.says("501", "before")
    async with served(_webhook(peer, 1), inbox) as port:
        pass
    channel = _webhook(peer, port)
    async with served(channel, inbox, port), receiving(channel, inbox):
        await until(lambda: inbox.healths == [Health.UP])
        await until(lambda: len(inbox.raws) == 1)
        inbox.broken = True
        await peer.says("501", "while broken")
        assert 1 == len(inbox.raws)
        inbox.broken = False
        await peer.says("501", "after")
        await until(lambda: len(inbox.raws) == 3)
    assert ["before", "while broken", "after"] == await texts(channel, inbox)
    assert [200, 503, 200, 200] == [line["status"] for line in peer.lines("webhook")]
    await channel.close()


@pytest.mark.parametrize("secret", ["", "with space", "密" * 9, "x" * 257])
def test_a_webhook_needs_an_address_and_a_secret(secret: str) -> None:
    """One that Telegram takes; what is missing is said."""
    options = TelegramOptions(type="telegram", mode="webhook", webhook_url="https://shop.example/t")
    given: Any = {"name": "telegram", "shop": "tea", "token": "1:x", "clock": SystemClock()}
    with pytest.raises(ValueError, match="webhook_secret"):
        Telegram(**given, options=options, webhook_secret=secret)
    with pytest.raises(ValueError, match="webhook_url"):
        Telegram(**given, options=options.model_copy(update={"webhook_url": ""}), webhook_secret=SECRET)


async def test_only_telegram_may_call(peer: TelegramPeer) -> None:
    """Without the secret nothing is kept; with it, even what is no update is, once."""
    inbox = MemoryInbox()
    channel = _webhook(peer, 1)
    async with served(channel, inbox) as port, aiohttp.ClientSession() as session:

        async def call(body: bytes, secret: str | None) -> int:
            headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
            async with session.post(
                f"http://127.0.0.1:{port}/telegram/telegram", data=io.BytesIO(body), headers=headers
            ) as answer:
                return answer.status

        update = b'{"update_id": 7}'
        assert [403, 403, 403] == [await call(update, secret) for secret in (None, "", "wrong")]
        assert {} == inbox.raws
        assert [200] * 4 == [await call(body, SECRET) for body in (update, update, b"\xff no JSON", b"[]")]
        assert 413 == await call(b" " * (1024 * 1024 + 1), SECRET)
    assert ["7", "sha256", "sha256"] == [id_.partition(".")[0] for id_ in inbox.raws]
    assert [] == peer.channel(SystemClock()).routes(inbox)


def _webhook(peer: TelegramPeer, port: int) -> Telegram:
    url = f"http://127.0.0.1:{port}/telegram/telegram"
    return peer.channel(SystemClock(), mode="webhook", webhook_url=url)


async def _answers(port: int) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/health") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectorError:
        return False


def _has_link(text: str) -> bool:
    """The emulator knows no `link_preview_options`."""
    return "." in text
