"""What every channel keeps to when it speaks: one case each in CHANNELS. Hearing is in test_contract_live.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.channels.manual import Manual
from bot.channels.terminal import Terminal
from followup.events import Outcome, chat_id
from followup.model import Cursor, Health, Outgoing, OutgoingState, Raw, Role, Task
from followup.policy import Policy
from followup.ports import Capabilities, Channel, Measure
from followup.split import length
from followup.understood import Intent, Understood
from handlers.deps import Deps
from scheduler.clock import FakeClock, SystemClock
from scripts_library.library import Library
from store.memory import MemoryStore
from tests.bot.channels.hostile import HOSTILE
from tests.bot.channels.live import until
from tests.bot.channels.peers import OUTLIVING, PEERS
from tests.scheduler.shop import HOUR, NOON


def a_message(id_: str = "tea/1/unpaid_order/unpaid.help", **more: Any) -> Outgoing:
    """Words for a buyer."""
    message = Outgoing(
        id=id_,
        shop="tea",
        buyer="lin",
        chat=chat_id("tea", "x", "lin"),
        channel="x",
        address="lin",
        thread="tea/1/unpaid_order",
        step="unpaid.help",
        role=Role.NUDGE,
        lang="zh-CN",
        text="您好，林小姐！\n（回复“退订”就行。）",
        state=OutgoingState.SENDING,
        created_at=NOON,
        due_at=NOON,
        expires_at=NOON + HOUR,
    )
    return replace(message, **more)


def some_deps() -> Deps:
    """What handlers need, for the shop of these messages."""
    return Deps(Library.load(), {"tea": Policy("tea")}, lambda *_: Understood(Intent.OTHER))


@dataclass
class Case:
    """A channel ready to send, an address that it knows, and the texts that reached the other side by now."""

    channel: Channel
    address: str
    heard: Callable[[], Awaitable[list[str]]]

    def message(self, id_: str = "a", **more: Any) -> Outgoing:
        """Words for the buyer of this case."""
        return a_message(id_, address=self.address, channel=self.channel.name, **more)


@asynccontextmanager
async def manual(_folder: Path) -> AsyncIterator[Case]:
    """What agents are asked to paste."""
    store = MemoryStore()

    async def heard() -> list[str]:
        return [task.text for task in store.tx.items[Task].values()]

    yield Case(Manual(store, FakeClock(NOON), some_deps()), "lin", heard)


@asynccontextmanager
async def terminal(_folder: Path) -> AsyncIterator[Case]:
    """What the screen shows."""
    shown: list[str] = []

    async def heard() -> list[str]:
        return shown

    yield Case(Terminal(FakeClock(NOON), lambda message: shown.append(message.text)), "lin", heard)


class Standing:
    """An inbox that forgets everything but how the channel stands and that somebody wrote."""

    def __init__(self) -> None:
        self.health, self.taken = Health.DOWN, 0

    async def take(self, raws: Sequence[Raw], cursor: Cursor | None = None) -> None:
        self.taken += len(raws)

    async def cursor(self, name: str) -> str:
        return ""

    async def report(self, health: Health, detail: str = "", gap: bool = False) -> None:
        self.health = health


def service(kind: str) -> Callable[[Path], AbstractAsyncContextManager[Case]]:
    """A channel connected to its service, with a buyer who has written."""

    @asynccontextmanager
    async def connected(folder: Path) -> AsyncIterator[Case]:
        peer, inbox = PEERS[kind](folder), Standing()
        await peer.start()
        channel = peer.channel(SystemClock())
        listening = asyncio.create_task(channel.receive(inbox))
        await until(lambda: inbox.health is Health.UP)
        address = peer.buyer(1)
        await peer.says(address, "你好")
        await until(lambda: inbox.taken > 0)
        yield Case(channel, address, lambda: peer.heard(address))
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await channel.close()
        await peer.stop()

    return connected


@asynccontextmanager
async def telegram_desk(folder: Path) -> AsyncIterator[Case]:
    """The group of the shop's own people."""
    from tests.bot.channels.telegram_shop import desk_shop  # which has its messages from here

    async with desk_shop(folder) as shop:

        async def heard() -> list[str]:
            return shop.group.heard()

        yield Case(shop.desk, str(shop.group.id), heard)


CHANNELS = {"manual": manual, "terminal": terminal, **{kind: service(kind) for kind in OUTLIVING}}
CHANNELS["telegram.desk"] = telegram_desk


@pytest.fixture(params=CHANNELS)
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    """Each channel afresh."""
    async with CHANNELS[request.param](tmp_path) as case:
        yield case


async def test_its_name_is_how_it_is_known(case: Case) -> None:
    """The name is a plain word that can be part of a chat's id; that of an agents' group is its bot's and another."""
    assert case.channel.name in CHANNELS
    assert all(part.isidentifier() for part in case.channel.name.split("."))


async def test_an_accepted_message_is_with_the_other_side(case: Case) -> None:
    """`accepted` is about this message, and the words are there, whole."""
    message = case.message()
    result = await case.channel.send(message)
    assert (message.id, Outcome.ACCEPTED, "") == (result.outgoing, result.outcome, result.error)
    assert [message.text] == await case.heard()


async def test_two_messages_are_two(case: Case) -> None:
    """Different ids are different messages, even with the same words."""
    await case.channel.send(case.message("a"))
    await case.channel.send(case.message("b"))
    assert len(await case.heard()) == 2


async def test_they_arrive_in_the_order_in_which_they_were_sent(case: Case) -> None:
    """One after another in one chat, as the outbox sends them."""
    for n in range(4):
        assert (await case.channel.send(case.message(str(n), text=f"word {n}"))).outcome is Outcome.ACCEPTED
    assert [f"word {n}" for n in range(4)] == await case.heard()


async def test_an_idempotent_channel_takes_a_repeat_once(case: Case) -> None:
    """Where the capabilities say so, the same id again is accepted again and changes nothing."""
    await case.channel.send(case.message())
    result = await case.channel.send(case.message())
    assert result.outcome is Outcome.ACCEPTED
    assert len(await case.heard()) == (1 if case.channel.capabilities.idempotent else 2)


@pytest.mark.parametrize("sign", ["好", "a", "😀"])
async def test_a_long_text_is_passed_on_whole(case: Case, sign: str) -> None:
    """A text of the greatest length that the channel claims to take, as it measures, is not cut."""
    text = sign * most_of(sign, case.channel.capabilities)
    assert (await case.channel.send(case.message(text=text))).outcome is Outcome.ACCEPTED
    assert [text] == await case.heard()


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_text_leaves_as_it_is(case: Case, name: str) -> None:
    """Nothing is taken for markup, a mention or a command on the way out."""
    assert (await case.channel.send(case.message(text=HOSTILE[name]))).outcome is Outcome.ACCEPTED
    assert [HOSTILE[name]] == await case.heard()


def most_of(sign: str, can: Capabilities) -> int:
    """How many of this sign make the longest text."""
    return can.longest_text // length(sign, can.measure)


def test_a_measure_is_what_it_says() -> None:
    """An emoji is one character, two units of UTF-16, four bytes."""
    assert [1, 2, 4] == [length("😀", measure) for measure in (Measure.CHARACTERS, Measure.UTF16, Measure.BYTES)]
