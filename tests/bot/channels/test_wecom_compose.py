"""Our messages in WeCom's forms."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.compose import msgid_of, msgid_of_whole, parts_of
from followup.model import Attachment, Choice, Media
from tests.bot.channels.test_contract import a_message

WHY = (Choice("address", "地址不对"), Choice("price", "价格"))


@given(st.text(), st.integers(0, 99))
def test_a_msgid_is_one_that_wecom_takes(id_: str, part: int) -> None:
    """At most 32 of its characters, the same for the same message ever after, and the part tells its whole."""
    msgid = msgid_of(id_, part)
    assert re.fullmatch("[0-9A-Za-z_-]{1,32}", msgid)
    assert msgid_of(id_, part) == msgid
    assert msgid_of(id_) == msgid_of_whole(msgid)


def test_the_msgid_of_a_message_never_changes() -> None:
    """Messages that were sent by an older version are known to the newer."""
    assert "JRWJ7ALJ3KHEWLP6TXQ2ZASA" == msgid_of("tea/1/unpaid_order/unpaid.help")


def test_words_are_a_text() -> None:
    """As they are."""
    (part,) = parts_of(a_message(text="您好\n<b>"))
    assert ("text", {"content": "您好\n<b>"}) == (part.msgtype, part.body)


def test_answers_are_a_menu() -> None:
    """To be tapped under the words."""
    (part,) = parts_of(a_message(text="为什么？", choices=WHY))
    click = [{"type": "click", "click": {"id": choice.id, "content": choice.label}} for choice in WHY]
    assert ("msgmenu", {"head_content": "为什么？", "list": click}) == (part.msgtype, part.body)


def test_a_menu_has_a_shorter_head_than_a_text() -> None:
    """1024 bytes; with one more the answers are numbered, to be typed."""
    (fits,) = parts_of(a_message(text="好" * 341 + "a", choices=WHY))
    (too_long,) = parts_of(a_message(text="好" * 341 + "ab", choices=WHY))
    assert ("msgmenu", "text") == (fits.msgtype, too_long.msgtype)
    assert "好" * 341 + "ab\n1. 地址不对\n2. 价格" == too_long.body["content"]


def test_answers_that_no_menu_takes_are_numbered() -> None:
    """Eleven of them, or one that is too long."""
    eleven = tuple(Choice(str(n), f"c{n}") for n in range(11))
    (many,) = parts_of(a_message(text="?", choices=eleven))
    (long_,) = parts_of(a_message(text="?", choices=(Choice("a", "好" * 43),)))
    assert ("text", "text") == (many.msgtype, long_.msgtype)
    assert many.body["content"].endswith("\n11. c10")


def test_a_text_stays_within_its_length() -> None:
    """Where numbers would make it too long it goes without; a typed number is understood anyway."""
    (part,) = parts_of(a_message(text="好" * 682, choices=WHY))
    assert "好" * 682 == part.body["content"]


def test_files_go_after_the_words_each_under_its_own_msgid() -> None:
    """Pictures as pictures if WeCom takes that kind, films as films, the rest as files."""
    names = {"a.PNG": Media.PHOTO, "b.webp": Media.PHOTO, "c.mp4": Media.VIDEO, "d.pdf": Media.FILE}
    attachments = tuple(Attachment(media, f"/x/{name}") for name, media in names.items())
    parts = parts_of(a_message(attachments=attachments))
    assert ["text", "image", "file", "video", "file"] == [part.msgtype for part in parts]
    assert [None, *(Path("/x") / name for name in names)] == [part.file for part in parts]
    assert 5 == len({part.msgid for part in parts})


def test_what_stands_on_the_web_goes_as_its_address() -> None:
    """Under the words, with its name if it has one: that spares one of five messages."""
    web = (Attachment(Media.FILE, "https://x.example/a", name="说明"),)
    (part,) = parts_of(a_message(text="请看", attachments=web))
    (alone,) = parts_of(a_message(text="", attachments=web))
    assert ("text", {"content": "请看\n说明\nhttps://x.example/a"}) == (part.msgtype, part.body)
    assert {"content": "说明\nhttps://x.example/a"} == alone.body


def test_an_address_that_finds_no_room_goes_by_itself() -> None:
    """After the words and their answers, whole."""
    web = (Attachment(Media.FILE, "https://x.example/a"),)
    parts = parts_of(a_message(text="好" * 682, attachments=web, choices=WHY))
    assert ["好" * 682, "https://x.example/a"] == [part.body["content"] for part in parts]
    assert ["", "1"] == [part.msgid.partition("-")[2] for part in parts]
