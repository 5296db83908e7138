"""The channel against our stand-in, a process of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.wecom import Wecom
from bot.channels.wecom.compose import msgid_of
from bot.channels.wecom.errors import WecomError
from followup.events import ChatOpened, MessageRecalled, MessageReceived, Outcome, Receipt, Refusal
from followup.model import Attachment, Choice, Media, Outgoing, OutgoingState
from followup.ports import NotYet, Unparseable
from scheduler.clock import FakeClock, SystemClock
from tests.bot.channels.live import Live, until
from tests.bot.channels.test_contract import a_message
from tests.bot.channels.wecom_kept import Kept
from tests.peers.wecom import PAUSE, WecomPeer
from tests.peers.wecom_rules import SECRET

DAY = 86_400


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[WecomPeer]:
    """WeCom, with one buyer who has written."""
    peer = WecomPeer(tmp_path)
    await peer.start()
    await peer.says(peer.buyer(1), "你好")
    yield peer
    await peer.stop()


@pytest.fixture
async def channel(peer: WecomPeer) -> AsyncIterator[Wecom]:
    """The channel, not listening yet."""
    channel = peer.channel(SystemClock(), poll_seconds=60)
    yield channel
    await channel.close()


@pytest.fixture
async def inbox(channel: Wecom) -> AsyncIterator[Kept]:
    """What is heard; the channel listens, and has read what there was."""
    inbox = Kept()
    task = asyncio.ensure_future(channel.receive(inbox))
    await until(lambda: inbox.health() == "up")
    yield inbox
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def to(peer: WecomPeer, id_: str = "tea/1/x", **more: Any) -> Outgoing:
    """A message for the buyer."""
    return a_message(id_, **{"address": peer.buyer(1), **more})


async def heard_by(channel: Wecom, inbox: Kept, count: int) -> list[Any]:
    """So many raw events as what they mean."""
    await until(lambda: len(inbox.raws) >= count)
    return [event for raw in inbox.raws for event in await channel.parse(raw)]


def sent_to(live: Live, address: str) -> bool:
    """Whether a buyer has an answer of ours."""
    return any(row.address == address and row.state is OutgoingState.SENT for row in live.outgoing())


class TestHearing:
    async def test_a_callback_brings_the_message_within_the_minute(
        self, peer: WecomPeer, channel: Wecom, inbox: Kept
    ) -> None:
        """The channel looks by itself once a minute only, and here nobody waits for that."""
        id_ = await peer.says(peer.buyer(2), "明天付")
        events = await heard_by(channel, inbox, 2)
        assert ["你好", "明天付"] == [event.text for event in events]
        assert (MessageReceived, "wecom", "tea", peer.buyer(2), id_) == (
            type(events[1]),
            events[1].channel,
            events[1].shop,
            events[1].address,
            events[1].external_id,
        )

    async def test_many_pages_with_empty_ones_between(self, peer: WecomPeer, channel: Wecom, inbox: Kept) -> None:
        """Nothing is lost and nothing out of order."""
        await peer.control("set", page=7, empty_pages=True)
        for n in range(50):
            await peer.says(peer.buyer(1), str(n))
        events = await heard_by(channel, inbox, 51)
        assert [str(n) for n in range(50)] == [event.text for event in events[1:]]

    async def test_a_recalled_message(self, peer: WecomPeer, channel: Wecom, inbox: Kept) -> None:
        """Names the one that it takes back."""
        id_ = await peer.says(peer.buyer(1), "oops")
        await peer.control("recall", address=peer.buyer(1), msgid=id_)
        events = await heard_by(channel, inbox, 3)
        assert (MessageRecalled, id_) == (type(events[2]), events[2].recalled)

    async def test_a_picture_is_fetched(self, peer: WecomPeer, channel: Wecom) -> None:
        """Its bytes as they were; what WeCom has no more will never come."""
        media_id = await channel._client.upload("image", "a.png", b"\x89PNG" * 10)
        assert b"\x89PNG" * 10 == await channel.fetch(Attachment(Media.PHOTO, media_id))
        with pytest.raises(Unparseable, match="40007"):
            await channel.fetch(Attachment(Media.PHOTO, "gone"))
        with pytest.raises(Unparseable):
            await channel.fetch(Attachment(Media.LOCATION, "1,2"))


class TestSaying:
    async def test_a_repeat_reaches_the_buyer_once(self, peer: WecomPeer, channel: Wecom) -> None:
        """Both are accepted, under the same external id."""
        first, second = await channel.send(to(peer)), await channel.send(to(peer))
        assert (Outcome.ACCEPTED, Outcome.ACCEPTED) == (first.outcome, second.outcome)
        assert msgid_of("tea/1/x") == first.external_id == second.external_id
        assert [to(peer).text] == await peer.heard(peer.buyer(1))

    async def test_an_answer_that_is_lost_costs_no_second_message(self, peer: WecomPeer, channel: Wecom) -> None:
        """The connection breaks after WeCom took it: it is tried again, and the buyer has it once."""
        await peer.control("fault", call="send_msg", drop=True)
        lost = await channel.send(to(peer))
        again = await channel.send(to(peer))
        assert (Outcome.RETRY, Outcome.ACCEPTED) == (lost.outcome, again.outcome)
        assert 1 == len(await peer.heard(peer.buyer(1)))

    async def test_a_service_out_of_reach_is_tried_ever_more_seldom(self, peer: WecomPeer) -> None:
        """Nothing is sent for as long as it has been away already, two seconds to a minute; then it is as before."""
        clock = FakeClock(SystemClock().now())
        channel = peer.channel(clock)
        await peer.kill()
        waits = []
        for away in (0, 10, 600):
            clock.move(timedelta(seconds=away))
            result = await channel.send(to(peer))
            waits.append((result.retry_at or result.at) - result.at)
        assert [timedelta(seconds=s) for s in (2, 10, 60)] == waits
        await peer.start()
        assert Outcome.ACCEPTED is (await channel.send(to(peer))).outcome
        await peer.kill()
        result = await channel.send(to(peer))
        assert result.at + timedelta(seconds=2) == result.retry_at
        await channel.close()

    async def test_answers_are_tapped(self, peer: WecomPeer, channel: Wecom, inbox: Kept) -> None:
        """The menu arrives, and its item comes back as the choice."""
        await channel.send(to(peer, text="为什么？", choices=(Choice("price", "价格"),)))
        (menu,) = await peer.control("heard", address=peer.buyer(1))
        assert "msgmenu" == menu["msgtype"]
        await peer.says_so(peer.buyer(1), msgtype="text", text={"content": "价格", "menu_id": "price"})
        assert "price" == (await heard_by(channel, inbox, 2))[1].choice

    async def test_files_arrive(self, peer: WecomPeer, channel: Wecom, tmp_path: Path) -> None:
        """After the words, uploaded under their names."""
        (tmp_path / "a.jpg").write_bytes(b"j" * 100)
        (tmp_path / "b.pdf").write_bytes(b"p" * 200)
        files = (
            Attachment(Media.PHOTO, f"{tmp_path}/a.jpg"),
            Attachment(Media.FILE, f"{tmp_path}/b.pdf", name="发票.pdf"),
        )
        result = await channel.send(to(peer, attachments=files))
        heard = await peer.control("heard", address=peer.buyer(1))
        assert (Outcome.ACCEPTED, ["text", "image", "file"]) == (result.outcome, [part["msgtype"] for part in heard])
        told = [await peer.control("media", media_id=part[part["msgtype"]]["media_id"]) for part in heard[1:]]
        assert [["a.jpg", 100], ["发票.pdf", 200]] == told

    async def test_a_file_that_cannot_go_is_refused(self, peer: WecomPeer, channel: Wecom, tmp_path: Path) -> None:
        """Too large, too small or not there: no try will help."""
        (tmp_path / "a.jpg").write_bytes(b"j" * 10_000_001)
        (tmp_path / "b.txt").write_bytes(b"p")
        for name in ("a.jpg", "b.txt", "c.txt"):
            result = await channel.send(
                to(peer, name, text="", attachments=(Attachment(Media.PHOTO, f"{tmp_path}/{name}"),))
            )
            assert (Outcome.REFUSED, Refusal.CONTENT) == (result.outcome, result.refusal)

    @pytest.mark.parametrize(
        ("code", "refusal"),
        [
            (95001, Refusal.QUOTA_USED),
            (95002, Refusal.WINDOW_CLOSED),
            (95018, Refusal.WINDOW_CLOSED),
            (95013, Refusal.WINDOW_CLOSED),
            (40096, Refusal.BLOCKED),
            (40058, Refusal.CONTENT),
            (95008, Refusal.CONTENT),
            (123456, Refusal.CONTENT),
        ],
    )
    async def test_a_refusal_says_why(self, peer: WecomPeer, channel: Wecom, code: int, refusal: Refusal) -> None:
        """The code stands in the error; a code nobody knows is the message's fault, not the buyer's."""
        await peer.control("fault", call="send_msg", errcode=code)
        result = await channel.send(to(peer))
        assert (Outcome.REFUSED, refusal) == (result.outcome, result.refusal)
        assert str(code) in result.error
        assert "192.0.2.7" not in result.error

    @pytest.mark.parametrize(
        "text",
        ["msgid exist", "duplicate msgid", "msgid already exists", "msgid repeated", "invalid msgid: msgid is used"],
    )
    async def test_a_msgid_used_before_is_known_by_its_words(self, peer: WecomPeer, channel: Wecom, text: str) -> None:
        """WeCom's documentation gives no code for it."""
        await peer.control("fault", call="send_msg", errcode=95099, errmsg=text)
        assert Outcome.ACCEPTED is (await channel.send(to(peer))).outcome

    async def test_a_msgid_that_is_wrong_is_not_taken_for_one_used_before(
        self, peer: WecomPeer, channel: Wecom
    ) -> None:
        """Nothing has arrived then."""
        await peer.control("fault", call="send_msg", errcode=40058, errmsg="msgid exceed max length 32")
        assert Outcome.REFUSED is (await channel.send(to(peer))).outcome

    @pytest.mark.parametrize(
        ("code", "pause"), [(-1, False), (45009, True), (45033, True), (60020, True), (40001, True)]
    )
    async def test_what_may_pass_is_tried_again(self, peer: WecomPeer, channel: Wecom, code: int, pause: bool) -> None:
        """Limits and wrong settings silence the whole channel for a while; no buyer is to blame."""
        await peer.control("fault", call="send_msg", errcode=code)
        result = await channel.send(to(peer))
        assert (Outcome.RETRY, pause) == (result.outcome, result.retry_at is not None)

    async def test_a_rate_limit_silences_for_its_time(self, peer: WecomPeer, channel: Wecom) -> None:
        """The result says until when."""
        await peer.control("fault", call="send_msg", errcode=45009)
        result = await channel.send(to(peer))
        assert result.at + PAUSE == result.retry_at

    async def test_five_messages_and_48_hours(self, peer: WecomPeer, channel: Wecom) -> None:
        """By WeCom's own rules, not by ours: the sixth is too many, and two days later the first too late."""
        results = [await channel.send(to(peer, str(n))) for n in range(6)]
        assert [Outcome.ACCEPTED] * 5 == [result.outcome for result in results[:5]]
        assert Refusal.QUOTA_USED is results[5].refusal
        await peer.says(peer.buyer(1), "?")
        await peer.control("move", seconds=2 * DAY + 1)
        late = await channel.send(to(peer, "late"))
        assert (Outcome.REFUSED, Refusal.WINDOW_CLOSED) == (late.outcome, late.refusal)

    async def test_what_fails_later_is_a_receipt(self, peer: WecomPeer, channel: Wecom, inbox: Kept) -> None:
        """Under the external id with which it was accepted."""
        await peer.block(peer.buyer(1))
        result = await channel.send(to(peer))
        events = await heard_by(channel, inbox, 2)
        assert Outcome.ACCEPTED is result.outcome
        assert Receipt("wecom", result.external_id, events[1].at, Refusal.BLOCKED, events[1].error) == events[1]


