"""The channel of the screen before which the buyer sits."""

from __future__ import annotations

from bot.channels.terminal import Terminal
from followup.events import MessageReceived, Outcome
from followup.model import Attachment, Media, Outgoing
from scheduler.clock import FakeClock
from tests.bot.channels.test_contract import a_message
from tests.scheduler.shop import HOUR, NOON


async def test_a_screen_that_is_gone_is_a_refusal() -> None:
    """Nobody can have read what a closed screen could not show."""

    def show(_message: Outgoing) -> None:
        raise BrokenPipeError("gone")

    result = await Terminal(FakeClock(NOON), show).send(a_message())
    assert (result.outcome, result.error) == (Outcome.REFUSED, "gone")


async def test_attachments_are_lines_under_the_words() -> None:
    """A screen of text shows where they are."""
    shown: list[str] = []
    file = Attachment(Media.FILE, "https://shop.example/size.pdf")
    await Terminal(FakeClock(NOON), lambda message: shown.append(message.text)).send(a_message(attachments=(file,)))
    assert shown == [f"{a_message().text}\n[file] https://shop.example/size.pdf"]


def test_a_typed_line_is_a_message_of_the_buyer() -> None:
    """It carries the shop, the buyer's address, the words and the time."""
    typed = Terminal(FakeClock(NOON), lambda _message: None).typed("tea", "lin", "明天付")
    assert typed == MessageReceived("tea", "terminal", "lin", typed.external_id, "明天付", NOON)
    assert typed.chat == "tea/terminal/lin"


def test_no_two_lines_have_the_same_id() -> None:
    """Neither in one session nor in two: the same words twice are two messages."""
    clock = FakeClock(NOON)
    first = Terminal(clock, lambda _message: None)
    clock.move(HOUR)
    second = Terminal(clock, lambda _message: None)
    ids = {terminal.typed("tea", "lin", "好").external_id for terminal in (first, first, second, second)}
    assert len(ids) == 4
