"""Orders that are not shipped in time: said before the buyer asks, and every day until they go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from followup.model import Money, ParcelStatus, Status
from followup.policy import LateShipmentPolicy
from followup.ports import Capabilities
from tests.stories.shop import POLICY, Shop


def late(now: str = "2026-03-02 11:00", **more: object) -> Shop:
    """An order that was paid at eleven on a Monday and is late since eleven on Wednesday."""
    return Shop(now).paid_order(tells_shipping=True, **more).after("2d")


def ship(shop: Shop) -> Shop:
    return shop.changes(status=Status.SHIPPED, shipped_at=shop.clock.now())


def test_said_before_the_buyer_asks_then_daily_until_it_ships() -> None:
    """Late on Wednesday: an apology with a question, a word on Thursday and Friday, and the news when it goes."""
    shop = ship(late().after("2d 4h")).after("10d")
    assert [
        "Wed 11:00 < late.sorry",
        "Thu 11:00 < late.daily",
        "Fri 11:00 < late.daily",
        "Fri 15:00 < late.shipped",
    ] == shop.story()
    assert ("settled shipped", ["late_shipment"]) == (shop.fate("late_shipment"), shop.tasks())


def test_the_agents_know_first_and_what_to_note() -> None:
    """A task at once, with the order, the goods, since when, and the purple flag's note (rules 22, 98)."""
    text = late().task("late_shipment").text
    assert all(part in text for part in ("1001", "羊毛围巾", "3月4日 11:00", "紫旗"))


def test_every_word_names_the_next_and_none_comes_twice() -> None:
    """Seven daily words, all different, each with the next moment; then a person takes over (rules 43, 119)."""
    shop = late().after("30d")
    texts = shop.heard()
    assert ["late.sorry", *["late.daily"] * 7] == shop.steps()
    assert len(texts) == len(set(texts))
    assert all(f"3月{day}日 11:00" in text for day, text in enumerate(texts[:7], start=5))
    assert ("with_agent", "late_stuck") == (shop.fate("late_shipment"), shop.tasks()[-1])


def test_a_stock_out_is_settled_within_72_hours_or_a_person_is_warned() -> None:
    """Three days late: a second, graver task (rule 27)."""
    shop = late().after("71h")
    assert ["late_shipment"] == shop.tasks()
    assert ["late_overdue"] == shop.after("1h").tasks()


def test_the_news_names_the_parcel_if_it_is_known() -> None:
    """The courier's list comes first: the order counts as shipped, and the buyer reads the number."""
    shop = late().after("1h").parcel("YT8800112233").after("1h")
    assert ("late.shipped", "settled shipped") == (shop.steps()[-1], shop.fate("late_shipment"))
    assert "YT8800112233" in shop.heard()[-1]
    assert "圆通速递" in shop.delivered[-1].text


def test_a_printed_label_is_no_shipment() -> None:
    """A number that no courier has seen leaves the order late (rule 27)."""
    shop = late().parcel("YT8800112233", status=ParcelStatus.ANNOUNCED, moved_at=None).after("1d")
    assert ["late.sorry", "late.daily"] == shop.steps()


def test_the_night_before_it_is_late_nobody_is_woken() -> None:
    """Late at 23:00: the agents know at once, the buyer hears at nine."""
    shop = Shop("2026-03-02 23:00").paid_order(tells_shipping=True).after("2d")
    assert ["late_shipment"] == shop.tasks()
    assert ["Thu 09:00 < late.sorry"] == shop.after("11h").story()


@pytest.mark.parametrize("answer", ["1", "我愿意再等等"])
def test_who_waits_is_thanked_and_told_every_day(answer: str) -> None:
    """One tap, or its number, or its words (rule 22)."""
    shop = late().after("5m").buyer_says(answer).after("1d")
    assert ["late.sorry", "late.waits", "late.daily"] == shop.steps()
    assert "open" == shop.fate("late_shipment")