class TestWelcome:
    async def test_who_opens_the_chat_is_welcomed_once(self, peer: WecomPeer, channel: Wecom, inbox: Kept) -> None:
        """By the code of the event, though he has written nothing yet; the code is good for one message."""
        await peer.control("enter", address=peer.buyer(2), scene_param="tok-1")
        opened = (await heard_by(channel, inbox, 2))[1]
        assert (ChatOpened, "tok-1", True) == (type(opened), opened.token, opened.greet)
        message = to(peer, "w1", address=peer.buyer(2), code=opened.code)
        assert Outcome.ACCEPTED is (await channel.send(message)).outcome
        again = await channel.send(replace(message, id="w2"))
        assert (Outcome.REFUSED, Refusal.WINDOW_CLOSED) == (again.outcome, again.refusal)
        assert [message.text] == await peer.heard(peer.buyer(2))

    async def test_a_welcome_that_is_late_is_refused(self, peer: WecomPeer, channel: Wecom, inbox: Kept) -> None:
        """After 20 seconds."""
        await peer.control("enter", address=peer.buyer(2), scene_param="tok-1")
        opened = (await heard_by(channel, inbox, 2))[1]
        await peer.control("move", seconds=21)
        result = await channel.send(to(peer, "w1", address=peer.buyer(2), code=opened.code))
        assert (Outcome.REFUSED, Refusal.WINDOW_CLOSED) == (result.outcome, result.refusal)
        assert "20 seconds" in result.error

    async def test_a_link_carries_the_token(self, peer: WecomPeer, channel: Wecom) -> None:
        """WeCom is asked for the address once, however many ask at the same time."""
        links = await asyncio.gather(*(channel.link(f"t/{n}") for n in range(5)))
        assert [f"scene_param=t%2F{n}" for n in range(5)] == [link.split("&")[1] for link in links]
        assert links[0].startswith("https://work.weixin.qq.com/kf/")
        assert 1 == (await peer.control("stats"))["asked_ways"]

    async def test_a_link_that_was_configured_is_used(self, peer: WecomPeer) -> None:
        """Without asking anybody."""
        channel = peer.channel(SystemClock(), contact_url="https://work.weixin.qq.com/kf/kfc1?enc_scene=E")
        assert "https://work.weixin.qq.com/kf/kfc1?enc_scene=E&scene_param=t" == await channel.link("t")
        await channel.close()

    async def test_no_link_now_is_not_yet(self, peer: WecomPeer, channel: Wecom) -> None:
        """And the next try may succeed."""
        await peer.control("fault", call="add_contact_way", errcode=-1)
        with pytest.raises(NotYet):
            await channel.link("t")
        assert (await channel.link("t")).endswith("scene_param=t")


