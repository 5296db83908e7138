"""What updates of Telegram mean, from their JSON alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from bot.channels.telegram import Telegram
from bot.config_channels import TelegramOptions
from followup.events import ChatClosed, ChatOpened, Incoming, MessageReceived
from followup.model import Attachment, Media, Raw
from followup.policy import Policy
from followup.politeness import named_zone
from followup.ports import Unparseable
from followup.understood import Intent
from handlers.understand import understand
from scheduler.clock import FakeClock
from tests.scheduler.shop import NOON

SENT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
AT = int(SENT.timestamp())
LIN = {"id": 501, "is_bot": False, "first_name": "Lin", "last_name": "Mei"}
PRIVATE = {"id": 501, "type": "private", "first_name": "Lin"}
GROUP = {"id": -77, "type": "supergroup", "title": "Tea lovers"}
FILE = {"file_id": "F", "file_unique_id": "f", "file_size": 900, "mime_type": "application/pdf", "file_name": "a.pdf"}
CLIP = {"file_id": "V", "file_unique_id": "v", "duration": 3, "width": 4, "height": 4}


@pytest.fixture
def channel() -> Telegram:
    """A channel that speaks to nobody."""
    options = TelegramOptions(type="telegram", api_url="http://127.0.0.1:9")
    return Telegram(name="abroad", shop="tea", token="1:x", options=options, clock=FakeClock(NOON))


def a_message(**more: Any) -> dict[str, Any]:
    """A message of Lin's in her own chat."""
    return {"message_id": 7, "date": int(SENT.timestamp()), "chat": PRIVATE, "from": LIN, **more}


async def events(channel: Telegram, number: int = 1, **update: Any) -> list[Incoming]:
    """What comes of an update."""
    return list(await channel.parse(a_raw(orjson.dumps({"update_id": number, **update}))))


def a_raw(body: bytes) -> Raw:
    """As it was kept."""
    return Raw("abroad", "1", body, NOON)


async def test_a_text_of_a_buyer(channel: Telegram) -> None:
    """It carries shop, channel, chat, his name, when he sent it, and an id that is the message's, not the update's."""
    (event,) = await events(channel, message=a_message(text="明天付 <b>"))
    assert MessageReceived("tea", "abroad", "501", f"501.7.{AT}", "明天付 <b>", SENT, "Lin Mei") == event


@pytest.mark.parametrize(
    ("content", "attachment"),
    [
        ({"document": FILE}, Attachment(Media.FILE, "F", "a.pdf", "application/pdf", 900)),
        ({"voice": {"file_id": "O", "file_unique_id": "o", "duration": 2}}, Attachment(Media.VOICE, "O")),
        ({"audio": {"file_id": "O", "file_unique_id": "o", "duration": 2}}, Attachment(Media.FILE, "O")),
        ({"video": CLIP}, Attachment(Media.VIDEO, "V")),
        ({"animation": CLIP, "document": FILE}, Attachment(Media.VIDEO, "V")),
        (
            {"sticker": {**CLIP, "type": "regular", "is_animated": False, "is_video": False, "emoji": "👍"}},
            Attachment(Media.STICKER, "V", "👍"),
        ),
        ({"location": {"latitude": 31.2, "longitude": 121.4}}, Attachment(Media.LOCATION, "geo:31.2,121.4")),
        (
            {"contact": {"phone_number": "+8613800000000", "first_name": "Wang"}},
            Attachment(Media.CARD, "tel:+8613800000000", "Wang", "text/vcard"),
        ),
        ({"dice": {"emoji": "🎲", "value": 6}}, Attachment(Media.OTHER, "", "dice")),
        ({"hologram": {"of": "a parcel"}}, Attachment(Media.OTHER, "", "hologram")),
    ],
)
async def test_what_is_no_text_is_an_attachment(
    channel: Telegram, content: dict[str, Any], attachment: Attachment
) -> None:
    """Whatever a buyer sends reaches the shop, even a kind that nobody knows yet; a thumb as a sticker is no word."""
    (event,) = await events(channel, message=a_message(**content))
    assert ("", (attachment,)) == (event.text, event.attachments)


async def test_of_a_photo_the_largest_size_is_taken(channel: Telegram) -> None:
    """With its caption as the text."""
    sizes = [
        {"file_id": f"P{n}", "file_unique_id": f"p{n}", "width": n, "height": n, "file_size": n} for n in (90, 1280)
    ]
    (event,) = await events(channel, message=a_message(photo=sizes, caption="破了"))
    assert ("破了", (Attachment(Media.PHOTO, "P1280", mime="image/jpeg", size=1280),)) == (
        event.text,
        event.attachments,
    )


