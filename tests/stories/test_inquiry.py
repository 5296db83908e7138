"""Asked, not ordered: a person answers, one word the next day, and the matter ends by itself (rule 1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.events import buyer_thread_id
from followup.model import Status, Thread
from followup.policy import InquiryPolicy
from followup.ports import Capabilities
from tests.stories.linked import LinkShop
from tests.stories.shop import POLICY, SHOP, Shop, span

ASKS = ["这个会掉色吗", "能便宜点吗", "身高165体重55穿什么码", "多久能到"]


def fate(shop: Shop, buyer: str = "x") -> str:
    """State and outcome of the inquiry of a buyer, "" if there is none."""
    thread = shop.store.tx.get(Thread, buyer_thread_id(SHOP, buyer, "inquiry"))
    return f"{thread.state.value} {thread.outcome}".strip() if thread else ""


@pytest.mark.parametrize("text", ASKS)
def test_a_question_is_answered_by_a_person_and_touched_once(text: str) -> None:
    """He hears by when, the agent has a task; a day after his last word one gentle question, and then it is over."""
    shop = Shop("2026-03-02 10:00").buyer_says(text, "x").does_task("buyer_message").after("14d")
    assert (2, "Tue 10:00 < inquiry.touch") == (len(shop.steps()), shop.story()[-1])
    assert "closed not_ordered" == fate(shop)


def test_the_touch_comes_at_a_polite_hour() -> None:
    """Asked at night, touched the morning after the next."""
    shop = Shop("2026-03-02 23:00").buyer_says(ASKS[0], "x").does_task("buyer_message").after("7d")
    assert "Wed 09:00 < inquiry.touch" == shop.story()[-1]


def test_as_long_as_he_talks_he_is_not_touched() -> None:
    """A day counts from his last word."""
    shop = Shop("2026-03-02 10:00").buyer_says(ASKS[0], "x").does_task("buyer_message")
    shop.after("20h").buyer_says("有黑色的吗", "x").does_task("buyer_message").after("7d")
    assert "Wed 09:00 < inquiry.touch" == shop.story()[-1]


def test_nobody_is_asked_whether_it_helped_before_somebody_answered() -> None:
    """While the promised answer is owed, he hears that we know it, and no "was that helpful?"."""
    shop = Shop("2026-03-02 10:00").buyer_says(ASKS[0], "x").after("10d")
    assert "inquiry.touch" not in shop.steps()


def test_who_orders_is_not_asked_any_more() -> None:
    """The inquiry is settled at once."""
    shop = Shop("2026-03-02 10:00").buyer_says(ASKS[0], "lin").does_task("buyer_message").after("3h").order()
    assert "settled ordered" == fate(shop, "lin")
    shop.pays().after("7d")
    assert "inquiry.touch" not in shop.steps()


def test_news_of_an_old_order_is_no_order() -> None:
    """What he ordered before he asked settles nothing."""
    shop = Shop("2026-03-01 10:00").order(status=Status.FINISHED, paid_at=None).after("1d")
    shop.buyer_says(ASKS[0], "lin").does_task("buyer_message").changes(goods="茶杯").after("2d")
    assert "inquiry.touch" == shop.steps()[-1]


def test_who_does_not_want_it_is_let_go() -> None:
    """A friendly word, no touch."""
    shop = Shop("2026-03-02 10:00").buyer_says(ASKS[0], "x").after("1h").buyer_says("不买了", "x").after("7d")
    assert (["common.details", "inquiry.dropped"], "closed declined") == (shop.steps(), fate(shop))


def test_who_takes_his_time_is_left_alone() -> None:
    """ "Tomorrow maybe": no hurry, and no reminder of something he has not even ordered."""
    shop = Shop("2026-03-02 10:00").buyer_says(ASKS[0], "x").after("1h").buyer_says("过两天再买", "x").after("7d")
    assert ("inquiry.no_hurry", "closed later") == (shop.steps()[-1], fate(shop))


def test_an_answer_to_the_touch_goes_to_a_person() -> None:
    """And he is never touched a second time."""
    shop = Shop("2026-03-02 10:00").buyer_says(ASKS[0], "x").does_task("buyer_message").after("1d 1h")
    shop.tasks()
    shop.buyer_says("还是不太清楚，里面是什么料子", "x")
    assert ["buyer_message"] == shop.tasks()
    shop.does_task("buyer_message").after("14d")
    assert 1 == shop.steps().count("inquiry.touch")


def test_who_asks_every_day_is_not_touched_every_day() -> None:
    """Within a week of the last inquiry a question is answered, and that is all."""
    shop = Shop("2026-03-02 10:00").buyer_says(ASKS[0], "x").does_task("buyer_message").after("6d")
    shop.buyer_says("有黑色的吗", "x").does_task("buyer_message").after("3d")
    assert 1 == shop.steps().count("inquiry.touch")
    shop.after("10d").buyer_says("这款有货吗", "x").does_task("buyer_message").after("2d")
    assert 2 == shop.steps().count("inquiry.touch")


def test_a_question_about_an_order_is_no_inquiry() -> None:
    """Who has something under way most likely asks about it."""
    for shop in (Shop("2026-03-02 10:00").order(), Shop("2026-03-02 10:00").paid_order()):
        shop.after("1m").buyer_says(ASKS[0]).does_task("buyer_message").after("2d")
        assert ("", False) == (fate(shop, "lin"), "inquiry.touch" in shop.steps())


def test_a_shop_may_leave_it() -> None:
    """`touch = false`: the question is answered and nothing follows."""
    policy = replace(POLICY, inquiry=InquiryPolicy(touch=False))
    shop = Shop("2026-03-02 10:00", policy).buyer_says(ASKS[0], "x").after("7d")
    assert (["common.details"], "") == (shop.steps(), fate(shop))


def test_a_stop_ends_it() -> None:
    """One confirmation, then silence."""
    shop = Shop("2026-03-02 10:00").buyer_says(ASKS[0], "x").after("1h").buyer_says("退订", "x").after("7d")
    assert "stop.confirmed" == shop.steps()[-1]


def test_a_closed_window_is_not_broken() -> None:
    """Where only a day is allowed the touch is a person's to make, if anybody's."""
    can = {"terminal": Capabilities(window=span("20h"))}
    shop = Shop("2026-03-02 10:00", capabilities=can).buyer_says(ASKS[0], "x").does_task("buyer_message").after("7d")
    assert ("inquiry.touch" in shop.steps(), "window_closed" in shop.tasks()) == (False, True)


def test_a_stranger_who_turns_out_to_have_ordered() -> None:
    """He asks in a chat that is tied to nothing, orders on the platform, and proves it: settled, nothing asked."""
    shop = LinkShop("2026-03-02 10:00").says(ASKS[0]).does_task("buyer_message").after("2h").order(phone_tail="1234")
    shop.after("1h").opens(token=shop.link())
    thread = shop.store.tx.get(Thread, buyer_thread_id(SHOP, f"{SHOP}/telegram/77", "inquiry"))
    assert thread is not None
    assert ("settled", "lin", "lin") == (thread.state.value, thread.buyer, shop.chat().buyer)
    shop.pays().after("3d")
    assert "inquiry.touch" not in shop.steps()


def test_a_returning_buyer_is_asked_more_warmly() -> None:
    """Rules 5 and 6."""
    shop = Shop("2026-03-01 10:00").order(status=Status.FINISHED, paid_at=Shop("2026-03-01 10:00").clock.now())
    shop.after("1d").buyer_says(ASKS[0]).does_task("buyer_message").after("2d")
    thread = shop.store.tx.get(Thread, buyer_thread_id(SHOP, "lin", "inquiry"))
    assert thread is not None
    assert ("returning", "inquiry.touch") == (thread.segment.value, shop.steps()[-1])


def test_it_is_spoken_of_where_he_asked() -> None:
    """A second chat of his does not hear of it."""
    shop = Shop("2026-03-02 10:00")
    shop.buyer_says(ASKS[0], "x").does_task("buyer_message").linked("telegram", "x").after("3d")
    assert {"terminal"} == {message.channel for message in shop.delivered}