@pytest.mark.parametrize("answer", ["2", "不等了，取消吧", "我不要了，给我退款"])
def test_who_does_not_wait_has_an_after_sales_case(answer: str) -> None:
    """By a tap or in his own words: a case of its own begins, and nothing more is said of the delay (rules 17, 41)."""
    shop = late().after("5m").buyer_says(answer).after("20h")
    assert ["late.sorry", "sales.not_shipped"] == shop.steps()
    assert ("closed case", "with_agent") == (shop.fate("late_shipment"), shop.fate("after_sales"))


def test_of_two_late_orders_the_tap_ends_the_one_it_was_about() -> None:
    """The question about the second order stands in the chat; the tap is about that one."""
    shop = Shop("2026-03-02 11:00").paid_order("1001", tells_shipping=True).after("1h")
    shop.paid_order("1002", tells_shipping=True).after("3d").buyer_says("2")
    assert ["late.sorry", "late.sorry", "sales.not_shipped"] == [step for step in shop.steps() if step != "late.daily"]
    assert "closed case" == shop.fate("late_shipment", "1002")
    assert "open" == shop.fate("late_shipment", "1001")


def test_a_question_is_answered_at_once_and_no_date_is_named() -> None:
    """Where is it, and hurry: the truth in other words each time, and the agents hear of the hurry (rules 7, 21)."""
    shop = late().after("1h").buyer_says("我的快递到哪了").after("1m").buyer_says("能不能快点发货")
    assert ["late.sorry", "late.where", "late.where"] == shop.steps()
    assert ["late_shipment", "late_pressed"] == shop.tasks()
    first, second = shop.heard()[-2:]
    assert first != second


def test_at_night_a_question_is_answered_all_the_same() -> None:
    """Who asks at eleven in the evening is awake (rule 38)."""
    shop = late().until("2026-03-04 23:00").buyer_says("我的快递到哪了")
    assert "Wed 23:00 < late.where" == shop.story()[-1]


def test_a_source_that_tells_no_shipping_makes_nobody_late() -> None:
    """An export without a status could not say that an order was shipped."""
    shop = Shop("2026-03-02 11:00").paid_order().after("30d")
    assert ([], []) == (shop.steps(), shop.tasks())


def test_the_source_s_own_date_counts_more_than_ours() -> None:
    """A pre-order that is to be sent in a week is late in a week."""
    shop = Shop("2026-03-02 11:00")
    shop.paid_order(tells_shipping=True, ship_by=shop.moment("2026-03-09 10:00")).after("8d")
    assert "Mon 10:00 < late.sorry" == shop.story()[0]


def test_a_new_date_ends_the_delay_and_a_missed_one_begins_it_anew() -> None:
    """The shop and the buyer agree on Friday: silence until then, and an apology in other words if that passes too."""
    shop = late().after("1h")
    shop.changes(ship_by=shop.moment("2026-03-06 10:00")).until("2026-03-06 09:59")
    assert (["late.sorry"], "settled new_date") == (shop.steps(), shop.fate("late_shipment"))
    shop.after("1h")
    texts = [text.splitlines()[0] for text in shop.heard()]
    assert ["late.sorry"] * 2 == shop.steps()
    assert 2 == len(set(texts))


def test_who_asks_for_his_money_hears_of_that_and_no_more_of_the_delay() -> None:
    """The whole price is asked back: the refund is followed instead."""
    shop = late().after("1h").refund().after("1d")
    assert ["late.sorry", "refund.acknowledge", "refund.daily"] == shop.steps()
    assert "settled refund_asked" == shop.fate("late_shipment")


def test_a_refund_taken_back_leaves_a_late_order() -> None:
    """He changed his mind and waits after all: the delay is followed up again."""
    shop = late().after("1h").refund().after("1h").refund("withdrawn").after("1d")
    assert "open" == shop.fate("late_shipment")
    assert ["late_shipment", "late_shipment"] == shop.tasks()


