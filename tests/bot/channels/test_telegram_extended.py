"""Telegram against our extension of the emulator (tests/peers/telegram_server.py): floods, blocks, refusals, names.

What Telegram does here is what its documentation says, as we read it; test_telegram_peer.py has the independent proof.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.telegram import Telegram
from bot.channels.telegram_receive import ANEW, Mark
from followup.events import ChatClosed, MessageReceived, Outcome, Refusal
from followup.model import Attachment, Choice, Health, Inbound, Media, OutgoingState
from followup.ports import Unparseable
from scheduler.clock import FakeClock, JumpingClock, SystemClock
from store import schema
from tests.bot.channels.live import Live, until
from tests.bot.channels.test_contract import a_message
from tests.bot.channels.test_telegram_peer import receiving
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_inbox import MemoryInbox
from tests.scheduler.shop import NOON


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[TelegramPeer]:
    """The emulator with our additions."""
    peer = TelegramPeer(tmp_path / "peer")
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
async def channel(peer: TelegramPeer) -> AsyncIterator[Telegram]:
    """Our side, at noon."""
    channel = peer.channel(FakeClock(NOON))
    yield channel
    await channel.close()


async def test_a_link_names_the_bot(peer: TelegramPeer, channel: Telegram) -> None:
    """Asked for once; a token that no link can hold is a mistake of ours."""
    assert "https://t.me/lab_bot?start=aB-_9" == await channel.link("aB-_9")
    assert "https://t.me/lab_bot?start=other" == await channel.link("other")
    assert 1 == len(peer.calls("getMe"))
    with pytest.raises(ValueError, match="characters are allowed"):
        await channel.link("no spaces")


async def test_a_flood_names_the_time_of_the_next_try(peer: TelegramPeer, channel: Telegram) -> None:
    """By our clock, as many seconds on as Telegram says."""
    await peer.flood(20)
    result = await channel.send(a_message(address="501"))
    assert (Outcome.RETRY, NOON + timedelta(seconds=20)) == (result.outcome, result.retry_at)
    assert [] == await peer.heard("501")


async def test_a_buyer_who_blocked_us_refuses(peer: TelegramPeer, channel: Telegram) -> None:
    """He is not reached; others are."""
    await peer.block("501")
    blocked, other = [await channel.send(a_message(address=address)) for address in ("501", "502")]
    assert (Outcome.REFUSED, Refusal.BLOCKED) == (blocked.outcome, blocked.refusal)
    assert Outcome.ACCEPTED is other.outcome


async def test_a_group_that_moved_is_followed(peer: TelegramPeer, channel: Telegram) -> None:
    """The words arrive where it is now."""
    await peer.refuse("sendMessage", 400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
    result = await channel.send(a_message(address="-9", text="hi"))
    assert (Outcome.ACCEPTED, ["hi"]) == (result.outcome, await peer.heard("-1009"))


async def test_what_went_half_is_not_sent_again(peer: TelegramPeer, channel: Telegram) -> None:
    """The words arrived and the photo did not: it counts as sent, and says what is missing."""
    photo = Attachment(Media.PHOTO, "https://shop.example/1.jpg")
    await peer.refuse("sendPhoto", 400, "Bad Request: wrong type of the web page content")
    result = await channel.send(a_message(address="501", text="好" * 2000, attachments=(photo,)))
    assert (Outcome.ACCEPTED, "1") == (result.outcome, result.external_id)
    assert "web page content" in result.error


async def test_every_message_goes_without_preview_of_its_links(peer: TelegramPeer, channel: Telegram) -> None:
    """Telegram is told so in words that it understands."""
    await channel.send(a_message(address="501", text="see https://shop.example/x"))
    (call,) = peer.calls("sendMessage")
    assert {"is_disabled": True} == call["link_preview_options"]


async def test_a_tap_stops_spinning_and_takes_the_buttons_away(peer: TelegramPeer, channel: Telegram) -> None:
    """The choice is heard, the buyer's app is answered, and nobody can tap twice."""
    sent = await channel.send(a_message(address="501", choices=(Choice("later", "明天付"),)))
    inbox = MemoryInbox()
    async with receiving(channel, inbox):
        await until(lambda: inbox.healths == [Health.UP])
        await peer.taps("501", int(sent.external_id), "later", "明天付")
        await until(lambda: len(inbox.raws) == 1)
    (event,) = await channel.parse(next(iter(inbox.raws.values())))
    assert isinstance(event, MessageReceived)
    assert ("later", "明天付") == (event.choice, event.text)
    await until(lambda: len(peer.calls("editMessageReplyMarkup")) == 1)
    assert ["Q1"] == [call["callback_query_id"] for call in peer.calls("answerCallbackQuery")]
    assert "reply_markup" not in peer.calls("editMessageReplyMarkup")[0]


