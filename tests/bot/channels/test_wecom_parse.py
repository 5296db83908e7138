"""Messages of kf/sync_msg as events."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.compose import msgid_of
from bot.channels.wecom.parse import parse
from followup.events import ChatOpened, MessageRecalled, MessageReceived, Receipt, Refusal
from followup.model import Attachment, Media, Raw
from followup.ports import Unparseable
from tests.scheduler.shop import NOON

SENT = datetime(2026, 3, 2, 4, 5, 6, tzinfo=UTC)
BASE: dict[str, Any] = {"msgid": "m1", "open_kfid": "wk", "external_userid": "wm1", "origin": 3}


def parsed(**message: Any) -> Any:
    """The events of a message sent at SENT."""
    message = {"send_time": int(SENT.timestamp()), **message}
    return parse(Raw("kf", "m1", json.dumps(message).encode(), NOON), "tea")


def said(**message: Any) -> MessageReceived:
    """The one event of a customer's message."""
    (event,) = parsed(**BASE, **message)
    assert isinstance(event, MessageReceived)
    return event


def happened(event_type: str, **event: Any) -> Any:
    """The events of an event."""
    inner = {"event_type": event_type, "open_kfid": "wk", "external_userid": "wm1", **event}
    return parsed(msgid="m1", origin=4, msgtype="event", event=inner)


def test_a_text_is_what_the_buyer_said() -> None:
    """His address, the message's id, the time at which he sent it, not that at which we read it."""
    expected = MessageReceived("tea", "kf", "wm1", "m1", "明天付", SENT)
    assert expected == said(msgtype="text", text={"content": "明天付"})


def test_a_tapped_answer_is_a_choice() -> None:
    """The text is what stood on it, the choice its id."""
    event = said(msgtype="text", text={"content": "地址不对", "menu_id": "address"})
    assert ("地址不对", "address") == (event.text, event.choice)


@pytest.mark.parametrize(
    ("kind", "media", "mime"),
    [
        ("image", Media.PHOTO, ""),
        ("file", Media.FILE, ""),
        ("voice", Media.VOICE, "audio/amr"),
        ("video", Media.VIDEO, ""),
    ],
)
def test_a_file_is_an_attachment_that_can_be_fetched(kind: str, media: Media, mime: str) -> None:
    """Its ref is the media_id."""
    event = said(msgtype=kind, **{kind: {"media_id": "M1"}})
    assert ("", (Attachment(media, "M1", mime=mime),)) == (event.text, event.attachments)


def test_other_things_are_told_as_well_as_may_be() -> None:
    """A place, a card and a mini programme are attachments, a link is text."""
    place = said(msgtype="location", location={"latitude": 1.5, "longitude": -2, "name": "家", "address": "x"})
    card = said(msgtype="business_card", business_card={"userid": "u"})
    program = said(msgtype="miniprogram", miniprogram={"appid": "wx1", "pagepath": "p", "title": "订单"})
    link = said(msgtype="link", link={"title": "t", "desc": "", "url": "https://x.example"})
    assert (Attachment(Media.LOCATION, "1.5,-2", name="家"),) == place.attachments
    assert (Attachment(Media.CARD, "u"),) == card.attachments
    assert (Attachment(Media.OTHER, "wx1/p", name="订单"),) == program.attachments
    assert "t\nhttps://x.example" == link.text


def test_a_kind_that_is_new_is_not_lost() -> None:
    """The buyer did say something, and a person can look."""
    assert (Attachment(Media.OTHER, ""),) == said(msgtype="hologram", hologram={}).attachments


def test_who_comes_through_a_link_shows_its_token_and_may_be_welcomed() -> None:
    """The code permits one message within 20 seconds."""
    (event,) = happened("enter_session", scene_param="tok", welcome_code="C1")
    assert ChatOpened("tea", "kf", "wm1", "m1", SENT, token="tok", code="C1", greet=True) == event


def test_without_a_code_nobody_is_greeted() -> None:
    """The token is taken all the same; we may speak once he has."""
    (event,) = happened("enter_session", scene_param="tok")
    assert (False, "tok") == (event.greet, event.token)


def test_opening_the_chat_for_nothing_is_nothing() -> None:
    """Buyers do it often."""
    assert [] == list(happened("enter_session", scene="", scene_param=""))


@pytest.mark.parametrize(
    ("type_", "refusal"),
    [
        (0, Refusal.CONTENT),
        (4, Refusal.WINDOW_CLOSED),
        (5, Refusal.WINDOW_CLOSED),
        (6, Refusal.QUOTA_USED),
        (10, Refusal.BLOCKED),
        (11, Refusal.CONTENT),
        (99, Refusal.CONTENT),
        ("x", Refusal.CONTENT),
    ],
)
def test_a_message_that_failed_later_is_a_receipt(type_: Any, refusal: Refusal) -> None:
    """Of the message as a whole, whichever part of it failed."""
    (event,) = happened("msg_send_fail", fail_msgid=msgid_of("tea/1", 2), fail_type=type_)
    assert isinstance(event, Receipt)
    assert ("kf", msgid_of("tea/1"), SENT, refusal) == (event.channel, event.external_id, event.at, event.refusal)
    assert str(type_) in event.error


def test_a_recalled_message_is_named() -> None:
    """By the id under which it was received."""
    (event,) = happened("user_recall_msg", recall_msgid="m0")
    assert MessageRecalled("tea", "kf", "wm1", "m1", SENT, recalled="m0") == event


@pytest.mark.parametrize("kind", ["servicer_status_change", "session_status_change", "servicer_recall_msg", "new"])
def test_what_concerns_agents_alone_is_nothing(kind: str) -> None:
    """The state of a session shows when we send."""
    assert [] == list(happened(kind, change_type=1))


def test_what_agents_say_is_nothing() -> None:
    """Origin 5: their words are not ours, and not the buyer's."""
    assert [] == list(parsed(**{**BASE, "origin": 5}, msgtype="text", text={"content": "亲"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": 7},
        {"external_userid": None},
        {"external_userid": ""},
        {"msgid": 5},
        {"send_time": "soon"},
        {"send_time": 10**20},
        {"text": {"content": None}},
        {"msgtype": ["text"]},
    ],
)
def test_what_is_not_as_documented_is_unparseable(wrong: dict[str, Any]) -> None:
    """It says what was expected."""
    with pytest.raises(Unparseable):
        parsed(**{**BASE, "msgtype": "text", "text": {"content": "x"}, **wrong})


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"\xff"', b'{"send_time": 1}'])
def test_what_is_no_message_is_unparseable(body: bytes) -> None:
    """Bytes of any kind."""
    with pytest.raises(Unparseable):
        parse(Raw("kf", "x", body, NOON), "tea")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


@given(
    st.dictionaries(st.sampled_from(["msgid", "origin", "send_time", "msgtype", "text", "event", "image"]), json_values)
    | st.fixed_dictionaries(
        {"send_time": st.just(1), "origin": st.just(3), "msgtype": st.just("text"), "text": json_values}
    )
    | st.fixed_dictionaries({"send_time": st.just(1), "msgtype": st.just("event"), "event": json_values})
)
def test_no_message_raises_anything_else(message: dict[str, Any]) -> None:
    """One message cannot stop the rest."""
    with suppress(Unparseable):
        assert len(parse(Raw("kf", "x", json.dumps(message).encode(), NOON), "tea")) <= 1
