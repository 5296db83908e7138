"""Answers under a message, by what its channel can show; and until when they stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.effects import AddNote, Say
from followup.model import Attachment, Chat, Choice, Decision, Media, Outgoing, OutgoingState, Role, State, Verdict
from followup.ports import Capabilities
from handlers.offering import answered, attached, shown, unsaid, withdraw
from store.memory import MemoryStore
from store.tx import Tx
from tests.followup.makers import NOON, SHOP, a_case, a_chat
from tests.stories.shop import library

LATER = (Choice("later", "Later"), Choice("other", "Other"))
THREAD = replace(a_case("unpaid_order").thread, touches=1)
OTHER = replace(THREAD, id="shop/1002/unpaid_order", order_id="1002")
REFUND = replace(a_case("pending_refund").thread, touches=1)
SAY = Say("unpaid.wrong_item", Role.REPLY, "k1", Decision(Verdict.SENT, ()))


def show(text: str, buttons: int) -> str:
    return shown(text, LATER, "en", THREAD, Capabilities(buttons=buttons), library())


def test_buttons_leave_the_text_alone() -> None:
    """Where all fit, the text says nothing of them."""
    assert "Hello" == show("Hello", 2)


def test_without_enough_buttons_the_lines_stand_below() -> None:
    """A hint, and a line each."""
    first, hint, *lines = show("Hello", 1).splitlines()
    assert ("Hello", ["1. Later", "2. Other"]) == (first, lines)
    assert "number" in hint


def test_lines_that_stand_there_already_are_not_repeated() -> None:
    """A message that goes on elsewhere keeps its lines once."""
    assert show("Hello", 0) == show(show("Hello", 0), 0)


def in_store(*items: object) -> Tx:
    store = MemoryStore()
    store.run(lambda tx: [tx.save(item) for item in items])
    return store.tx


@pytest.mark.parametrize(
    ("others", "left"),
    [
        ([], ()),
        ([OTHER], LATER),
        ([replace(OTHER, touches=0)], ()),
        ([replace(OTHER, state=State.SETTLED)], ()),
        ([REFUND], ()),
    ],
)
def test_an_offer_ends_with_the_last_matter_that_made_it(others: list[object], left: tuple[Choice, ...]) -> None:
    """Another open order that was spoken of keeps it; a refund, or an order not spoken of yet, never made it."""
    tx = in_store(a_chat(offered=LATER), THREAD, *others)
    withdraw(replace(THREAD, state=State.SETTLED), tx)
    assert left == tx.get(Chat, a_chat().id).offered  # type: ignore[union-attr]


def test_an_offer_ends_in_every_chat_of_the_buyer() -> None:
    """The matter may have moved from one chat to another."""
    second = a_chat(id="shop/telegram/77", channel="telegram", address="77", offered=LATER)
    tx = in_store(a_chat(offered=LATER), second, THREAD)
    withdraw(replace(THREAD, state=State.SETTLED), tx)
    assert [(), ()] == [chat.offered for chat in tx.chats_of(SHOP, "lin")]


def test_an_answer_ends_the_offer_in_its_chat() -> None:
    """Nothing else of the chat changes."""
    tx = in_store(a_chat(offered=LATER, used=2))
    answered(a_chat(), tx)
    assert a_chat(used=2) == tx.get(Chat, a_chat().id)


def test_what_was_said_is_not_said_again() -> None:
    """Of the effects only those words are dropped that the thread knows by their key."""
    message = Outgoing(
        "k1",
        SHOP,
        "lin",
        a_chat().id,
        "terminal",
        "lin",
        THREAD.id,
        "s",
        Role.REPLY,
        "en",
        "x",
        OutgoingState.SENT,
        NOON,
        NOON,
    )
    tx = in_store(THREAD, message)
    note, fresh = AddNote("reason: later"), replace(SAY, key="k2")
    assert [note, fresh] == unsaid([note, SAY, fresh], THREAD, tx)


@pytest.mark.parametrize(
    ("can", "sent", "text", "noted"),
    [
        (Capabilities(largest_photo=10, largest_file=10), 2, "Look:", False),
        (Capabilities(largest_file=10), 1, "Look:\nhttps://shop.example/1.jpg", False),
        (Capabilities(largest_photo=10), 1, "Look:", True),
        (Capabilities(), 0, "Look:\nhttps://shop.example/1.jpg", True),
    ],
)
def test_attachments_go_as_they_can(can: Capabilities, sent: int, text: str, noted: bool) -> None:
    """With the message, as a link under its text, or not at all, with a note."""
    photo = Attachment(Media.PHOTO, "https://shop.example/1.jpg", "1.jpg", size=9)
    file = Attachment(Media.FILE, "/var/size.pdf", "size.pdf", size=9)
    say, shown_text, note = attached(replace(SAY, attachments=(photo, file)), "Look:", can)
    assert (sent, text, noted) == (len(say.attachments), shown_text, "file size.pdf" in note)