async def test_a_tap_counts_though_it_cannot_be_answered(peer: TelegramPeer, channel: Telegram) -> None:
    """Too old to answer, its message gone: the choice is what matters."""
    await peer.refuse("answerCallbackQuery", 400, "Bad Request: query is too old")
    await peer.refuse("editMessageReplyMarkup", 400, "Bad Request: message to edit not found")
    inbox = MemoryInbox()
    async with receiving(channel, inbox):
        await peer.taps("501", 1, "later", "明天付")
        await until(lambda: len(inbox.raws) == 1)
    assert 1 == len(await channel.parse(next(iter(inbox.raws.values()))))
    await until(lambda: len(peer.calls("editMessageReplyMarkup")) == 1)


async def test_blocks_and_edits_are_heard(peer: TelegramPeer, channel: Telegram) -> None:
    """We ask for these kinds of updates by name, and no others."""
    inbox = MemoryInbox()
    async with receiving(channel, inbox):
        await peer.deliver(peer.message("501", "后天付", "edited_message", edit_date=int(time.time())))
        await peer.deliver(peer.update(channel_post={"message_id": 1}))
        await peer.deliver(peer.blocked("501"))
        await until(lambda: len(inbox.raws) == 2)
    (edited,), (closed,) = [await channel.parse(raw) for raw in inbox.raws.values()]
    assert isinstance(edited, MessageReceived)
    assert isinstance(closed, ChatClosed)
    assert ("501.1001", "501") == (edited.edits.rpartition(".")[0], closed.address)


@pytest.mark.parametrize("status", [401, 404])
async def test_a_wrong_token_is_told_once(peer: TelegramPeer, status: int) -> None:
    """Slowly tried again, and once it is right the channel hears."""
    channel, inbox = peer.channel(JumpingClock(NOON)), MemoryInbox()
    for _ in range(3):
        await peer.refuse("getMe", status, "Unauthorized")
    async with receiving(channel, inbox):
        await until(lambda: inbox.healths == [Health.REFUSED, Health.UP])
    assert "@BotFather" in inbox.told[0][1]
    await channel.close()


async def test_a_server_in_trouble_is_asked_again(peer: TelegramPeer) -> None:
    """Bad gateways and floods of questions are told once, and are over by themselves."""
    channel, inbox = peer.channel(JumpingClock(NOON)), MemoryInbox()
    await peer.refuse("deleteWebhook", 502, "Bad Gateway")
    await peer.refuse("getUpdates", 429, "Too Many Requests: retry after 3", retry_after=3)
    await peer.refuse("getUpdates", 500, "Internal Server Error")
    async with receiving(channel, inbox):
        await until(lambda: inbox.healths == [Health.DOWN, Health.UP])
    assert "Bad Gateway" in inbox.told[0][1]
    await channel.close()


DAY = 24 * 3600


@pytest.mark.parametrize(("hours", "gap"), [(23, False), (25, True)])
async def test_away_for_more_than_a_day_is_a_gap(peer: TelegramPeer, hours: int, gap: bool) -> None:
    """Telegram keeps for a day what nobody asks for; what was said before is lost, and a person is told."""
    channel, inbox = peer.channel(SystemClock()), MemoryInbox()
    inbox.cursors["telegram"] = f"5@{time.time() - hours * 3600:.0f}"
    async with receiving(channel, inbox):
        await until(lambda: inbox.told[-1:] == [(Health.UP, "", False)])
    assert [(Health.UP, "", True)] * gap == inbox.told[:-1]
    await channel.close()


async def test_what_somebody_else_took_is_a_gap(peer: TelegramPeer, channel: Telegram) -> None:
    """Another listener of the same bot, or we ourselves before the database was restored: the numbers tell. It is told
    before the next message is kept, whose time would hide when the gap began."""
    inbox = MemoryInbox()
    async with receiving(channel, inbox):
        await peer.says("501", "kept")
        await until(lambda: len(inbox.raws) == 1)
        told, kept = len(inbox.told), []
        inbox.on_report = lambda: kept.append(len(inbox.raws))
        peer.message("501", "taken by somebody else")
        await peer.says("501", "after it")
        await until(lambda: len(inbox.raws) == 2)
    assert ([(Health.UP, "", True)], [1]) == (inbox.told[told:], kept)


@pytest.mark.parametrize(
    ("mark", "first", "gap"),
    [
        ("", 7, False),
        ("a page of WeCom", 7, False),
        ("7@1000000", 7, False),
        ("7@1000000", 0, False),
        ("7@1000000", 8, True),
        ("7@1000000", 3, False),
        ("7@1000000", 7 + ANEW, False),
        ("0@1000000", 9, False),
        (f"7@{1_000_000 - DAY - 1}", 7, True),
        (f"0@{1_000_000 - DAY - 1}", 0, True),
        ("7@2000000", 7, False),
    ],
)
def test_a_gap_is_known_by_time_or_number(mark: str, first: int, gap: bool) -> None:
    """At second one million: a day away, or a number missing; not a new count, and not a clock that was set back."""
    assert gap is Mark.read(mark).is_gap(1e6, first)


