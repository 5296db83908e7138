"""The WeChat channel against Wechaty's real gateway."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.channels.wechaty import Wechaty
from bot.channels.wechaty_link import Limits
from bot.config_channels import WechatyOptions
from followup.events import MessageRecalled, MessageReceived, Outcome, Refusal
from followup.model import Attachment, Health, Media, Raw
from followup.ports import NotYet, Unparseable
from scheduler.clock import FakeClock, SystemClock
from tests.bot.channels.live import until
from tests.bot.channels.test_contract import a_message
from tests.bot.channels.wechaty_wire import Kept
from tests.peers.wechaty import HOME, QUICK, ROOM, WechatyPeer, node
from tests.ports import free_port
from tests.scheduler.shop import NOON

LIN = "wxid_lin"
QR = "http://weixin.qq.com/x/abc"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WechatyPeer]:
    """One gateway for all tests that do it no harm."""
    peer = WechatyPeer(tmp_path_factory.mktemp("wechaty"))
    asyncio.run(peer.start())
    yield peer
    asyncio.run(peer.stop())


@pytest.fixture
async def peer(gateway: WechatyPeer) -> WechatyPeer:
    """The gateway, logged in and without faults."""
    await gateway.do("faults", {"fail": 0, "delay": 0, "ids": True})
    await gateway.do("login")
    return gateway


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[WechatyPeer]:
    """A gateway of this test alone, to be ill-treated."""
    peer = WechatyPeer(tmp_path)
    await peer.start()
    yield peer
    await peer.stop()


class Heard(Kept):
    """A channel, and the inbox it fills."""

    def __init__(self, channel: Wechaty) -> None:
        super().__init__()
        self.channel = channel

    async def said(self, external_id: str) -> Any:
        """The one event of a message, once it is here."""
        (event,) = await self.channel.parse(await self.raw(external_id))
        return event

    async def raw(self, external_id: str) -> Raw:
        """A message as it was kept."""
        await until(lambda: any(raw.external_id == external_id for raw in self.raws))
        return next(raw for raw in self.raws if raw.external_id == external_id)

    async def stands(self, health: Health) -> None:
        """Wait until it does."""
        await until(lambda: self.health is health)


@asynccontextmanager
async def listening(channel: Wechaty, wait_for: Health = Health.UP) -> AsyncIterator[Heard]:
    """The channel at work."""
    heard = Heard(channel)
    task = asyncio.create_task(channel.receive(heard))
    try:
        await heard.stands(wait_for)
        yield heard
    finally:
        task.cancel()
        await asyncio.wait({task})
        await channel.close()


@pytest.fixture
async def heard(peer: WechatyPeer) -> AsyncIterator[Heard]:
    """A channel that listens to the gateway."""
    async with listening(peer.channel(SystemClock())) as heard:
        yield heard


class TestHearing:
    async def test_a_text(self, heard: Heard, peer: WechatyPeer) -> None:
        """Its id is kept at once, and the gateway shows the rest: who, by which name, what, and when."""
        id_ = await peer.says(LIN, "明天付")
        event = await heard.said(id_)
        assert MessageReceived("tea", "wechaty", LIN, id_, "明天付", event.at, f"买家 {LIN}") == event
        assert abs((SystemClock().now() - event.at).total_seconds()) < 60

    async def test_our_own_words_are_no_news(self, heard: Heard, peer: WechatyPeer) -> None:
        """They come back as events, and mean nothing."""
        sent = await heard.channel.send(a_message(address=LIN))
        assert [] == await heard.channel.parse(await heard.raw(sent.external_id))

    async def test_a_room(self, heard: Heard, peer: WechatyPeer) -> None:
        """Words to us are heard, with the room; words to others are not."""
        to_others = await peer.says_in_room(LIN, "大家好", "wxid_other")
        to_us = await peer.says_in_room(LIN, "@小店助手 在吗", "wxid_bot")
        event = await heard.said(to_us)
        assert (LIN, ROOM, "@小店助手 在吗") == (event.address, event.room, event.text)
        assert [] == await heard.channel.parse(await heard.raw(to_others))

    async def test_a_recalled_message(self, heard: Heard, peer: WechatyPeer) -> None:
        """The buyer took it back."""
        id_ = await peer.says(LIN, "骂人")
        recall = (await peer.do("recall", {"from": LIN, "id": id_}))["id"]
        event = await heard.said(recall)
        assert MessageRecalled("tea", "wechaty", LIN, recall, event.at, recalled=id_) == event

    @pytest.mark.parametrize("size", [10, 100_000])
    async def test_a_photo(self, heard: Heard, peer: WechatyPeer, size: int) -> None:
        """Small ones come in one piece, larger ones as a stream; the bytes are the same."""
        content = bytes(n % 251 for n in range(size))
        id_ = await peer.shows(LIN, name="tea.jpg", base64=base64.b64encode(content).decode())
        (attachment,) = (await heard.said(id_)).attachments
        assert (Media.PHOTO, id_) == (attachment.media, attachment.ref)
        assert content == await heard.channel.fetch(attachment)

    async def test_a_photo_on_the_web_that_is_not_there_harms_nobody(self, heard: Heard, peer: WechatyPeer) -> None:
        """Asked to stream it, the gateway would die; we ask for the address and look ourselves."""
        id_ = await peer.shows(LIN, name="tea.jpg", url="http://127.0.0.1:1/tea.jpg")
        (attachment,) = (await heard.said(id_)).attachments
        with pytest.raises(NotYet):
            await heard.channel.fetch(attachment)
        assert "still there" == (await heard.said(await peer.says(LIN, "still there"))).text

    async def test_bytes_that_are_not_there(self, heard: Heard) -> None:
        """What has none, and what the gateway has forgotten."""
        for attachment in (Attachment(Media.LOCATION, "m1"), Attachment(Media.PHOTO, "forgotten")):
            with pytest.raises(Unparseable):
                await heard.channel.fetch(attachment)

    async def test_an_event_without_an_id_is_kept_and_means_nothing(self, heard: Heard, peer: WechatyPeer) -> None:
        """It is kept with its bytes."""
        await peer.garbage()
        await until(lambda: heard.raws != [])
        assert b'{"surprise":true}' == heard.raws[0].body
        with pytest.raises(Unparseable):
            await heard.channel.parse(heard.raws[0])

    async def test_a_message_that_the_gateway_has_forgotten(self, heard: Heard, peer: WechatyPeer) -> None:
        """It is asked again a little later, and then given to a person."""
        await peer.repeat("forgotten")
        raw = await heard.raw("forgotten")
        with pytest.raises(NotYet):
            await heard.channel.parse(raw)
        with pytest.raises(Unparseable, match="does not have this message any more"):
            await heard.channel.parse(Raw(raw.channel, raw.external_id, raw.body, raw.at, tries=2))

    @pytest.mark.parametrize("event", ["error", "heartbeat", "ready", "dong", "friendship", "room-join"])
    async def test_other_events_do_no_harm(self, heard: Heard, peer: WechatyPeer, event: str) -> None:
        """Whatever fields they lack."""
        await peer.do("emit", {"event": event, "payload": {}})
        assert "after" == (await heard.said(await peer.says(LIN, "after"))).text
        assert [Health.UP] == [health for health, _, _ in heard.reports]

    async def test_a_new_name_is_learnt(self, heard: Heard, peer: WechatyPeer) -> None:
        """Names are asked for once, and again when the gateway says that they have changed."""
        first = await heard.said(await peer.says("wxid_chen", "one"))
        await peer.do("rename", {"id": "wxid_chen", "name": "陈小姐"})
        second = await heard.said(await peer.says("wxid_chen", "two"))
        assert ("买家 wxid_chen", "陈小姐") == (first.sender_name, second.sender_name)

    async def test_official_accounts_are_not_answered(self, heard: Heard, peer: WechatyPeer) -> None:
        """They are advertisements, not buyers."""
        await peer.do("contact", {"id": "gh_bank", "name": "Bank", "type": 2})
        assert [] == await heard.channel.parse(await heard.raw(await peer.says("gh_bank", "贷款")))

    async def test_what_cannot_be_kept_at_once_is_kept_later(self, heard: Heard, peer: WechatyPeer) -> None:
        """The gateway keeps nothing, so nothing may be dropped while the database is in trouble."""
        heard.fails = 1
        ids = [await peer.says(LIN, text) for text in ("one", "two")]
        await until(lambda: len(heard.raws) == 2)
        assert ids == [raw.external_id for raw in heard.raws]


class TestSaying:
    async def test_a_text_reaches_the_buyer(self, heard: Heard, peer: WechatyPeer) -> None:
        """Whole, once, and its id is known."""
        before = len(await peer.sent())
        message = a_message(address=LIN, text="您好！\n<b>&</b> 👩‍👩‍👧 \u202eabc\u202c")
        result = await heard.channel.send(message)
        (sent,) = (await peer.sent())[before:]
        assert (LIN, result.external_id, message.text) == (sent["to"], sent["id"], sent["text"])
        assert Outcome.ACCEPTED is result.outcome

    async def test_a_text_to_a_room(self, heard: Heard, peer: WechatyPeer) -> None:
        """The address of a room is its id."""
        await heard.channel.send(a_message(address=ROOM, text="大家好"))
        assert ["大家好"] == await peer.heard(ROOM)

    async def test_photos_and_files(self, heard: Heard, peer: WechatyPeer, tmp_path: Path) -> None:
        """A file of ours goes after the text, what is on the web as a line in it."""
        photo = tmp_path / "茶.jpg"
        photo.write_bytes(b"\x00tea\xff" * 20_000)
        web = Attachment(Media.FILE, "https://shop.example/guide.pdf")
        before = len(await peer.sent())
        message = a_message(address=LIN, text="请看", attachments=(Attachment(Media.PHOTO, str(photo)), web))
        result = await heard.channel.send(message)
        text, file = (await peer.sent())[before:]
        assert "请看\n[file] https://shop.example/guide.pdf" == text["text"]
        assert ("茶.jpg", photo.read_bytes()) == (file["file"], base64.b64decode(file["base64"]))
        assert (Outcome.ACCEPTED, f"{text['id']},{file['id']}") == (result.outcome, result.external_id)

    async def test_a_file_that_is_not_there_is_refused_before_anything_is_said(
        self, heard: Heard, peer: WechatyPeer
    ) -> None:
        """No repeat would help."""
        before = len(await peer.sent())
        message = a_message(address=LIN, attachments=(Attachment(Media.PHOTO, "/nowhere/tea.jpg"),))
        result = await heard.channel.send(message)
        assert (Outcome.REFUSED, Refusal.CONTENT) == (result.outcome, result.refusal)
        assert before == len(await peer.sent())

    async def test_no_id_is_sent_all_the_same(self, heard: Heard, peer: WechatyPeer) -> None:
        """Many accounts tell none."""
        await peer.do("faults", {"ids": False})
        result = await heard.channel.send(a_message(address=LIN))
        assert (Outcome.ACCEPTED, "") == (result.outcome, result.external_id)

    async def test_a_failure_is_never_certain(self, heard: Heard, peer: WechatyPeer) -> None:
        """An account may have sent what it says it has not: nobody knows."""
        await peer.do("faults", {"fail": 1})
        result = await heard.channel.send(a_message(address=LIN))
        assert (Outcome.UNSURE, "WeChat did not take it") == (result.outcome, result.error)

    async def test_what_fails_after_the_text_does_not_send_it_again(
        self, heard: Heard, peer: WechatyPeer, tmp_path: Path
    ) -> None:
        """The buyer has the words; what he has not is told with the acceptance."""
        (tmp_path / "empty").write_bytes(b"")
        message = a_message(address=LIN, attachments=(Attachment(Media.FILE, str(tmp_path / "empty")),))
        result = await heard.channel.send(message)
        assert (Outcome.ACCEPTED, "not all of it") == (result.outcome, result.error.partition(":")[0])

    async def test_no_answer_is_unsure(self, peer: WechatyPeer) -> None:
        """After the time limit."""
        options, hurried = peer.options(), Limits(answer=0.5, start=5)
        channel = Wechaty(name="w", shop="tea", token=peer.token, options=options, clock=SystemClock(), limits=hurried)
        async with listening(channel):
            await peer.do("faults", {"delay": 1500})
            result = await channel.send(a_message(address=LIN))
        assert (Outcome.UNSURE, "no answer within 0.5 s") == (result.outcome, result.error)


class TestLogin:
    async def test_a_logout_and_the_way_back(self, heard: Heard, peer: WechatyPeer) -> None:
        """What there is to scan is shown; until somebody has, words wait; afterwards the silence is told."""
        await peer.do("logout")
        await heard.stands(Health.LOGIN)
        waits = await heard.channel.send(a_message(address=LIN))
        await peer.do("scan", {"qrcode": QR})
        await until(lambda: heard.reports[-1] == (Health.LOGIN, QR, False))
        await peer.do("login")
        await heard.stands(Health.UP)
        assert (Outcome.RETRY, True) == (waits.outcome, (waits.retry_at or NOON) > waits.at)
        expected = [(Health.UP, "", True), (Health.LOGIN, "", False), (Health.LOGIN, QR, False), (Health.UP, "", True)]
        assert expected == heard.reports
        assert "back" == (await heard.said(await peer.says(LIN, "back"))).text

    async def test_a_gateway_where_nobody_is_logged_in(self, peer: WechatyPeer) -> None:
        """It may not say so; after a while we do."""
        await peer.do("logout")
        clock = FakeClock(NOON)
        heard = Heard(peer.channel(clock))
        task = asyncio.create_task(heard.channel.receive(heard))
        await until(lambda: heard.channel._link.attached)
        raw = Raw("wechaty", await peer.says(LIN, "?"), b"{}", NOON)
        with pytest.raises(NotYet):
            await heard.channel.parse(raw)
        assert [] == heard.reports
        clock.move_to(NOON.replace(minute=1))
        await heard.stands(Health.LOGIN)
        task.cancel()
        await asyncio.wait({task})

    async def test_a_wrong_token_is_said_and_never_shown(
        self, peer: WechatyPeer, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It will not mend by itself; neither the report nor any log holds the token."""
        caplog.set_level(logging.DEBUG)
        wrong = "puppet_wrong_123456"
        channel = Wechaty(name="w", shop="tea", token=wrong, options=peer.options(), clock=SystemClock(), limits=QUICK)
        async with listening(channel, Health.REFUSED) as heard:
            result = await channel.send(a_message(address=LIN))
        assert [(Health.REFUSED, "the gateway does not know the token", False)] == heard.reports
        assert Outcome.RETRY is result.outcome
        assert wrong not in caplog.text

    async def test_the_right_token_is_in_no_log_either(
        self, peer: WechatyPeer, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Whatever the level."""
        caplog.set_level(logging.DEBUG)
        async with listening(peer.channel(SystemClock())) as heard:
            await heard.said(await peer.says(LIN, "x"))
        assert peer.token not in caplog.text


class TestTrouble:
    async def test_another_client_takes_our_place(self, heard: Heard, peer: WechatyPeer) -> None:
        """The stream ends as if all were well; we notice, and are back. What was not read by then is read now."""
        id_ = await peer.says(LIN, "before")
        raw = await heard.raw(id_)
        async with listening(peer.channel(SystemClock())):
            await heard.stands(Health.DOWN)
            with pytest.raises(NotYet):
                await heard.channel.parse(raw)
        await heard.stands(Health.UP)
        assert "before" == (await heard.said(id_)).text
        ups = [gap for health, _, gap in heard.reports if health is Health.UP]
        assert {True} == set(ups)

    async def test_a_gateway_that_dies_and_comes_back(self, own: WechatyPeer) -> None:
        """Noticed at once and told once; words wait meanwhile; back by itself, and the gap is told once."""
        async with listening(own.channel(SystemClock())) as heard:
            await own.kill()
            await heard.stands(Health.DOWN)
            waits = await heard.channel.send(a_message(address=LIN))
            await asyncio.sleep(1)
            await own.start()
            await heard.stands(Health.UP)
            said = await heard.said(await own.says(LIN, "back"))
        assert Outcome.RETRY is waits.outcome
        assert "back" == said.text
        assert [(Health.UP, True), (Health.DOWN, False), (Health.UP, True)] == [
            (health, gap) for health, _, gap in heard.reports
        ]

    async def test_a_gateway_that_freezes(self, own: WechatyPeer) -> None:
        """Its connections stay open, so only its silence to pings tells; who waits for an answer is told."""
        async with listening(own.channel(SystemClock())) as heard:
            own.freeze()
            began = asyncio.get_running_loop().time()
            result = await heard.channel.send(a_message(address=LIN))
            await heard.stands(Health.DOWN)
            took = asyncio.get_running_loop().time() - began
            own.thaw()
            await heard.stands(Health.UP)
        assert Outcome.UNSURE is result.outcome
        assert took < QUICK.ping_every + QUICK.ping_answer + 2

    async def test_nothing_is_left_running(self, peer: WechatyPeer) -> None:
        """When the channel ends, so do all its tasks."""
        before = asyncio.all_tasks()
        async with listening(peer.channel(SystemClock())) as heard:
            await heard.said(await peer.says(LIN, "x"))
        assert before == asyncio.all_tasks()


async def test_the_gateway_dies_with_whoever_started_it(tmp_path: Path) -> None:
    """A killed test leaves no gateway behind: it ends when its standard input does."""
    peer = WechatyPeer(tmp_path)
    await peer.start()
    process = peer._process
    assert process
    assert process.stdin
    process.stdin.close()
    await until(lambda: process.poll() is not None)
    await peer.stop()


async def test_the_gateway_of_the_handbook_serves(tmp_path: Path) -> None:
    """The program in docs/channels/wechaty.md, with a pretended puppet: we attach to it with its token."""
    page = (HOME.parents[2] / "docs" / "channels" / "wechaty.md").read_text("utf-8")
    program = page.partition("```js\n")[2].partition("```")[0]
    port = free_port()
    told = {"WECHATY_PUPPET": "wechaty-puppet-mock", "WECHATY_TOKEN": "t1", "WECHATY_ENDPOINT": f"127.0.0.1:{port}"}
    process = await asyncio.create_subprocess_exec(
        node(),
        "--input-type=module",
        "--eval",
        program,
        cwd=HOME,
        env={**os.environ, **told, "TMPDIR": str(tmp_path)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        options = WechatyOptions(type="wechaty", endpoint=told["WECHATY_ENDPOINT"])
        channel = Wechaty(name="w", shop="tea", token="t1", options=options, clock=SystemClock(), limits=QUICK)
        task = asyncio.create_task(channel.receive(Kept()))
        await until(lambda: channel._link.attached)
        task.cancel()
        await asyncio.wait({task})
    finally:
        process.kill()
        await process.wait()
