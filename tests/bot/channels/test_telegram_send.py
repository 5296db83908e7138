"""Which calls a message becomes, and what an error means for it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.telegram_request import NotSent
from bot.channels.telegram_send import Call, NotSendable, calls_for, failed
from followup.events import Outcome, Refusal
from followup.model import Attachment, Choice, Media
from tests.bot.channels.test_contract import a_message
from tests.scheduler.shop import NOON

LATER = Choice("later", "明天付")
LINKED = [Attachment(Media.PHOTO, f"https://shop.example/{n}.jpg") for n in range(12)]


def methods(**message: Any) -> list[str]:
    """The methods that are called for such a message."""
    return [call.method for call in calls_for(a_message(**message))]


def test_text_is_plain_text() -> None:
    """Whatever looks like markup arrives as it is: no parse mode is named."""
    text = "<b>5 > 3</b> *bold* _it_ [x](y)"
    assert [Call("sendMessage", {"chat_id": "lin", "text": text})] == calls_for(a_message(text=text))


@pytest.mark.parametrize("text", ["see https://shop.example/x", "shop.example"])
def test_a_link_is_shown_without_a_preview(text: str) -> None:
    """A polite reminder does not come with somebody's picture."""
    (call,) = calls_for(a_message(text=text))
    assert {"is_disabled": True} == call.fields["link_preview_options"]


def test_choices_are_buttons_under_the_message() -> None:
    """One a row, with the id of the choice behind it."""
    (call,) = calls_for(a_message(choices=(LATER, Choice("no", "不要"))))
    rows = call.fields["reply_markup"].to_dict()["inline_keyboard"]
    expected = [[{"text": "明天付", "callback_data": "later"}], [{"text": "不要", "callback_data": "no"}]]
    assert expected == [list(row) for row in rows]


def test_choices_may_stand_in_place_of_the_keys() -> None:
    """With `reply_buttons`; a message without choices takes them away again."""
    (call,) = calls_for(a_message(choices=(LATER,)), reply_buttons=True)
    markup = call.fields["reply_markup"].to_dict()
    assert ([[{"text": "明天付"}]], True) == ([list(row) for row in markup["keyboard"]], markup["one_time_keyboard"])
    (after,) = calls_for(a_message(), reply_buttons=True)
    assert {"remove_keyboard": True} == after.fields["reply_markup"].to_dict()


def test_what_telegram_cannot_take_is_not_tried() -> None:
    """Nothing to say, a file that is not there, an id that does not fit behind a button."""
    for message in (
        a_message(text=" "),
        a_message(attachments=(Attachment(Media.FILE, "/nowhere/a.pdf"),)),
        a_message(choices=(Choice("长" * 22, "x"),)),
    ):
        with pytest.raises(NotSendable):
            calls_for(message)


def test_short_words_stand_under_the_one_photo() -> None:
    """With the buttons; long words come before it."""
    (call,) = calls_for(a_message(text="好" * 1024, attachments=(LINKED[0],), choices=(LATER,)))
    assert ("sendPhoto", LINKED[0].ref, "好" * 1024) == (call.method, call.fields["photo"], call.fields["caption"])
    assert call.fields["reply_markup"].to_dict()["inline_keyboard"]
    assert ["sendMessage", "sendPhoto"] == methods(text="好" * 1025, attachments=(LINKED[0],))
    assert ["sendMessage", "sendPhoto"] == methods(text="😀" * 513, attachments=(LINKED[0],))


def test_several_photos_are_an_album() -> None:
    """Of at most ten, the words under the first; an album has no buttons, so words with buttons come before it."""
    (call,) = calls_for(a_message(text="看", attachments=tuple(LINKED[:3])))
    assert ("sendMediaGroup", ["看", None, None]) == (call.method, [each.caption for each in call.fields["media"]])
    assert ["sendMessage", "sendMediaGroup"] == methods(attachments=tuple(LINKED[:3]), choices=(LATER,))
    assert ["sendMessage", "sendMediaGroup", "sendMediaGroup"] == methods(attachments=tuple(LINKED))


def test_photos_and_files_go_apart(tmp_path: Path) -> None:
    """Telegram mixes none; a photo too large for one goes as a file, from this machine's disk."""
    (tmp_path / "a.jpg").write_bytes(b"jpeg")
    large = Attachment(Media.PHOTO, str(tmp_path / "a.jpg"), size=10 * 1024 * 1024 + 1)
    (call,) = calls_for(a_message(text="", attachments=(large,)))
    assert ("sendDocument", "a.jpg") == (call.method, call.fields["document"].filename)
    assert ["sendMessage", "sendPhoto", "sendDocument"] == methods(attachments=(LINKED[0], large))


@pytest.mark.parametrize(
    ("error", "outcome", "seconds"),
    [
        (RetryAfter(7), Outcome.RETRY, 7),
        (RetryAfter(timedelta(seconds=7)), Outcome.RETRY, 7),
        (NetworkError("Too Many Requests (429)"), Outcome.RETRY, 30),
        (NotSent("not reached"), Outcome.RETRY, 2),
        (InvalidToken(), Outcome.RETRY, 300),
        (Conflict("two"), Outcome.RETRY, 300),
        (TimedOut(), Outcome.UNSURE, None),
        (NetworkError("Bad Gateway"), Outcome.UNSURE, None),
        (TelegramError("?"), Outcome.UNSURE, None),
    ],
    ids=repr,
)
def test_what_may_have_gone_is_not_tried_again(error: TelegramError, outcome: Outcome, seconds: int | None) -> None:
    """Again only where the service surely did nothing, and not before the time it named."""
    result = failed(error, str(error), a_message(), NOON)
    retry_at = None if seconds is None else NOON + timedelta(seconds=seconds)
    assert (outcome, retry_at) == (result.outcome, result.retry_at)


def test_a_long_outage_is_tried_less_often() -> None:
    """After two seconds, four, eight, and then every minute."""
    pauses = [failed(NotSent("down"), "", a_message(attempts=n), NOON).retry_at - NOON for n in (0, 1, 2, 9, 99)]
    assert [2, 4, 8, 60, 60] == [pause.total_seconds() for pause in pauses]


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), Refusal.BLOCKED),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), Refusal.BLOCKED),
        (BadRequest("Bad Request: chat not found"), Refusal.BLOCKED),
        (BadRequest("Bad Request: user is deactivated"), Refusal.BLOCKED),
        (BadRequest("Bad Request: message is too long"), Refusal.CONTENT),
        (BadRequest("Bad Request: whatever else"), Refusal.CONTENT),
    ],
    ids=str,
)
def test_a_refusal_is_of_the_buyer_or_of_the_words(error: TelegramError, refusal: Refusal) -> None:
    """Only one of them means that he cannot be reached."""
    result = failed(error, str(error), a_message(), NOON)
    assert (Outcome.REFUSED, refusal) == (result.outcome, result.refusal)
