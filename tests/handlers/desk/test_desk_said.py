"""Whoever writes whatever in the group: it is heard of those who are listed only, and it never breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from followup.desk.records import Topic
from followup.desk.verbs import Verb
from followup.events import DeskSaid, chat_id
from followup.model import Attachment, Chat, Media, Note, Outgoing, Task
from handlers.desk import spot
from handlers.desk.desk_said import desk_said, wanted
from store.wanted import Wanted
from tests.stories.alerting import GROUP
from tests.stories.talking import GroupShop, photo

UNPAID = "shop/1001/unpaid_order"
WORDS = (
    "/take",
    "/接",
    "/give 小王",
    "// 记",
    "/flag purple",
    "/s 退款",
    "/approve",
    "/erase yes",
    "好的",
    "",
    "/",
    "//",
)
texts = st.one_of(st.sampled_from(WORDS), st.text(max_size=40), st.text(max_size=20).map(lambda text: f"/{text}"))
buttons = st.one_of(
    st.just(""),
    st.tuples(st.sampled_from([*Verb, "nonsense"]), st.sampled_from(["", "abcde", "23456"]), st.text(max_size=8)).map(
        lambda parts: f"{parts[0]}:{parts[1]}:{parts[2]}"
    ),
)
files = st.lists(
    st.sampled_from([photo("a"), photo("b"), Attachment(Media.LOCATION, "geo:1,2"), Attachment(Media.OTHER, "")]),
    max_size=3,
).map(tuple)


def a_shop() -> GroupShop:
    """林 asked something, and the group has a card of it."""
    shop = GroupShop().order().after("15m")
    return shop.buyer_says("我有个问题，尺码不合适")


def state(shop: GroupShop) -> tuple[object, ...]:
    """All that could change."""
    return shop.outbox(), shop.open_tasks(), [line for line in shop.store.lines if isinstance(line, Note)], shop.chats()


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Nobody was logged today."""
    spot._stranger.cache_clear()
    yield
    spot._stranger.cache_clear()


@settings(max_examples=150, deadline=None)
@given(text=texts, button=buttons, attachments=files, topic=st.sampled_from(["", "1", "77"]), edits=st.booleans())
def test_nothing_breaks_it(
    text: str, button: str, attachments: tuple[Attachment, ...], topic: str, edits: bool
) -> None:
    """Any text, button and files of somebody listed, anywhere: done, said, or answered. The buyer reads no command."""
    shop = a_shop()
    first = shop.writes("您好", UNPAID) if edits else ""
    shop.writes(text, "", button=button, attachments=attachments, topic=topic, edits=first)
    assert all(not each.text.startswith("/") for each in shop.delivered if each.step == "says")
    assert {"lin", ""} >= {each.buyer for each in shop.outbox()}


@settings(max_examples=80, deadline=None)
@given(text=texts, button=buttons, topic=st.sampled_from(["", "1"]), person=st.sampled_from(["99", "", "14"]))
def test_a_stranger_changes_nothing(text: str, button: str, topic: str, person: str) -> None:
    """Whatever he writes or taps."""
    shop = a_shop()
    before = state(shop)
    shop.writes(text, "", person, button=button, topic=topic)
    assert before == state(shop)


def test_a_stranger_is_logged_once_a_day() -> None:
    """Not for each message, and without what he wrote."""
    shop = a_shop()
    with capture_logs() as logs:
        for _ in range(3):
            shop.writes("我的电话是13800001111", UNPAID, "99")
        shop.after("1d").writes("又来了", UNPAID, "99")
    known = [log for log in logs if log["event"] == "not_listed"]
    assert [{"desk": GROUP, "person": "99", "event": "not_listed", "log_level": "warning"}] * 2 == known
    assert structlog.is_configured() in (True, False)


def test_what_it_wants() -> None:
    """The topic and the message that is answered; outside of topics nothing is read."""
    event = DeskSaid("", GROUP, "11", "g1", "hi", a_shop().clock.now())
    assert Wanted() == wanted(event)
    within = replace(event, topic="7", replies_to="x3")
    assert Wanted(topics=((GROUP, "7"),), receipts=((GROUP, "x3"),)) == wanted(within)


def test_a_shop_that_moved_to_another_group() -> None:
    """What is said in the old group about its buyers is not heard any more."""
    shop = a_shop()
    event = DeskSaid("", "old.desk", "11", "g1", "您好", shop.clock.now(), "5")
    shop.store.run(lambda tx: tx.save(Topic("old.desk", UNPAID, "5", "?", shop.clock.now())))
    shop.store.run(lambda tx: desk_said(event, tx, shop.deps, shop.clock.now()))
    assert [] == [each for each in shop.outbox() if each.step == "says"]


def test_a_topic_that_is_about_nothing_here() -> None:
    """A chat that is gone: who writes there is told that nobody reads it."""
    shop = a_shop()
    gone = chat_id("shop", "terminal", "gone")
    shop.store.run(lambda tx: tx.save(Topic(GROUP, gone, "9", "?", shop.clock.now())))
    shop.writes("您好", gone)
    assert None is shop.store.tx.get(Chat, gone)
    (told,) = shop.shown(gone)
    assert "没有对应的买家会话" in told


def test_a_button_of_an_old_card_reaches_its_task_from_general() -> None:
    """A task is found by its code wherever its button stands."""
    shop = a_shop()
    (task,) = shop.open_tasks()
    card = next(each for each in shop.delivered if each.step == "card")
    code = card.choices[0].id.partition(":")[2]
    shop.writes("", "", button=f"take:{code}")
    found = shop.store.tx.get(Task, task.id)
    assert found is not None
    assert "li" == found.assignee


def test_an_unknown_button() -> None:
    """It says that it is of no use any more."""
    shop = a_shop()
    shop.shown(UNPAID)
    shop.writes("", UNPAID, button="dance:abcde")
    assert 1 == sum("按钮" in post for post in shop.shown(UNPAID, "answer"))


def test_an_answer_comes_once() -> None:
    """The same message again is not answered again."""
    shop = a_shop()
    for _ in range(2):
        shop.writes("/help", "", external_id="same")
    assert 1 == len([each for each in shop.store.tx.items[Outgoing].values() if each.step == "answer"])
