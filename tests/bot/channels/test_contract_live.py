"""What every channel that hears keeps to, with the whole bot behind it and a service before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from followup.model import OutgoingState, Segment
from followup.ports import Words
from scheduler.clock import SystemClock
from scheduler.standing import STOPPED
from scripts_library.library import Library
from tests.bot.channels.hostile import HOSTILE, HUGE
from tests.bot.channels.live import Live, until
from tests.bot.channels.peer import Fault, Peer
from tests.bot.channels.peers import OUTSIDE, PEERS

pytestmark = pytest.mark.usefixtures("_no_quiet_loss")


def able(fault: Fault) -> Any:
    """The channels whose service is able to do that."""
    return pytest.mark.parametrize(
        "peer", [kind for kind, make in PEERS.items() if fault in make.faults], indirect=True
    )


every = pytest.mark.parametrize("peer", list(PEERS), indirect=True)
outside = pytest.mark.parametrize("peer", OUTSIDE, indirect=True)


@pytest.fixture
async def peer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Peer]:
    """The service of a channel, running."""
    peer: Peer = PEERS[request.param](tmp_path / "peer")
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
async def live(peer: Peer, tmp_path: Path) -> AsyncIterator[Live]:
    """The whole bot, listening to the service."""
    live = Live(tmp_path / "bot", peer.channel(SystemClock()))
    async with live:
        await until(lambda: live.health() == "up")
        yield live


@pytest.fixture
def _no_quiet_loss() -> None:
    """Tests of this file look at the log; make sure that it is on."""
    structlog.reset_defaults()


async def a_chat(live: Live, peer: Peer, number: int = 1) -> str:
    """The address of a buyer who has written to us and has been answered."""
    address = peer.buyer(number)
    before = live.said()
    await peer.says(address, "你好")
    await until(lambda: live.said() > before)
    await until(lambda: all(row.state is OutgoingState.SENT for row in live.outgoing()))
    return address


class TestHearing:
    @every
    async def test_what_a_buyer_says_is_handled_once_in_his_order(self, live: Live, peer: Peer) -> None:
        """Thirty messages of two buyers, mixed: each buyer's in the order in which he said them, each once."""
        one, two = peer.buyer(1), peer.buyer(2)
        for n in range(15):
            await peer.says(one, f"one {n}")
            await peer.says(two, f"two {n}")
        await until(lambda: live.said() >= 30)
        assert [f"one {n}" for n in range(15)] == live.said_by(one)
        assert [f"two {n}" for n in range(15)] == live.said_by(two)

    @every
    async def test_a_buyer_is_answered(self, live: Live, peer: Peer) -> None:
        """Somebody unknown is told that he was heard, in his own chat and nobody else's."""
        address = await a_chat(live, peer)
        await until(lambda: _some(peer, address))
        assert [] == await peer.heard(peer.buyer(2))

    @able(Fault.REPEAT)
    async def test_the_same_event_again_changes_nothing(self, live: Live, peer: Peer) -> None:
        """A channel that delivers twice is heard once: one row, one answer."""
        address = peer.buyer(1)
        said = await peer.says(address, "明天付")
        await until(lambda: live.said() == 1)
        await peer.repeat(said)
        await peer.says(address, "再说一句")
        await until(lambda: live.said() >= 2)
        assert ["明天付", "再说一句"] == live.said_by(address)

    @able(Fault.GARBAGE)
    async def test_an_event_that_means_nothing_is_put_aside(self, live: Live, peer: Peer) -> None:
        """It is kept with its bytes, shown to a person, and what comes after it is handled."""
        await peer.garbage()
        await peer.says(peer.buyer(1), "after it")
        await until(lambda: live.said() == 1)
        await until(lambda: [row for row in live.raws() if row.state.value == "put_aside"] != [])
        (aside,) = [row for row in live.raws() if row.state.value == "put_aside"]
        assert aside.body
        assert aside.error
        assert "put_aside" in {task.reason for task in live.tasks()}

    @able(Fault.WHILE_AWAY)
    async def test_what_is_said_while_we_are_away_is_heard_later(self, live: Live, peer: Peer) -> None:
        """The service keeps it, and after our start it is handled in order."""
        address = peer.buyer(1)
        await live.stop()
        for n in range(5):
            await peer.says(address, f"away {n}")
        live.receiver = peer.channel(SystemClock())
        await live.start()
        await until(lambda: live.said() == 5)
        assert [f"away {n}" for n in range(5)] == live.said_by(address)

    @every
    @pytest.mark.parametrize("name", HOSTILE)
    async def test_hostile_text_arrives_as_it_is(self, live: Live, peer: Peer, name: str) -> None:
        """Not a sign is changed on the way in, and nothing breaks."""
        address = peer.buyer(1)
        await peer.says(address, HOSTILE[name])
        await until(lambda: live.said() == 1)
        assert [HOSTILE[name]] == live.said_by(address)

    @every
    async def test_null_bytes_and_huge_texts_do_no_harm(self, live: Live, peer: Peer) -> None:
        """They are handled (a null byte shown as unreadable, a huge text cut), and so is what comes after."""
        address = peer.buyer(1)
        await peer.says(address, "a\0b")
        await peer.says(address, HUGE)
        await peer.says(address, "after")
        await until(lambda: live.said() == 3)
        first, second, third = live.said_by(address)
        assert first in ("a\ufffdb", "ab")
        assert second[:1000] == HUGE[:1000]
        assert third == "after"