async def test_an_album_is_one_message(channel: Telegram) -> None:
    """Each photo after the first is an edit of the first's message, with all photos so far and the caption."""

    async def photo(number: int, **more: Any) -> MessageReceived:
        size = {"file_id": f"P{number}", "file_unique_id": "p", "width": 1, "height": 1}
        message = a_message(photo=[size], media_group_id="G", **more)
        (event,) = await events(channel, number, message={**message, "message_id": number})
        assert isinstance(event, MessageReceived)
        return event

    first, second, third = await photo(1, caption="破了"), await photo(2), await photo(3)
    assert [f"501.{n}.{AT}" for n in (1, 2, 3)] == [each.external_id for each in (first, second, third)]
    assert ["", f"501.1.{AT}", f"501.1.{AT}"] == [each.edits for each in (first, second, third)]
    assert ["破了"] * 3 == [each.text for each in (first, second, third)]
    assert [["P1"], ["P1", "P2"], ["P1", "P2", "P3"]] == [
        [one.ref for one in each.attachments] for each in (first, second, third)
    ]
    assert third == await photo(3)


async def test_after_a_restart_the_rest_of_an_album_is_a_message_of_its_own(channel: Telegram) -> None:
    """Which photo was the first is not known any more; nothing is lost."""
    size = {"file_id": "P", "file_unique_id": "p", "width": 1, "height": 1}
    photos = [a_message(photo=[size], media_group_id="G") | {"message_id": n} for n in (1, 2, 3)]
    await events(channel, 1, message=photos[0])
    after = Telegram(name="abroad", shop="tea", token="1:x", options=channel._options, clock=FakeClock(NOON))
    second, third = [event for n in (1, 2) for event in await events(after, n, message=photos[n])]
    assert isinstance(second, MessageReceived)
    assert isinstance(third, MessageReceived)
    assert ("", 1) == (second.edits, len(second.attachments))
    assert (second.external_id, 2) == (third.edits, len(third.attachments))


async def test_two_albums_stay_apart(channel: Telegram) -> None:
    """Another buyer's album with the same number is another album."""
    size = {"file_id": "P", "file_unique_id": "p", "width": 1, "height": 1}
    await events(channel, 1, message=a_message(photo=[size], media_group_id="G"))
    other = a_message(photo=[size], media_group_id="G", chat={"id": 502, "type": "private"})
    (event,) = await events(channel, 2, message=other)
    assert "" == event.edits


@pytest.mark.parametrize(("text", "token"), [("/start", ""), ("/start aB-_9", "aB-_9"), ("/start@lab_bot x", "x")])
async def test_start_opens_the_chat(channel: Telegram, text: str, token: str) -> None:
    """With the token of the link that was followed."""
    (event,) = await events(channel, message=a_message(text=text))
    assert ChatOpened("tea", "abroad", "501", f"501.7.{AT}", SENT, token, sender_name="Lin Mei") == event


@pytest.mark.parametrize("text", ["/stop", "/STOP", "/stop@lab_bot"])
async def test_stop_means_stop(channel: Telegram, text: str) -> None:
    """However it is written, and whatever the buyer's language."""
    (event,) = await events(channel, message=a_message(text=text))
    assert "/stop" == event.text
    zone = named_zone("Asia/Shanghai")
    assert Intent.STOP is understand(event.text, NOON, zone, Policy("tea").lang).intent


async def test_an_edit_is_a_new_fact_about_the_old_message(channel: Telegram) -> None:
    """It has an id of its own, which is the same when it arrives again, and names the message it replaces."""
    edited = a_message(text="后天付", edit_date=int(SENT.timestamp()) + 60)
    (event,) = await events(channel, 9, edited_message=edited)
    assert (f"501.7.{AT}.9", f"501.7.{AT}", "后天付", 60) == (
        event.external_id,
        event.edits,
        event.text,
        (event.at - SENT).total_seconds(),
    )


async def test_a_tapped_button_is_a_choice(channel: Telegram) -> None:
    """Its text is what stands on the button; the time is when it arrived, for Telegram tells none."""
    buttons = {
        "inline_keyboard": [[{"text": "明天付", "callback_data": "later"}, {"text": "不要", "callback_data": "no"}]]
    }
    tapped = {"id": "Q1", "from": LIN, "chat_instance": "c", "data": "later"}
    with_message = {**tapped, "message": {**a_message(text="?"), "reply_markup": buttons}}
    (event,) = await events(channel, callback_query=with_message)
    expected = MessageReceived("tea", "abroad", "501", "tap.Q1", "明天付", NOON, "Lin Mei", choice="later")
    assert expected == event
    (bare,) = await events(channel, callback_query=tapped)
    assert ("later", "later") == (bare.choice, bare.text)
    await channel.close()


