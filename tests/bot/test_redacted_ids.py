"""Ids in the log: they can be followed, and nobody is named by them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from telegram import Message

from bot.channels.telegram_parse import identity
from bot.channels.webchat.frames import Say
from bot.channels.webchat.keys import address_of
from bot.channels.webchat.parse import opened_raw, said_raw
from bot.redact import Redactor
from followup.desk.deadlines import Deadline
from followup.events import MessageReceived
from followup.evidence import Evidence
from followup.model import Attachment, Chat, Inbound, Outgoing, Reminder, Task, Thread
from handlers.received import Heard
from tests.bot.channels.test_telegram_parse import a_message
from tests.store.makers import NOON
from tests.stories.shop import SHOP
from tests.stories.talking import GroupShop, photo

REDACTOR = Redactor.knowing([])
WHO = address_of("k" * 43)
FIELDS: dict[type, str] = {
    Thread: "thread",
    Chat: "chat",
    Outgoing: "message",
    Reminder: "reminder",
    Task: "task",
    Evidence: "evidence",
    Deadline: "clock",
}
"""Under which name the log has the id of what."""


@pytest.mark.parametrize(
    "id_",
    [
        "tea/2150938471625380917/unpaid_order",
        "tea/2150938471625380917/unpaid_order/unpaid.help/2",
        "tea/o1/pending_refund",
        "telegram/7",
    ],
)
def test_an_order_is_nobody(id_: str) -> None:
    """The id of a thread of an order, and of what belongs to it, is the one that `huifang why` takes."""
    assert {"thread": id_, "message": id_} == REDACTOR.fields({"thread": id_, "message": id_})


@pytest.mark.parametrize(
    ("id_", "shown", "hidden"),
    [
        ("tea/@王小明/inquiry", "tea/@~661f5/inquiry", "王小明"),
        ("tea/@a/b/inquiry/touch", "tea/@~c93bb/inquiry/touch", "a/b"),
        (
            "tea/2150938471625380917/unpaid_order/reply.received/chat/w-5f0c.b604",
            "tea/2150938471625380917/unpaid_order/reply.received/chat/~40a22",
            "w-5f0c",
        ),
        ("tea/telegram/12345", "tea/telegram/~59944", "12345"),
        ("tea/telegram/12345/paused/tea/o1/unpaid_order", "tea/@~ceeec/unpaid_order", "12345"),
        ("desk/card/tea/@王小明/inquiry/angry", "desk/card/tea/@~661f5/inquiry/angry", "王小明"),
        ("desk/answer/taken/tea/@王小明/inquiry/li", "desk/answer/taken/@~6ea90/inquiry/li", "王小明"),
        ("tea/13800138000/unpaid_order", "tea/@~a6942/unpaid_order", "13800138000"),
    ],
)
def test_a_buyer_becomes_a_few_digits(id_: str, shown: str, hidden: str) -> None:
    """What may name somebody is left out; the digits in its place are the same in every line."""
    line = REDACTOR.fields({"thread": id_, "task": id_})

    assert {"thread": shown, "task": shown} == line
    assert hidden not in str(line)


def says(shop: GroupShop, text: str, *attachments: Attachment) -> None:
    """The buyer writes into the web chat, which names what he says by his address."""
    now = shop.clock.now()
    raw = said_raw(shop.channel, WHO, Say(f"id{now.timestamp():.0f}", text), (), now)
    shop.message(MessageReceived(SHOP, shop.channel, WHO, raw.external_id, text, now, attachments=attachments))


def a_long_story(shop: GroupShop) -> GroupShop:
    """Somebody asks, sends a photo, is promised an answer, calls for a person, and comes back; a group hears of it."""
    for text in ("这个会掉色吗", "图", "叫人来，我要投诉", "在吗"):
        says(shop, text, *([photo("a")] if text == "图" else ()))
        shop.after("1d")
    return shop


def ids(shop: GroupShop) -> Iterator[tuple[str, str]]:
    """The id of everything in a shop, with the name that it has in the log."""
    for cls, name in FIELDS.items():
        yield from ((name, row.id) for row in shop.store.tx.items[cls].values())
    for heard in shop.store.tx.items[Inbound].values():
        yield "event_id", f"{shop.channel}/{heard.external_id}"


@pytest.mark.parametrize("has_ordered", [True, False], ids=["about an order", "about none"])
def test_no_id_of_a_whole_story_shows_where_he_is_written_to(has_ordered: bool) -> None:
    """Many an id that is made on the way holds his address, and none does in the log."""
    shop = GroupShop()
    made = list(ids(a_long_story(shop.order(buyer=WHO).after("15m") if has_ordered else shop)))
    named = {name for name, id_ in made if WHO in id_}

    assert {*FIELDS.values(), "event_id"} == {name for name, _ in made}
    assert {"chat", "message", "task", "reminder", "evidence", "event_id"} <= named
    assert [] == [(name, id_) for name, id_ in made if WHO in str(REDACTOR.fields({name: id_}))]


def test_an_event_can_be_told_from_others_without_its_address() -> None:
    """What a web chat and Telegram hear is named by the chat; the log keeps of it what tells one from another."""
    chat = Message.de_json(a_message(), None)
    said = [said_raw("chat", WHO, Say("id7"), (), NOON), opened_raw("chat", WHO, "token", NOON)]
    shown = [REDACTOR.fields({"event_id": Heard(raw, SHOP).id})["event_id"] for raw in said]
    heard = REDACTOR.fields({"event_id": f"tg/{identity(chat)}"})["event_id"]

    assert f"chat/{_mark(WHO)}.id7" == shown[0]
    assert shown[1].startswith(f"chat/{_mark(WHO)}.open.")
    assert f"tg/{_mark(str(chat.chat.id))}.7.{chat.date.timestamp():.0f}" == heard


def _mark(address: str) -> str:
    """What stands in the place of an address."""
    return str(REDACTOR.fields({"chat": f"tea/chat/{address}"})["chat"]).rpartition("/")[2]
