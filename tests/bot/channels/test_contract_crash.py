"""kill -9 at the two worst moments, on every channel that is a service: nothing lost, no reminder doubled."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from followup.model import Outgoing, OutgoingState, RawState
from scheduler.clock import SystemClock
from tests.bot.channels.live import Live, until
from tests.bot.channels.peer import Peer
from tests.bot.channels.peers import OUTLIVING, PEERS

ROOT = Path(__file__).parents[3]
KILLS = (1, 3, 2, 5)


@pytest.fixture(params=OUTLIVING)
async def peer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Peer]:
    """The service of a channel, running."""
    peer: Peer = PEERS[request.param](tmp_path / "peer")
    await peer.start()
    yield peer
    await peer.stop()


@pytest.fixture
def ledger(peer: Peer, tmp_path: Path) -> Live:
    """The database of the bot, to be read while the bot itself is another process."""
    return Live(tmp_path / "bot", peer.channel(SystemClock())).wire()


def begin(peer: Peer, folder: Path, kill: str, addresses: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """The bot as a process of its own."""
    name = peer.channel(SystemClock()).name
    command = [sys.executable, "-m", "tests.bot.channels.child", name, str(folder), str(peer.port), kill, *addresses]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)


async def dies(child: subprocess.Popen[bytes]) -> None:
    """It was killed, as was meant."""
    await until(lambda: child.poll() is not None)
    assert child.stdin
    child.stdin.close()
    assert -9 == child.returncode


async def ends(child: subprocess.Popen[bytes]) -> None:
    """It ends in peace."""
    await asyncio.to_thread(child.communicate)
    assert 0 == child.returncode


async def test_between_receiving_and_handling_nothing_is_lost(peer: Peer, ledger: Live, tmp_path: Path) -> None:
    """Whatever was committed when the program died is handled by the next, once and in order."""
    address, said = peer.buyer(1), 0
    for kill in KILLS:
        child = begin(peer, tmp_path, f"taken:{kill}")
        await until(lambda: ledger.health() == "up")
        for _ in range(kill):
            said += 1
            await peer.says(address, f"number {said}")
        await dies(child)
        ledger.forget_health()
    waiting = [raw for raw in ledger.raws() if raw.state is RawState.WAITING]
    assert waiting, "nothing was left between receiving and handling: this test tried nothing"
    child = begin(peer, tmp_path, "never")
    await until(lambda: ledger.said() >= said and {RawState.HANDLED} == {raw.state for raw in ledger.raws()})
    await ends(child)
    assert [f"number {n}" for n in range(1, said + 1)] == ledger.said_by(address)


async def test_between_sending_and_recording_no_reminder_is_doubled(peer: Peer, ledger: Live, tmp_path: Path) -> None:
    """Every reminder is there once, or listed as unsure and not sent again; where repeats do no harm, there is none."""
    addresses = [peer.buyer(n) for n in range(1, 41)]
    child = begin(peer, tmp_path, "never")
    await until(lambda: ledger.health() == "up")
    for address in addresses:
        await peer.says(address, "你好")
    await until(lambda: ledger.said() == len(addresses))
    await until(lambda: all(row.state is OutgoingState.SENT for row in ledger.outgoing()))
    await ends(child)
    for kill in KILLS:
        await dies(begin(peer, tmp_path, f"sent:{kill}", addresses))
    child = begin(peer, tmp_path, "never", addresses)
    await until(lambda: len(ledger.nudges()) == len(addresses) and all(map(_done, ledger.nudges())))
    reminders = {address: [text for text in await peer.heard(address) if "wool" in text] for address in addresses}
    await ends(child)
    unsure = {row.address for row in ledger.nudges() if row.state is OutgoingState.UNSURE}
    assert {address for address, texts in reminders.items() if len(texts) > 1} == set()
    assert {address for address, texts in reminders.items() if not texts} <= unsure
    if ledger.receiver.capabilities.idempotent:
        assert set() == unsure
    else:
        assert unsure, "no kill fell between sending and recording: this test tried nothing"
        assert unsure <= {row.address for row in ledger.outgoing() for task in ledger.tasks() if row.id in task.id}


def _done(message: Outgoing) -> bool:
    return message.state in (OutgoingState.SENT, OutgoingState.UNSURE)
