"""Rows of the outbox: one message, in parts where its channel needs them."""

from __future__ import annotations

import pytest

from followup.effects import Say
from followup.model import Attachment, Choice, Decision, Media, Outgoing, Role, Verdict
from followup.ports import Capabilities
from followup.reach import Way
from handlers.outgoing import first_of, is_first, rows, step_of
from tests.followup.makers import NOON, a_case, a_chat

CASE = a_case("unpaid_order")
PHOTO, LATER = Attachment(Media.PHOTO, "a.jpg"), Choice("later", "later")


def made(text: str, longest: int = 10) -> list[Outgoing]:
    """The rows of a text on a channel that takes so many characters."""
    decision = Decision(Verdict.SENT, ())
    say = Say("unpaid.help", Role.NUDGE, "key", decision, expires_at=NOON, attachments=(PHOTO,), code="once")
    way = Way(a_chat(), Capabilities(longest_text=longest))
    return list(rows(say, CASE.thread, way, "en", text, (LATER,), NOON))


def test_a_short_text_is_one_row() -> None:
    """Under the key itself, with all that goes with it."""
    (row,) = made("Hello")
    assert ("key", "Hello", (LATER,), (PHOTO,), "once") == (
        row.id,
        row.text,
        row.choices,
        row.attachments,
        row.code,
    )


def test_a_long_text_is_several() -> None:
    """In order, each with its own key; answers and attachments come last, the one-time permission first."""
    parts = made("One two.\nThree.\nFour five.")
    assert [("key", "One two."), ("key#2", "Three."), ("key#3", "Four five.")] == [(p.id, p.text) for p in parts]
    assert [((), (), "once"), ((), (), ""), ((LATER,), (PHOTO,), "")] == [
        (part.choices, part.attachments, part.code) for part in parts
    ]
    assert {(NOON, NOON, Role.NUDGE)} == {(part.due_at, part.expires_at, part.role) for part in parts}


def test_what_cannot_be_stored_is_replaced() -> None:
    """A zero byte or half a character in a name does not put the whole message aside."""
    assert "a\ufffdb\ufffd" == made("a\0b\ud83d")[0].text


@pytest.mark.parametrize(
    ("id_", "first", "step"),
    [
        ("t/unpaid.help", "t/unpaid.help", "unpaid.help"),
        ("t/unpaid.help#2", "t/unpaid.help", "unpaid.help"),
        ("t/unpaid.help@wecom#12", "t/unpaid.help@wecom", "unpaid.help"),
        ("t/refund.daily/R1@2026-03-05", "t/refund.daily/R1@2026-03-05", "refund.daily"),
    ],
)
def test_an_id_tells_its_message(id_: str, first: str, step: str) -> None:
    """Parts know the first of them, and every id the step that it says."""
    assert (first, step, id_ == first) == (first_of(id_), step_of(id_, "t"), is_first(id_))