def test_money_for_one_item_of_several_stops_nothing() -> None:
    """The rest is still to be sent."""
    shop = late().after("1h").refund("paid_back", amount=Money(Decimal(9)))
    assert "open" == shop.fate("late_shipment")


def test_an_order_given_up_is_not_announced() -> None:
    """Closed by the shop: no word that it was sent."""
    shop = late().changes(status=Status.CLOSED, closed_at=None).after("10d")
    assert (["late.sorry"], "settled closed") == (shop.steps(), shop.fate("late_shipment"))


def test_what_has_been_late_for_a_month_is_left_alone() -> None:
    """A first import of an old list follows up what is worth it, and leaves the rest."""
    shop = Shop("2026-03-02 11:00")
    month, week = (shop.clock.now() - timedelta(days=days) for days in (33, 7))
    shop.order("1002", status=Status.PAID, tells_shipping=True, created_at=month, paid_at=month)
    shop.order("1003", status=Status.PAID, tells_shipping=True, created_at=week, paid_at=week)
    assert ["late_overdue"] == shop.tasks()
    assert ["late.sorry"] == shop.steps()


def test_a_buyer_with_three_late_orders_hears_once_a_day() -> None:
    """The cap counts over all of them; the agents have a task for each."""
    shop = Shop("2026-03-02 11:00")
    for id_ in ("1001", "1002", "1003"):
        shop.paid_order(id_, tells_shipping=True)
    shop.after("2d 1h")
    assert (["late.sorry"], ["late_shipment"] * 3) == (shop.steps(), shop.tasks())


def test_who_said_stop_hears_nothing_and_the_agents_still_do() -> None:
    """The task is the shop's own."""
    shop = Shop("2026-03-02 11:00").paid_order(tells_shipping=True).buyer_says("退订").after("10d")
    assert ["stop.confirmed"] == shop.steps()
    assert ["late_shipment", "late_overdue"] == shop.tasks()


def test_the_figures_are_the_shop_s() -> None:
    """A day to ship, a word every other day, twice."""
    policy = replace(
        POLICY,
        late_shipment=LateShipmentPolicy(
            ship_within=timedelta(days=1), daily_every=timedelta(days=2), daily_most=2, follow_for=timedelta(days=30)
        ),
    )
    shop = Shop("2026-03-02 11:00", policy).paid_order(tells_shipping=True).after("20d")
    assert ["Tue 11:00 < late.sorry", "Thu 11:00 < late.daily", "Sat 11:00 < late.daily"] == shop.story()


@pytest.mark.parametrize("answer", ["2", "给我取消订单"])
def test_where_no_case_can_be_opened_a_person_cancels(answer: str) -> None:
    """Cash on delivery, nothing was paid: a task with the flag's note, an answer by a time, and no daily word
    (rules 16, 98, 119)."""
    shop = Shop("2026-03-02 11:00").order(status=Status.PAID, tells_shipping=True).after("2d 5m").buyer_says(answer)
    assert ["late.sorry", "late.cancelling"] == shop.steps()
    assert ("with_agent cancel_asked", ["late_shipment", "late_cancel"]) == (shop.fate("late_shipment"), shop.tasks())
    assert "紫旗" in shop.task("late_cancel").text
    assert "3月5日 11:05" in shop.heard()[-1]
    assert "promise.no_news" in shop.after("30h").steps()
    assert "late.daily" not in shop.steps()


def test_the_task_claims_nothing_that_was_not_said() -> None:
    """Without a chat nothing was said to the buyer: the task does not say so, and names the way (rule 22)."""
    shop = Shop("2026-03-02 11:00", channel="telegram", capabilities={"telegram": Capabilities(needs_chat=True)})
    text = shop.paid_order(tells_shipping=True).after("2d").task("late_shipment").text
    assert ([], False, True) == (shop.heard(), "已" in text.partition("备注")[0], "huifang link 1001" in text)


def test_who_has_a_chat_needs_no_link() -> None:
    """Where the buyer can be written to, the task says nothing of a link."""
    assert "huifang link" not in late().task("late_shipment").text