class TestHandoff:
    async def test_a_person_takes_over_and_the_bot_is_silent(self, peer: WecomPeer) -> None:
        """The words go first, then the session; what comes after is refused with a reason an agent understands."""
        await peer.control("set", servicers={"zhang": True})
        channel = peer.channel(SystemClock(), servicer="zhang")
        result = await channel.send(to(peer, step="handoff", text="请稍候"))
        assert (Outcome.ACCEPTED, ["请稍候"]) == (result.outcome, await peer.heard(peer.buyer(1)))
        later = await channel.send(to(peer, "later"))
        assert (Refusal.WINDOW_CLOSED, True) == (later.refusal, "a person of the shop has the session" in later.error)
        assert Outcome.ACCEPTED is (await channel.send(to(peer, "again", step="handoff", text=""))).outcome
        await channel.close()

    @pytest.mark.parametrize("servicers", [{}, {"zhang": False}])
    async def test_if_he_is_not_there_the_buyer_waits_for_whoever_is(
        self, peer: WecomPeer, servicers: dict[str, bool]
    ) -> None:
        """Into the waiting pool; so also where no servicer is configured."""
        await peer.control("set", servicers=servicers)
        channel = peer.channel(SystemClock())
        await channel.handoff(peer.buyer(1), "zhang")
        state = await channel._client.call(
            "kf/service_state/get", {"open_kfid": channel._options.open_kfid, "external_userid": peer.buyer(1)}
        )
        assert 2 == state["service_state"]
        await channel.close()

    async def test_a_session_that_is_over_cannot_be_given_away(self, peer: WecomPeer, channel: Wecom) -> None:
        """As a message it is refused, so that an agent writes to the buyer some other way."""
        await peer.control("buyer", address=peer.buyer(1), set={"state": 4})
        with pytest.raises(WecomError, match="95013"):
            await channel.handoff(peer.buyer(1))
        result = await channel.send(to(peer, step="handoff", text=""))
        assert (Outcome.REFUSED, Refusal.WINDOW_CLOSED) == (result.outcome, result.refusal)


