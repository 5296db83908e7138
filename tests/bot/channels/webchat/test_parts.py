"""The parts by themselves: limits, rooms, callers, moments, what is kept of an act."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from bot.channels.webchat.account import Moments
from bot.channels.webchat.callers import caller_of
from bot.channels.webchat.frames import Say
from bot.channels.webchat.history import conversation
from bot.channels.webchat.keys import NoKey, address_of, bearer
from bot.channels.webchat.limits import Limits, Meter, TooMany
from bot.channels.webchat.message import BUYER, Change, Frame, Message, id_of, known_as
from bot.channels.webchat.parse import opened_raw, parse, photos_in, said_in, said_raw
from bot.channels.webchat.rooms import RETAINED, Room, Rooms
from followup.events import ChatOpened, MessageReceived
from followup.model import Attachment, Choice, Inbound, Media, Raw
from followup.ports import Unparseable
from followup.webchat import Past, is_address
from scheduler.clock import FakeClock
from tests.bot.channels.live import until
from tests.bot.channels.test_contract import a_message
from tests.bot.channels.webchat.served import a_key
from tests.scheduler.shop import NOON

ADDRESS = "w-" + "a" * 32
SECOND = timedelta(seconds=1)


class Seconds:
    """A fake clock that counts seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Shown:
    """A window that keeps what it is offered."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def offer(self, frame: Frame) -> None:
        self.frames.append(frame)


@pytest.fixture
def seconds() -> Seconds:
    """A fake clock."""
    return Seconds()


class TestLimits:
    def test_so_many_in_so_long(self, seconds: Seconds) -> None:
        """A window that slides: the first is forgotten when its time is over, to the second."""
        meter = Meter(2, 60, seconds)
        for _ in range(2):
            assert 0 == meter.wait("a")
            meter.count("a")
            seconds.now += 10
        assert 40 == meter.wait("a")
        assert 0 == meter.wait("b")
        seconds.now += 40
        assert 0 == meter.wait("a")

    def test_the_table_is_bounded(self, seconds: Seconds) -> None:
        """Whoever was silent longest is forgotten."""
        meter = Meter(1, 60, seconds, known=3)
        for key in "abcd":
            meter.count(key)
        assert (3, 0, 60) == (len(meter), meter.wait("a"), meter.wait("d"))

    def test_two_hundred_an_hour(self, seconds: Seconds) -> None:
        """A chat that keeps to twenty a minute is stopped by the hour."""
        limits = Limits(seconds)
        for _ in range(10):
            for _ in range(20):
                limits.say(ADDRESS, "")
            seconds.now += 60
        with pytest.raises(TooMany) as caught:
            limits.say(ADDRESS, "")
        assert 3000 == caught.value.wait

    def test_photos_of_many_chats_from_one_address(self, seconds: Seconds) -> None:
        """Who makes himself ever new keys cannot fill the disk."""
        limits, taken = Limits(seconds), 0
        for minute in range(20):
            for number in range(30):
                with suppress(TooMany):
                    limits.photo(f"chat {minute}/{number}", "203.0.113.9")
                    taken += 1
            seconds.now += 60
        assert 200 == taken

    def test_what_is_refused_is_not_counted(self, seconds: Seconds) -> None:
        """Whoever keeps asking has not to wait longer for it; the chat is not charged for its address."""
        limits = Limits(seconds)
        for number in range(60):
            limits.say(f"chat {number}", "203.0.113.9")
        for _ in range(100):
            with pytest.raises(TooMany):
                limits.say("chat", "203.0.113.9")
        seconds.now += 60
        for _ in range(20):
            limits.say("chat", "203.0.113.9")

    def test_places(self, seconds: Seconds) -> None:
        """So many at once, and a place that is left is free again; this machine has any."""
        limits = Limits(seconds)
        with limits.place("a", 1), limits.place("", 1), limits.place("", 1):
            with pytest.raises(TooMany), limits.place("a", 1):
                pass
            with limits.place("b", 1):
                pass
        with limits.place("a", 1):
            pass
        assert not limits._open


class TestRooms:
    def test_a_cursor_tells_what_is_new(self, seconds: Seconds) -> None:
        """Everything after it, in order; an old, foreign or future one is unknown."""
        room, other = Room(seconds), Room(seconds)
        start = room.cursor
        room.push(a_word("1"))
        between = room.cursor
        room.push(Change("1", "new"))
        assert [a_word("1"), Change("1", "new")] == [entry.what for entry in room.since(start) or ()]
        assert [Change("1", "new")] == [entry.what for entry in room.since(between) or ()]
        assert [] == room.since(room.cursor)
        epoch = between.partition("-")[0]
        for unknown in ("", "x", other.cursor, f"{between}9", "-1", f"{epoch}-²", f"{epoch}-{'9' * 9999}"):
            assert room.since(unknown) is None

    def test_it_forgets_after_some_minutes(self, seconds: Seconds) -> None:
        """What is older stands in the database; a cursor from before that is unknown."""
        room = Room(seconds)
        start = room.cursor
        room.push(a_word("1"))
        seconds.now += RETAINED
        room.push(a_word("2"))
        assert ["2"] == [entry.what.id for entry in room.recent()]
        assert room.since(start) is None

    def test_rooms_that_nobody_needs_go(self, seconds: Seconds) -> None:
        """There are never more than so many, and those in use are the last to go."""
        rooms = Rooms(seconds, most=50)
        for number in range(200):
            rooms.at(f"w-{number}")
        assert len(rooms) <= 51
        seconds.now += RETAINED + 1
        for number in range(100):
            rooms.at(f"v-{number}")
            seconds.now += RETAINED
        assert len(rooms) <= 2

    def test_a_room_that_nobody_asks_forgets_too(self, seconds: Seconds) -> None:
        """A window that is open for days makes it no larger."""
        room = Room(seconds)
        room.push(a_word("1"))
        seconds.now += RETAINED
        room.push(a_word("2"))
        assert (None, a_word("2")) == (room.shown("1"), room.shown("2"))

    def test_a_room_with_somebody_in_it_stays(self, seconds: Seconds) -> None:
        """However many strangers ask for others: who looks at a chat is still shown what happens there."""
        rooms, shown = Rooms(seconds, most=50), Shown()
        with rooms.at(ADDRESS).shown_to(shown):
            for number in range(500):
                rooms.at(f"w-{number}")
                seconds.now += 1
            assert len(rooms) <= 52
            rooms.at(ADDRESS).push(a_word("1"))
        assert 1 == len(shown.frames)

    async def test_who_waits_is_woken(self, seconds: Seconds) -> None:
        """By news, and by the end."""
        room = Room(seconds)
        for wake in (lambda: room.push(a_word("1")), room.wake):
            waiting = asyncio.ensure_future(room.news(60))
            await until(lambda: bool(room._waiting))
            wake()
            await waiting
        assert not room._waiting


class TestCallers:
    @pytest.mark.parametrize(
        ("host", "forwarded", "caller"),
        [
            ("127.0.0.1", "", ""),
            ("::1", "", ""),
            ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "2001:db8::1", "2001:0db8:0000:0000::/64"),
            ("127.0.0.1", "127.0.0.1", ""),
            ("127.0.0.1", "nonsense", ""),
            ("203.0.113.9", "127.0.0.1", "203.0.113.9"),
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("::ffff:203.0.113.9", "", "203.0.113.9"),
            ("2001:db8:0:1:2:3:4:5", "", "2001:0db8:0000:0001::/64"),
        ],
    )
    def test_who_calls(self, host: str, forwarded: str, caller: str) -> None:
        """A proxy is believed on this machine only, and only its own word, which is the last."""
        headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
        assert caller == caller_of(Request({"type": "http", "client": (host, 5), "headers": headers}))


class TestKeys:
    def test_a_key_is_known_by_its_digest(self) -> None:
        """The same key has the same address, which does not tell the key."""
        key = a_key()
        assert address_of(key) == bearer(f"Bearer {key}")
        assert is_address(address_of(key))
        assert key[:8] not in address_of(key)

    @pytest.mark.parametrize("key", ["", "short", "a" * 44, "ä" * 43, None, 5, ["a" * 43]])
    def test_what_is_no_key(self, key: Any) -> None:
        """Is refused."""
        with pytest.raises(NoKey):
            address_of(key)


def test_moments_never_repeat() -> None:
    """With a clock that stands, what happened stays in order; a clock that is set back is followed."""
    clock = FakeClock(NOON)
    moments = Moments(clock)
    times = [moments.now() for _ in range(5)]
    assert times == sorted(set(times))
    clock.move(-timedelta(hours=1))
    assert moments.now() == NOON - timedelta(hours=1)


class TestWhatIsKept:
    def test_a_say(self) -> None:
        """It comes back as it was said; its id is that of the message, for ever."""
        photo = Attachment(Media.PHOTO, f"{ADDRESS}/b1.png", mime="image/png", size=5)
        raw = said_raw("chat", ADDRESS, Say("12345678", "你好\ud800", "later"), [photo], NOON)
        (event,) = parse(raw, "tea")
        assert isinstance(event, MessageReceived)
        assert ("chat", ADDRESS, f"{ADDRESS}.12345678") == (event.channel, event.address, event.external_id)
        assert ("later", (photo,), NOON) == (event.choice, event.attachments, event.at)
        assert [photo.ref] == photos_in(raw)
        message = said_in(raw)
        assert message is not None
        assert ("12345678", "b1") == (message.id, message.photos[0].id)

    def test_an_opening(self) -> None:
        """A token has an id of its own in each chat, that does not tell it; it is no message."""
        raw = opened_raw("chat", ADDRESS, "hf-token", NOON)
        (event,) = parse(raw, "tea")
        assert isinstance(event, ChatOpened)
        assert ("hf-token", False) == (event.token, "hf-token" in raw.external_id)
        assert None is said_in(raw)
        assert raw.external_id != opened_raw("chat", ADDRESS, "hf-other", NOON).external_id

    @given(body=st.binary() | st.text().map(str.encode) | st.just(b'{"address":5}'))
    def test_anything_else(self, body: bytes) -> None:
        """Is put aside."""
        with pytest.raises(Unparseable):
            parse(Raw("chat", "x", body, NOON), "tea")


class TestConversation:
    def test_each_message_once_in_order(self) -> None:
        """What the database has and what happened meanwhile overlap as they like."""
        sent = a_message("a", address=ADDRESS, sent_at=NOON + SECOND, text="hello")
        said = Inbound("tea/chat", f"{ADDRESS}.12345678", "tea", "tea/chat/x", NOON, "hi")
        room = Room(Seconds())
        room.push(Message("12345678", BUYER, NOON, "hi"))
        room.push(a_word(id_of("a")))
        room.push(a_word("new", NOON + 2 * SECOND))
        shown = conversation(Past(said=(said,), sent=(sent,)), room.recent(), ADDRESS)
        assert ["12345678", id_of("a"), "new"] == [message.id for message in shown]
        assert "hello" == shown[1].text

    def test_the_newest_offer_stands(self) -> None:
        """Buttons of the offer that can be answered now; older ones and those that were answered have none."""
        choices = (Choice("later", "Later"),)
        first = a_message("a", address=ADDRESS, sent_at=NOON, choices=choices)
        second = replace(first, id="b", sent_at=NOON + SECOND)
        offered = conversation(Past(sent=(first, second), offered=choices), (), ADDRESS)
        assert [(), choices] == [message.choices for message in offered]
        answered = conversation(Past(sent=(first, second)), (), ADDRESS)
        assert [(), ()] == [message.choices for message in answered]

    def test_who_was_erased_is_forgotten(self) -> None:
        """What we remember from before is not shown, what he said since is."""
        room = Room(Seconds())
        for id_, at in (("1", NOON), ("2", NOON + SECOND)):
            room.push(a_word(id_, at))
        assert ["2"] == [each.id for each in conversation(Past(erased_at=NOON), room.recent(), ADDRESS)]

    def test_changes_count(self) -> None:
        """The last words stand."""
        sent = a_message("a", address=ADDRESS, sent_at=NOON)
        changes = tuple(replace(sent, id=f"{n}", edits="a", text=f"{n}") for n in range(3))
        (shown,) = conversation(Past(sent=(sent,), changes=changes), (), ADDRESS)
        assert ("2", True) == (shown.text, shown.changed)

    def test_ids_tell_nothing(self) -> None:
        """What windows know of a message says nothing of orders, and begins with the chat's address for us."""
        message = a_message("tea/90000001/unpaid_order/unpaid.help", address=ADDRESS)
        assert "90000001" not in known_as(message)
        assert known_as(message).startswith(f"{ADDRESS}.")


def a_word(id_: str, at: Any = NOON) -> Message:
    """Something the shop says."""
    return Message(id_, "shop", at, f"word {id_}")
