"""Whatever an update of Telegram holds, it is events that can be stored, or means nothing; and never anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels.telegram import Telegram
from bot.channels.telegram_receive import _named
from bot.config_channels import TelegramOptions
from followup.model import Raw
from followup.ports import Unparseable
from handlers.cleaned import cleaned
from scheduler.clock import FakeClock
from tests.bot.channels.test_telegram_parse import CLIP, FILE, LIN, PRIVATE, a_message
from tests.scheduler.shop import NOON

Path = tuple[Any, ...]
MEMBER = {"status": "kicked", "user": {"id": 1, "is_bot": True, "first_name": "Bot"}, "until_date": 0}
BUTTONS = {"inline_keyboard": [[{"text": "明天付", "callback_data": "later"}]]}
PLACE = {"latitude": 31.2, "longitude": 121.4}
UPDATES: list[dict[str, Any]] = [
    {"message": a_message(text="hi", chat={"id": -7, "type": "group", "title": "t"})},
    {"message": a_message(text="/start token")},
    {"message": a_message(photo=[CLIP | {"file_size": 3}], caption="c", media_group_id="G")},
    {"message": a_message(document=FILE)},
    {"message": a_message(location=PLACE, venue={"title": "t", "address": "a", "location": PLACE})},
    {"message": a_message(contact={"phone_number": "1", "first_name": "a", "last_name": "b"})},
    {"edited_message": a_message(text="hi", edit_date=1772353900)},
    {"callback_query": {"id": "Q", "from": LIN, "chat_instance": "c", "data": "later"}},
    {
        "callback_query": {
            "id": "Q",
            "from": LIN,
            "chat_instance": "c",
            "data": "later",
            "message": a_message(text="?", reply_markup=BUTTONS),
        }
    },
    {
        "my_chat_member": {
            "date": 1772353900,
            "chat": PRIVATE,
            "from": LIN,
            "old_chat_member": MEMBER,
            "new_chat_member": MEMBER,
        }
    },
]
MISSING = object()
strange = (
    st.sampled_from([MISSING, None, True, "", "private", "\0", -5, 10**15, 2**63 - 1, 1.5, [], {}, [[{}]], {"id": 1}])
    | st.text(max_size=5)
    | st.integers(-(2**63), 2**63 - 1)
)


def paths(part: Any, path: Path = ()) -> Iterator[Path]:
    """The way to everything in it."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from paths(value, (*path, key))


def changed(part: Any, path: Path, value: Any) -> Any:
    """The same with something else, or nothing, in one place."""
    if not path:
        return value
    copy, (key, *rest) = part.copy(), path
    copy[key] = changed(part[key], tuple(rest), value)
    if copy[key] is MISSING:
        del copy[key]
    return copy


@st.composite
def updates(draw: st.DrawFn) -> Any:
    """An update of which up to three places are not what they should be."""
    update: Any = {"update_id": 1, **draw(st.sampled_from(UPDATES))}
    for _ in range(draw(st.integers(0, 3))):
        update = changed(update, draw(st.sampled_from(list(paths(update)) or [()])), draw(strange))
        if not isinstance(update, dict):
            break
    return update


def wrong(item: Any) -> list[str]:
    """The texts and numbers in it that are none."""
    kinds = {"str": str, "int": int}
    typed = ((each.name, kinds[str(each.type)]) for each in fields(item) if each.type in kinds)
    found = [name for name, kind in typed if type(getattr(item, name)) is not kind]
    return found + [name for each in getattr(item, "attachments", ()) for name in wrong(each)]


def a_channel() -> Telegram:
    """One that reaches nobody."""
    options = TelegramOptions(type="telegram", api_url="http://127.0.0.1:9")
    return Telegram(name="abroad", shop="tea", token="1:x", options=options, clock=FakeClock(NOON))


@settings(max_examples=1500)
@given(updates())
@example({"update_id": 1, "message": a_message(text="hi", **{"from": {**LIN, "first_name": []}})})
def test_a_strange_update_means_nothing(update: Any) -> None:
    """What `parse` makes of it can be stored as it is, or it raises Unparseable."""

    async def parsed() -> None:
        channel = a_channel()
        raw = Raw("abroad", "1", orjson.dumps(update, default=lambda _missing: None), NOON)
        try:
            for event in await channel.parse(raw):
                assert [] == wrong(cleaned(event))
        except Unparseable:
            pass
        finally:
            await channel.close()

    asyncio.run(parsed())


@given(st.binary(max_size=200) | updates().map(lambda update: orjson.dumps(update, default=lambda _missing: None)))
def test_whatever_is_delivered_has_a_name(body: bytes) -> None:
    """The same for the same bytes, short enough for any index."""
    name = _named(body)
    assert (name, True) == (_named(body), 0 < len(name) < 100)
