"""What a message on Wechaty's wire means."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels.wechaty_messages import Kind, Person, Reader, person
from followup.events import Incoming, MessageRecalled, MessageReceived
from followup.model import Attachment, Media
from tests.scheduler.shop import NOON

ME, LIN = "wxid_shop", "wxid_lin"
SAID_AT = NOON - timedelta(seconds=3)
MS = int(SAID_AT.timestamp() * 1000)


def events(talker: Person = Person("林"), **more: Any) -> list[Incoming]:  # noqa: B008
    """The events of a text of Lin's, with some of it changed."""
    fields = {"from_id": LIN, "room_id": "", "text": "明天付", "type": Kind.TEXT, "timestamp": MS}
    payload = SimpleNamespace(**{**fields, "filename": "", "mention_ids": [], **more})
    return Reader("tea", "wechat").events(payload, "m1", talker, ME, NOON)


def test_a_text() -> None:
    """Who, what and when; the time is the gateway's, in milliseconds."""
    said = MessageReceived("tea", "wechat", LIN, "m1", "明天付", SAID_AT, "林")
    assert [said] == events()


@pytest.mark.parametrize(
    "nothing",
    [
        {"from_id": ME},
        {"from_id": ""},
        {"from_id": "weixin"},
        {"type": Kind.UNKNOWN},
        {"type": Kind.GROUP_NOTE},
        {"talker": Person("Bank", is_official=True)},
    ],
)
def test_what_no_buyer_said_is_nothing(nothing: dict[str, Any]) -> None:
    """Our own words come back as events; WeChat and official accounts talk to nobody; system notes are no words."""
    assert [] == events(**nothing)


@pytest.mark.parametrize(
    ("kind", "media"),
    [
        (Kind.IMAGE, Media.PHOTO),
        (Kind.ATTACHMENT, Media.FILE),
        (Kind.AUDIO, Media.VOICE),
        (Kind.VIDEO, Media.VIDEO),
        (Kind.EMOTICON, Media.STICKER),
        (Kind.LOCATION, Media.LOCATION),
        (Kind.CONTACT, Media.CARD),
        (Kind.MINI_PROGRAM, Media.CARD),
        (Kind.URL, Media.CARD),
        (Kind.TRANSFER, Media.OTHER),
        (Kind.RED_ENVELOPE, Media.OTHER),
        (99, Media.OTHER),
    ],
)
def test_what_is_no_text_is_attached(kind: int, media: Media) -> None:
    """By its kind; the text of such a message is WeChat's own markup and is left out."""
    (event,) = events(type=kind, text="<msg><img/></msg>", filename="茶.jpg")
    assert isinstance(event, MessageReceived)
    assert ("", (Attachment(media, "m1", "茶.jpg", "image/jpeg"),)) == (event.text, event.attachments)


def test_something_without_a_name_is_called_what_it_is() -> None:
    """So that an agent sees what came."""
    (event,) = events(type=Kind.TRANSFER)
    assert isinstance(event, MessageReceived)
    assert "transfer" == event.attachments[0].name


def test_a_recalled_message() -> None:
    """It arrives as a message whose text is the id of the one taken back."""
    recalled = MessageRecalled("tea", "wechat", LIN, "m1", SAID_AT, recalled="m0")
    assert [recalled] == events(type=Kind.RECALLED, text="m0")


class TestRoom:
    def test_words_to_us_are_heard(self) -> None:
        """With the room they were said in; the address stays that of the person."""
        (event,) = events(room_id="r@chatroom", mention_ids=["wxid_x", ME])
        assert isinstance(event, MessageReceived)
        assert (LIN, "r@chatroom") == (event.address, event.room)

    def test_words_to_others_are_not(self) -> None:
        """Nobody is answered who did not ask us."""
        assert [] == events(room_id="r@chatroom", mention_ids=["wxid_x"])
        assert [] == events(room_id="r@chatroom", type=Kind.IMAGE)

    def test_stop_is_heard_wherever_it_is_said(self) -> None:
        """Without a mention too."""
        assert 1 == len(events(room_id="r@chatroom", text="退订"))


class TestTime:
    def test_old_gateways_count_seconds(self) -> None:
        """The same instant, to the second."""
        assert [SAID_AT] == [event.at for event in events(timestamp=MS // 1000)]

    @pytest.mark.parametrize("timestamp", [0, MS + 3_600_000, 2**63])
    def test_a_time_that_cannot_be_is_that_of_hearing(self, timestamp: int) -> None:
        """None, in the future, absurd."""
        assert [NOON] == [event.at for event in events(timestamp=timestamp)]


def test_a_person_of_the_contacts() -> None:
    """The name, and whether it is an official account."""
    payloads = [SimpleNamespace(name="林", type=kind) for kind in (0, 1, 2, 3)]
    assert [Person("林"), Person("林"), Person("林", is_official=True), Person("林")] == list(map(person, payloads))