class TestAccess:
    async def test_one_token_is_fetched_for_all(self, peer: WecomPeer, channel: Wecom) -> None:
        """Twenty sends at once ask for it once."""
        await peer.control("fault", call="gettoken", delay=0.1)
        await asyncio.gather(*(channel.send(to(peer, str(n))) for n in range(20)))
        assert 1 == (await peer.control("stats"))["fetched"]

    @pytest.mark.parametrize("how", ["expire", "forget"])
    async def test_a_token_that_is_refused_is_renewed_once_for_all(
        self, peer: WecomPeer, channel: Wecom, how: str
    ) -> None:
        """42001 or 40014 in the middle: one new token, and every send goes through."""
        await channel.send(to(peer))
        await peer.says(peer.buyer(1), "?")
        await peer.control(how)
        results = await asyncio.gather(*(channel.send(to(peer, str(n))) for n in range(5)))
        assert {Outcome.ACCEPTED} == {result.outcome for result in results}
        assert 2 == (await peer.control("stats"))["fetched"]

    async def test_a_new_token_that_is_refused_too_is_an_error(self, peer: WecomPeer, channel: Wecom) -> None:
        """Not a circle: two calls, and the message waits."""
        await peer.control("fault", call="send_msg", errcode=40014, times=9)
        result = await channel.send(to(peer))
        assert (Outcome.RETRY, "40014" in result.error) == (result.outcome, True)
        assert 2 == (await peer.control("stats"))["calls"]["send_msg"]

    async def test_a_wrong_secret_is_not_tried_again_and_again(self, peer: WecomPeer, channel: Wecom) -> None:
        """WeCom bars an address that does so for an hour; once a minute is enough."""
        await peer.control("fault", call="gettoken", errcode=40001, times=9)
        results = [await channel.send(to(peer, str(n))) for n in range(5)]
        assert {Outcome.RETRY} == {result.outcome for result in results}
        assert "40001: wrong secret" == results[4].error
        assert 1 == (await peer.control("stats"))["calls"]["gettoken"]

    async def test_nothing_secret_is_logged_or_told(
        self, peer: WecomPeer, channel: Wecom, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither by httpx, which likes to tell addresses, nor in the errors of a service that is gone."""
        caplog.set_level(logging.DEBUG)
        good = await channel.send(to(peer))
        access = channel._client._access
        await peer.kill()
        gone = await channel.send(to(peer, "gone"))
        told = caplog.text + repr((good, gone))
        assert (Outcome.RETRY, "ConnectError") == (gone.outcome, gone.error)
        assert access
        assert not [secret for secret in (access, SECRET, "access_token", "corpsecret") if secret in told]

    @pytest.mark.parametrize("fault", [{"raw": "<html>"}, {"raw": "[]"}, {"raw": "{}", "status": 502}])
    async def test_an_answer_that_is_none_is_tried_again(
        self, peer: WecomPeer, channel: Wecom, fault: dict[str, Any]
    ) -> None:
        """A gateway's page, or JSON of another shape."""
        await peer.control("fault", call="send_msg", **fault)
        assert Outcome.RETRY is (await channel.send(to(peer))).outcome

    async def test_half_a_character_does_not_hide_the_page(self, peer: WecomPeer, channel: Wecom, inbox: Kept) -> None:
        """One buyer's broken emoji is put aside where it is parsed; the others are heard."""
        await peer.control("append", message={"msgid": "half", "origin": 3, "text": {"content": "\ud83d"}})
        await peer.says(peer.buyer(1), "whole")
        await until(lambda: len(inbox.raws) == 3)
        with pytest.raises(Unparseable):
            await channel.parse(inbox.raws[1])
        assert "whole" == (await channel.parse(inbox.raws[2]))[0].text  # type: ignore[union-attr]


class TestWhole:
    @pytest.fixture
    async def live(self, peer: WecomPeer, tmp_path: Path) -> AsyncIterator[Live]:
        """The whole bot, which looks by itself once an hour only; callbacks go to its HTTP port."""
        live = Live(tmp_path / "bot", peer.channel(SystemClock(), poll_seconds=3600))
        async with live:
            assert live.app.http
            await until(lambda: live.health() == "up")
            await peer.control("callback", url=f"http://127.0.0.1:{live.app.http.port}/wecom/wecom")
            yield live

    async def test_a_callback_is_all_it_takes(self, live: Live, peer: WecomPeer) -> None:
        """Said, called back on the real port, read, answered."""
        await peer.says(peer.buyer(2), "你好")
        await until(lambda: sent_to(live, peer.buyer(2)))
        assert 1 == len(await peer.heard(peer.buyer(2)))

    async def test_who_opens_the_chat_hears_a_welcome(self, live: Live, peer: WecomPeer) -> None:
        """Before he has written anything, by the code that WeCom gave for it."""
        await peer.control("enter", address=peer.buyer(3))
        await until(lambda: sent_to(live, peer.buyer(3)))
        assert 1 == len(await peer.heard(peer.buyer(3)))
        assert 1 == (await peer.control("stats"))["calls"]["send_msg_on_event"]

    async def test_a_message_that_failed_later_is_known_to_have_failed(self, live: Live, peer: WecomPeer) -> None:
        """Accepted, then msg_send_fail: the outbox says so, and an agent is told."""
        await peer.says(peer.buyer(2), "你好")
        await until(lambda: sent_to(live, peer.buyer(2)))
        live.learn(peer.buyer(2))
        await peer.block(peer.buyer(2))
        await until(lambda: [row.state.value for row in live.nudges()] == ["failed"])
        assert "unreachable" in {task.reason for task in live.tasks()}