@pytest.mark.parametrize(("hours", "gap"), [(23, False), (25, True)])
async def test_a_webhook_out_of_reach_for_more_than_a_day_is_a_gap(peer: TelegramPeer, hours: int, gap: bool) -> None:
    """It is told when Telegram reaches us again, and what was well until then is kept as the channel's cursor."""
    clock, inbox = JumpingClock(NOON), MemoryInbox()
    began = NOON.timestamp()
    inbox.cursors["telegram"] = f"5@{began - hours * 3600:.0f}"
    channel = peer.channel(clock, mode="webhook", webhook_url="http://127.0.0.1:9/telegram/telegram")
    async with receiving(channel, inbox):
        await until(lambda: inbox.cursors["telegram"].startswith("0@"))
    assert gap is ((Health.UP, "", True) in inbox.told)
    assert Mark.read(inbox.cursors["telegram"]).at > began
    await channel.close()


async def test_a_webhook_is_called_over_one_connection(peer: TelegramPeer) -> None:
    """Over several, what a buyer says could overtake what he said before."""
    channel = peer.channel(JumpingClock(NOON), mode="webhook", webhook_url="http://127.0.0.1:9/telegram/telegram")
    async with receiving(channel, MemoryInbox()):
        await until(lambda: peer.calls("setWebhook") != [])
    assert "1" == peer.calls("setWebhook")[0]["max_connections"]
    await channel.close()


async def test_a_webhook_that_telegram_cannot_reach_is_told(peer: TelegramPeer) -> None:
    """With Telegram's own words, and again when it can."""
    channel = peer.channel(JumpingClock(NOON), mode="webhook", webhook_url="http://127.0.0.1:9/telegram/telegram")
    inbox = MemoryInbox()
    async with receiving(channel, inbox):
        await until(lambda: inbox.healths == [Health.UP])
        await peer.says("501", "nobody hears")
        await peer.webhook_error(last_error_date=int(time.time()) + 10**8, last_error_message="Connection refused")
        await until(lambda: inbox.healths == [Health.UP, Health.DOWN])
        assert "Connection refused" in inbox.told[1][1]
        await peer.webhook_error()
        await until(lambda: inbox.healths == [Health.UP, Health.DOWN, Health.UP])
    await channel.close()


async def test_a_webhook_that_telegram_does_not_take_is_refused(peer: TelegramPeer) -> None:
    """With Telegram's own words: this will not mend by itself."""
    channel = peer.channel(JumpingClock(NOON), mode="webhook", webhook_url="http://shop.example/telegram")
    inbox = MemoryInbox()
    async with receiving(channel, inbox):
        await until(lambda: inbox.healths == [Health.REFUSED])
    assert "HTTPS" in inbox.told[0][1]
    await channel.close()


async def test_an_album_is_answered_once(peer: TelegramPeer, tmp_path: Path) -> None:
    """Three photos with "明天付" under the first: all are kept, one answer, one task for a person."""
    size = {"file_unique_id": "p", "width": 1, "height": 1}
    async with Live(tmp_path / "bot", peer.channel(SystemClock())) as live:
        await live.app.fetching.stop()  # these photos are nowhere
        for n, caption in enumerate(("明天付", None, None)):
            words = {"caption": caption} if caption else {}
            photo = [{**size, "file_id": f"P{n}"}]
            await peer.deliver(peer.message("501", None, photo=photo, media_group_id="G", **words))
        await until(lambda: live.said() == 3)
        await until(lambda: [row.state for row in live.outgoing()] == [OutgoingState.SENT])
        kept = live.rows(Inbound, schema.inbox)
        assert [1, 2, 3] == sorted(len(row.attachments) for row in kept)
        assert 1 == len(live.tasks())
    assert 1 == len(await peer.heard("501"))


async def test_a_file_that_is_too_large_to_fetch_never_comes(peer: TelegramPeer, channel: Telegram) -> None:
    """Telegram gives up to 20 MB to bots; asking again would not help."""
    await peer.refuse("getFile", 400, "Bad Request: file is too big")
    with pytest.raises(Unparseable, match="too big"):
        await channel.fetch(Attachment(Media.VIDEO, "V"))


async def test_many_sends_at_once_all_arrive(peer: TelegramPeer, channel: Telegram) -> None:
    """A hundred buyers, each his own words."""
    messages = [a_message(f"m{n}", address=str(600 + n), text=f"word {n}") for n in range(100)]
    results = await asyncio.gather(*(channel.send(message) for message in messages))
    assert {Outcome.ACCEPTED} == {result.outcome for result in results}
    assert [[f"word {n}"] for n in range(100)] == [await peer.heard(str(600 + n)) for n in range(100)]
