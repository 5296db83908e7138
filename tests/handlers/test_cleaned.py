"""Texts that every database can store."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.events import ChatClosed, MessageReceived
from followup.model import Attachment, Media
from followup.ports import Unparseable
from handlers.cleaned import CUT, LONGEST, clean_text, cleaned
from tests.store.makers import NOON

MESSAGE = MessageReceived("s", "telegram", "77", "1", "hello", NOON, "Lin", (Attachment(Media.PHOTO, "p1", "a.jpg"),))


def test_what_is_clean_stays_itself() -> None:
    """Nothing is copied for nothing."""
    assert MESSAGE is cleaned(MESSAGE)


@pytest.mark.parametrize("name", ["text", "sender_name", "address", "external_id", "choice"])
def test_every_text_of_an_event_is_cleaned(name: str) -> None:
    """Whichever of them holds a zero byte or half of a pair."""
    assert replace(MESSAGE, **{name: "a\ufffdb\ufffd"}) == cleaned(replace(MESSAGE, **{name: "a\0b\ud800"}))


def test_names_of_files_too() -> None:
    """They come from strangers as well."""
    dirty = replace(MESSAGE, attachments=(Attachment(Media.FILE, "f1", "in\0voice.pdf"),))
    assert ("in\ufffdvoice.pdf",) == tuple(item.name for item in cleaned(dirty).attachments)


def test_other_events_too() -> None:
    """Each kind of event is gone through."""
    event = ChatClosed("s", "telegram", "77", "1", NOON, "blo\0cked")
    assert "blo\ufffdcked" == cleaned(event).error


@given(st.text(st.characters(), max_size=50))
def test_everything_else_is_left(text: str) -> None:
    """Emoji, marks of direction, control characters: whatever both databases take."""
    kept = "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in text)
    assert kept == clean_text(text)


def test_the_longest_text_is_whole() -> None:
    """One sign more, and it is cut with a mark."""
    assert "长" * LONGEST == clean_text("长" * LONGEST)
    assert "长" * (LONGEST - len(CUT)) + CUT == clean_text("长" * (LONGEST + 1))


@pytest.mark.parametrize("name", ["address", "external_id"])
def test_an_absurd_id_means_nothing(name: str) -> None:
    """No index takes it, and no service makes it."""
    with pytest.raises(Unparseable, match=f"{name} has 501 characters"):
        cleaned(replace(MESSAGE, **{name: "x" * 501}))


@pytest.mark.parametrize("change", [{"text": 5}, {"sender_name": None}, {"address": 77}, {"choice": ["a"]}])
def test_what_is_no_text_means_nothing(change: dict[str, object]) -> None:
    """A service may send anything; no database keeps it, and no handler could read it."""
    with pytest.raises(Unparseable, match=f"{next(iter(change))} is no str"):
        cleaned(replace(MESSAGE, **change))  # type: ignore[arg-type]


def test_nor_does_a_size_that_is_no_number() -> None:
    """Of a file in it."""
    with pytest.raises(Unparseable, match="size is no int"):
        cleaned(replace(MESSAGE, attachments=(Attachment(Media.FILE, "f1", size="12"),)))  # type: ignore[arg-type]
