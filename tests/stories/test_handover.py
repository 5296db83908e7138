"""A buyer asks for a person: on a channel that can, the chat itself goes over to one."""

from __future__ import annotations

from pathlib import Path

import pytest

from followup.model import OutgoingState
from scheduler.clock import SystemClock
from tests.bot.channels.live import Live, until
from tests.peers.telegram import TelegramPeer
from tests.peers.wecom import WecomPeer
from tests.stories.shop import Shop


@pytest.mark.parametrize("ordered", [False, True], ids=["a stranger", "a buyer"])
async def test_on_wecom_the_session_goes_to_the_pool(tmp_path: Path, ordered: bool) -> None:
    """He reads that a colleague will answer, the session waits for a servicer, and agents have a task."""
    peer = WecomPeer(tmp_path / "peer")
    await peer.start()
    async with Live(tmp_path / "bot", peer.channel(SystemClock())) as live:
        await until(lambda: live.health() == "up")
        address = peer.buyer(1)
        if ordered:
            await peer.says(address, "我有个问题")
            await until(lambda: live.chat(address) is not None)
            live.learn(address)
            await until(lambda: len(live.nudges()) == 1 and live.nudges()[0].state is OutgoingState.SENT)
        await peer.says(address, "转人工")
        await until(lambda: "handoff" in {row.step for row in live.outgoing()})
        await until(lambda: all(row.state is OutgoingState.SENT for row in live.outgoing()))
        state = (await peer.control("buyer", address=address))["state"]
        assert 2 == state
        assert "buyer_message" in {task.reason for task in live.tasks()}
        assert "" not in await peer.heard(address)
    await peer.stop()


async def test_elsewhere_nothing_is_sent_for_it(tmp_path: Path) -> None:
    """A channel without sessions says that a colleague will answer, and no more."""
    peer = TelegramPeer(tmp_path / "peer")
    await peer.start()
    async with Live(tmp_path / "bot", peer.channel(SystemClock())) as live:
        await peer.says(peer.buyer(1), "转人工")
        await until(lambda: live.said() == 1)
        assert ["reply.received"] == [row.step for row in live.outgoing()]
    await peer.stop()


def test_a_call_for_a_person_is_answered_though_he_was_told_before() -> None:
    """ "Received" was said in the morning; who then asks for a person hears it again, but not twice in a breath."""
    shop = Shop("2026-03-02 14:00").order()
    shop.buyer_says("我有个问题").after("1h").buyer_says("转人工").after("1m").buyer_says("转人工")
    assert ["reply.received", "reply.received"] == [step for step in shop.steps() if step == "reply.received"]


def test_who_waits_already_is_answered_too_after_two_minutes() -> None:
    """He calls again and again, in the day: each call is answered, a double tap is not."""
    shop = Shop("2026-03-02 14:00").order()
    shop.buyer_says("转人工").after("1m").buyer_says("转人工").after("2m").buyer_says("转人工")
    assert 2 == shop.steps().count("reply.received")


def test_at_night_a_call_is_answered_with_when_somebody_is_back() -> None:
    """He was told so an hour ago; what merely follows is not answered again, a call for a person is."""
    shop = Shop("2026-03-02 22:00").order()
    shop.buyer_says("我有个问题").after("1h").buyer_says("还有个问题")
    assert 1 == shop.steps().count("reply.away")
    shop.buyer_says("转人工").after("1m").buyer_says("转人工")
    assert 2 == shop.steps().count("reply.away")


def test_a_call_is_answered_though_he_was_calmed_before() -> None:
    """Anger is calmed once; who shouts for a person after that hears that one will answer."""
    shop = Shop("2026-03-02 14:00").order()
    shop.buyer_says("你们就是骗子,我要投诉").after("1h").buyer_says("骗子!转人工")
    assert ["calm.listening", "reply.received"] == [
        s for s in shop.steps() if s in ("calm.listening", "reply.received")
    ]
