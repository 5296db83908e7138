"""What every channel keeps to: one case each in CHANNELS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.channels.manual import Manual
from bot.channels.terminal import Terminal
from followup.events import Outcome, chat_id
from followup.model import Outgoing, OutgoingState, Role
from followup.ports import Channel
from scheduler.clock import FakeClock
from store.memory import MemoryStore
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


@dataclass
class Case:
    """A channel, and the texts that reached the other side by now."""

    channel: Channel
    heard: Callable[[], list[str]]


def manual() -> Case:
    """What agents are asked to paste."""
    from followup.model import Task

    store = MemoryStore()
    return Case(Manual(store, FakeClock(NOON)), lambda: [task.text for task in store.tx.items[Task].values()])


def terminal() -> Case:
    """What the screen shows."""
    shown: list[str] = []
    return Case(Terminal(FakeClock(NOON), lambda message: shown.append(message.text)), lambda: shown)


CHANNELS = {"manual": manual, "terminal": terminal}


@pytest.fixture(params=CHANNELS)
def case(request: pytest.FixtureRequest) -> Case:
    """Each channel afresh."""
    return CHANNELS[request.param]()


def test_its_name_is_how_it_is_known(case: Case) -> None:
    """The name is a plain word that can be part of a chat's id."""
    assert case.channel.name in CHANNELS
    assert case.channel.name.isidentifier()


async def test_an_accepted_message_is_with_the_other_side(case: Case) -> None:
    """`accepted` is about this message, at this time, and the words are there, whole."""
    message = a_message()
    result = await case.channel.send(message)
    assert (result.outgoing, result.outcome, result.at) == (message.id, Outcome.ACCEPTED, NOON)
    assert case.heard() == [message.text]


async def test_two_messages_are_two(case: Case) -> None:
    """Different ids are different messages, even with the same words."""
    await case.channel.send(a_message("a"))
    await case.channel.send(a_message("b"))
    assert len(case.heard()) == 2


async def test_an_idempotent_channel_takes_a_repeat_once(case: Case) -> None:
    """Where the capabilities say so, the same id again is accepted again and changes nothing."""
    await case.channel.send(a_message())
    result = await case.channel.send(a_message())
    assert result.outcome is Outcome.ACCEPTED
    assert len(case.heard()) == (1 if case.channel.capabilities.idempotent else 2)


async def test_a_long_text_is_passed_on_whole(case: Case) -> None:
    """A text of the greatest length that the channel claims to take is not cut."""
    text = "好" * case.channel.capabilities.longest_text
    assert (await case.channel.send(a_message(text=text))).outcome is Outcome.ACCEPTED
    assert case.heard() == [text]
