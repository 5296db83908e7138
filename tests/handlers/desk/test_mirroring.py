"""What a buyer's message costs where people read along, and where they do not; and what of it they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event as sqlalchemy_event

from followup.desk.places import Place
from followup.desk.records import Topic
from followup.events import MessageRecalled, MessageReceived
from followup.model import Attachment, Media, Outgoing, Role, Thread
from followup.ports import Capabilities
from handlers import buyer_message, message_recalled
from store.tx import Tx
from store.wanted import Wanted
from tests.scheduler.shop import NOON, Shop, an_order
from tests.stories.talking import GroupShop, photo

GROUP = "telegram.desk"
PLACE = Place(GROUP, "-100")
CAN = {GROUP: Capabilities(edits=True, largest_photo=100, largest_file=100), "manual": Capabilities()}
UNPAID = "shop/1001/unpaid_order"


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Shop]:
    """Twenty buyers with an unpaid order each, on a database."""
    shop = Shop(sqlite_url)
    shop.learn(*(an_order(number) for number in range(20)))
    yield shop
    shop.store.close()


def with_a_group(shop: Shop) -> Shop:
    """Its people have one."""
    shop.deps = replace(shop.deps, places={"s": PLACE}, capabilities=CAN)
    return shop


def a_message(number: int, text: str = "hello", **more: object) -> MessageReceived:
    return replace(MessageReceived("s", "manual", f"b{number}", f"m{number}", text, NOON), **more)


def handled(shop: Shop, *events: MessageReceived) -> int:
    """Handle them in one commit; how many statements that took."""
    statements: list[str] = []

    def take(tx: object) -> None:
        for event in events:
            buyer_message.buyer_message(event, tx, shop.deps, NOON)  # type: ignore[arg-type]

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    sqlalchemy_event.listen(shop.store.engine, "before_cursor_execute", count)
    shop.store.run(take, Wanted.all_of(map(buyer_message.wanted, events)))
    sqlalchemy_event.remove(shop.store.engine, "before_cursor_execute", count)
    return len(statements)


def topic(shop: Shop, number: int) -> None:
    """Somebody has taken an order, and it is spoken of."""
    about = f"s/o{number}/unpaid_order"

    def take(tx: Tx) -> None:
        thread = tx.get(Thread, about)
        assert thread is not None
        tx.save(replace(thread, agent="li"))
        tx.save(Topic(GROUP, about, str(number + 1), about, NOON))

    shop.store.run(take, Wanted(threads=(about,)))


class TestCost:
    def test_without_a_group_nothing(self, shop: Shop) -> None:
        """A message that nobody waits for costs a shop the same, whoever wrote before."""
        alone = handled(shop, a_message(0))
        assert alone == handled(shop, a_message(1))
        assert alone + 1 == handled(with_a_group(shop), a_message(2))

    def test_with_one_a_statement_for_all_that_come_together(self, shop: Shop) -> None:
        """Whether they are spoken of is read for ten buyers as for one; what waits for people is read in any shop."""
        before = handled(shop, *(a_message(number) for number in range(10)))
        assert before + 1 == handled(with_a_group(shop), *(a_message(number) for number in range(10, 20)))

    def test_nobody_is_shown_what_the_bot_settles_by_itself(self, shop: Shop) -> None:
        """Nothing is written for the group."""
        handled(with_a_group(shop), a_message(0, "I will pay tomorrow"))
        assert [] == [id_ for id_ in shop.states() if id_.startswith("desk/")]

    def test_each_topic_shows_its_own_buyer(self, shop: Shop) -> None:
        """Of three who write in one commit two are spoken of."""
        for number in (0, 1):
            topic(shop, number)
        handled(with_a_group(shop), *(a_message(number, f"I am {number}") for number in range(3)))
        posts = [shop.message(f"desk/mirror/s/manual/m{number}") for number in (0, 1)]
        assert ["s/o0/unpaid_order", "s/o1/unpaid_order"] == [post.about for post in posts]
        assert [True, True] == [f"I am {at}" in post.text for at, post in enumerate(posts)]
        assert "desk/mirror/s/manual/m2" not in shop.states()


def taken() -> GroupShop:
    """小李 has answered 林, so that she reads along."""
    shop = GroupShop().order().after("15m")
    shop.buyer_says("我有个问题，尺码不合适").writes("您好", UNPAID)
    shop.shown(UNPAID)
    return shop


attachments = st.lists(
    st.sampled_from(
        [
            Attachment(Media.PHOTO, "p1"),
            Attachment(Media.PHOTO, "p2", size=10**9),
            Attachment(Media.STICKER, "s1", "😀"),
            Attachment(Media.CARD, "tel:13800001111", "张三"),
            Attachment(Media.FILE, "f1", "a.pdf"),
            Attachment(Media.VOICE, ""),
        ]
    ),
    max_size=1,
).map(tuple)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60), files=attachments)
def test_nothing_he_says_is_lost(text: str, files: tuple[Attachment, ...]) -> None:
    """Whatever he sends, those who read along see it: his words whole, and what came with them or a mark for it."""
    shop = taken()
    shop.sends(text, *files)
    shown = "\n".join(shop.shown(UNPAID))
    assert "".join(text.replace("\0", "\ufffd").split()) in "".join(shown.split())
    for each in files:
        assert f"from:terminal:{each.ref}" in shown or f"[{each.media.value}" in shown


def test_a_long_message_is_shown_whole() -> None:
    """In parts, as the group's channel takes them."""
    shop = taken()
    shop.deps = replace(shop.deps, capabilities={**shop.deps.capabilities, GROUP: Capabilities(longest_text=100)})
    shop.sends("我想说的很多。" * 60)
    posts = shop.shown(UNPAID)
    assert len(posts) > 3
    assert 60 == "".join(posts).count("我想说的很多。")


def test_a_recalled_message() -> None:
    """The topic hears what he took back."""
    shop = taken()
    first = shop.sends("其实是我看错了尺码表")
    shop.shown(UNPAID)
    now = shop.clock.now()
    event = MessageRecalled("shop", shop.channel, "lin", "r1", now, first)
    shop.store.run(lambda tx: message_recalled.message_recalled(event, tx, shop.deps, now))
    shop.after("1s")
    assert ["lin撤回了一条消息：其实是我看错了尺码表"] == shop.shown(UNPAID)


def test_in_the_night_a_card_comes_in_the_morning() -> None:
    """Who has him is not at work: his words stand in the topic, and the task is told of when the shop opens."""
    shop = taken().until("2026-03-02 23:00")
    shop.buyer_says("你们几点上班，尺码还是不对")
    assert [post for post in shop.shown(UNPAID) if "几点上班" in post] == []
    assert None is shop.task("buyer_message").taken_at
    shop.until("2026-03-03 09:01")
    assert 1 == sum("几点上班" in post for post in shop.shown(UNPAID))


def test_photos_of_an_agent_are_no_photos_of_the_buyer() -> None:
    """What people send to a buyer is not shown to them again."""
    shop = taken()
    shop.writes("看图", UNPAID, attachments=(photo("a"),))
    shop.after("5s")
    assert [] == shop.shown(UNPAID)
    assert {Role.REPLY} == {each.role for each in shop.store.tx.items[Outgoing].values() if each.step == "says"}