class TestSaying:
    @every
    async def test_a_reminder_reaches_the_buyer_once(self, live: Live, peer: Peer) -> None:
        """Due, sent, recorded, there."""
        address = await a_chat(live, peer)
        heard = len(await peer.heard(address))
        live.learn(address)
        await until(lambda: [row.state for row in live.nudges()] == [OutgoingState.SENT])
        told = await peer.heard(address)
        assert heard + 1 == len(told)
        assert "wool scarf" in told[-1]

    @every
    async def test_a_text_that_is_too_long_comes_in_parts(self, peer: Peer, tmp_path: Path) -> None:
        """Each part within the channel's length, in order, nothing lost, no word cut in two."""
        words = " ".join(f"word{n}" for n in range(900))
        live = Live(tmp_path / "bot", peer.channel(SystemClock()), scripts=Saying("reply.received", words))
        async with live:
            await until(lambda: live.health() == "up")
            address = peer.buyer(1)
            await peer.says(address, "你好")
            await until(lambda: len(live.outgoing()) > 0)
            allowed = live.receiver.capabilities.quota or 100
            parts = min(len(live.outgoing()), allowed)
            await until(lambda: sum(row.state is OutgoingState.SENT for row in live.outgoing()) >= parts)
            heard = await peer.heard(address)
        assert words.split() == " ".join(heard).split()[: len(words.split())]
        assert len(heard) > 1

    @able(Fault.FLOOD)
    async def test_a_flood_pause_stops_all_sends(self, live: Live, peer: Peer) -> None:
        """After "not before 2 s" nobody hears anything until then, and afterwards each hears his word once."""
        buyers = [await a_chat(live, peer, n) for n in range(1, 6)]
        heard = [len(await peer.heard(buyer)) for buyer in buyers]
        await peer.flood(2)
        began = asyncio.get_running_loop().time()
        for n, buyer in enumerate(buyers, 1):
            live.learn(buyer, n)
        await until(lambda: any("retry" in line for row in live.nudges() for line in row.history))
        before = await _count(peer, buyers)
        while asyncio.get_running_loop().time() < began + 1.5:
            assert before == await _count(peer, buyers)
            await asyncio.sleep(0.1)
        await until(lambda: [row.state for row in live.nudges()] == [OutgoingState.SENT] * 5)
        assert [count + 1 for count in heard] == [len(await peer.heard(buyer)) for buyer in buyers]

    @able(Fault.REFUSE)
    async def test_a_message_that_is_refused_goes_to_a_person(self, live: Live, peer: Peer) -> None:
        """It failed, an agent knows, and the buyer's next message is answered all the same."""
        address = await a_chat(live, peer)
        await peer.refuse_next()
        live.learn(address)
        await until(lambda: [row.state for row in live.nudges()] == [OutgoingState.FAILED])
        assert any(task.id.startswith(live.nudges()[0].thread) for task in live.tasks())
        chat = live.chat(address)
        assert chat is not None
        assert chat.unreachable_at is None

    @able(Fault.BLOCK)
    async def test_a_buyer_who_blocks_us_is_left_alone(self, live: Live, peer: Peer) -> None:
        """The chat is unreachable, an agent knows, and nothing more is tried."""
        address = await a_chat(live, peer)
        heard = await peer.heard(address)
        await peer.block(address)
        live.learn(address)
        await until(lambda: (live.chat(address) or _NOBODY).unreachable_at is not None)
        await until(lambda: any(task.reason == "unreachable" for task in live.tasks()))
        assert heard == await peer.heard(address)


class TestTrouble:
    @outside
    async def test_a_service_that_is_down_at_the_start_is_waited_for(self, peer: Peer, tmp_path: Path) -> None:
        """The bot starts, says once that it is down, and hears as soon as it is there."""
        await peer.kill()
        live = Live(tmp_path / "bot", peer.channel(SystemClock()))
        with structlog.testing.capture_logs() as logs:
            async with live:
                await until(lambda: live.health() == "down")
                await asyncio.sleep(1.5)
                await peer.start()
                await until(lambda: live.health() == "up")
                await peer.says(peer.buyer(1), "back")
                await until(lambda: live.said() == 1)
        assert ["channel_lost", "channel_back"] == _told(logs)

    @outside
    async def test_a_service_that_breaks_in_the_middle_comes_back(self, live: Live, peer: Peer) -> None:
        """Words that were due meanwhile go afterwards, once, and the loss is told once."""
        address = await a_chat(live, peer)
        heard = len(await peer.heard(address))
        with structlog.testing.capture_logs() as logs:
            await peer.kill()
            await until(lambda: live.health() == "down")
            live.learn(address)
            await asyncio.sleep(1.5)
            assert [row.state for row in live.nudges()] == [OutgoingState.DUE]
            await peer.start()
            await until(lambda: live.health() == "up")
            await until(lambda: [row.state for row in live.nudges()] == [OutgoingState.SENT])
        assert heard + 1 == len(await peer.heard(address))
        assert ["channel_lost", "channel_back"] == _told(logs)


class Saying:
    """The library, but one script is these words."""

    def __init__(self, script: str, words: str) -> None:
        self._library, self._script, self._words = Library.load(), script, words

    def render(
        self, script: str, lang: str, facts: Mapping[str, object], segment: Segment, said: Collection[str], seed: str
    ) -> Words:
        if script == self._script:
            return Words(self._words, lang, script)
        return self._library.render(script, lang, facts, segment, said, seed)


class _Nobody:
    unreachable_at = None


_NOBODY: Any = _Nobody()


async def _count(peer: Peer, buyers: list[str]) -> int:
    """All that these buyers have heard."""
    return sum([len(await peer.heard(buyer)) for buyer in buyers])


async def _some(peer: Peer, address: str) -> bool:
    return await peer.heard(address) != []


def _told(logs: list[Any]) -> list[str]:
    """The comings and goings of the service; that we stopped ourselves is none."""
    told = [line for line in logs if line["event"].startswith("channel_") and line.get("why") != STOPPED]
    return [line["event"] for line in told]