@pytest.mark.parametrize(("before", "after"), [("member", "kicked"), ("kicked", "member")])
async def test_a_block_and_its_end(channel: Telegram, before: str, after: str) -> None:
    """The chat closes, or opens again without asking for a greeting."""

    def member(status: str) -> dict[str, Any]:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": {"id": 1, "is_bot": True, "first_name": "Bot"}, **until}

    change = {"date": int(SENT.timestamp()), "chat": PRIVATE, "from": LIN}
    change |= {"old_chat_member": member(before), "new_chat_member": member(after)}
    closed = ChatClosed("tea", "abroad", "501", "member.4", SENT, error="blocked by the buyer")
    opened = ChatOpened("tea", "abroad", "501", "member.4", SENT, sender_name="Lin Mei", greet=False)
    assert [closed if after == "kicked" else opened] == await events(channel, 4, my_chat_member=change)
    assert [] == await events(channel, 5, my_chat_member={**change, "chat": GROUP})


async def test_in_a_group_the_buyer_is_the_address_and_the_group_the_room(channel: Telegram) -> None:
    """So that nothing of his orders is said before others."""
    (event,) = await events(channel, message=a_message(text="在吗", chat=GROUP))
    assert ("501", "-77", f"-77.7.{AT}") == (event.address, event.room, event.external_id)


@pytest.mark.parametrize(
    "update",
    [
        {"message": a_message(text="hi", **{"from": {**LIN, "is_bot": True}})},
        {"channel_post": a_message(text="hi", chat={**GROUP, "type": "channel"})},
        {"message": a_message(chat=GROUP, migrate_to_chat_id=-78)},
        {"message": a_message(chat=GROUP, text="/start x")},
        {"message": a_message(chat=GROUP, new_chat_members=[LIN])},
        {"poll_answer": {"poll_id": "1", "user": LIN, "option_ids": [0], "option_persistent_ids": ["a"]}},
        {"something_of_next_year": {}},
    ],
    ids=lambda update: str(next(iter(update))),
)
async def test_what_does_not_concern_us_is_nothing(channel: Telegram, update: dict[str, Any]) -> None:
    """Bots, channels, groups that move or fill, kinds nobody asked for."""
    assert [] == await events(channel, **update)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[1]",
        b"{}",
        b'{"update_id": "x"}',
        b'{"update_id": 1, "message": 5}',
        b'{"update_id": 1, "message": {"text": "hi"}}',
        b'{"update_id": 1, "message": {"message_id": 1, "date": "yesterday", "chat": {"id": 1, "type": "private"}}}',
        b'{"update_id": 1, "callback_query": {"id": "1", "from": {"id": 1}, "chat_instance": "c"}}',
        b'{"update_id": 1, "message": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    ],
    ids=lambda body: str(body[:40]),
)
async def test_what_means_nothing_is_said_to_be_so(channel: Telegram, body: bytes) -> None:
    """Strange bytes raise `Unparseable` and nothing else."""
    with pytest.raises(Unparseable):
        await channel.parse(a_raw(body))


async def test_the_same_number_of_another_bot_is_another_message(channel: Telegram) -> None:
    """Each bot counts its messages from one; whoever exchanges the bot of a channel loses nothing."""
    before = await events(channel, message=a_message(text="to the old bot"))
    after = await events(channel, message=a_message(text="to the new bot") | {"date": AT + 3600})
    assert 2 == len({event.external_id for event in (*before, *after) if isinstance(event, MessageReceived)})


async def test_a_person_without_a_name(channel: Telegram) -> None:
    """A deleted account has none."""
    (event,) = await events(
        channel, message=a_message(text="hi", **{"from": {**LIN, "first_name": "", "last_name": ""}})
    )
    assert isinstance(event, MessageReceived)
    assert "" == event.sender_name


async def test_half_a_surrogate_pair_becomes_a_question_mark(channel: Telegram) -> None:
    """No database keeps one, and the rest of the text counts."""
    body = orjson.dumps({"update_id": 1, "message": a_message(text="a~b 😀")}).replace(b"~", rb"\ud83d")
    (event,) = await channel.parse(a_raw(body))
    assert "a?b 😀" == event.text
