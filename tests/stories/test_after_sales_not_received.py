"""The buyer has not got it and does not want it any more, told as chats (rules 40, 41, 64)."""

from __future__ import annotations

from followup.after_sales.model import Remedy
from followup.causes import Cause
from followup.model import Status
from tests.stories.complaining import CaseShop


def test_not_shipped_the_money_goes_back() -> None:
    """He cancels a paid order; the warehouse looks, the money goes back, and one question closes it."""
    shop = CaseShop("2026-03-02 10:00").unshipped_order().after("2h").buyer_says("取消订单")
    assert ("not_shipped soothe", ["case_not_shipped"]) == (shop.standing(), shop.tasks())
    shop.after("3h").agent_moves("remedy", remedy=Remedy.REFUND).after("1d").refund().after("20h").refund("paid_back")
    shop.after("1h")
    assert ("not_shipped register", ["case_register"]) == (shop.standing(), shop.tasks())
    shop.registers(Cause.BUYER).after("30d")
    assert [
        "Mon 12:00 > 取消订单",
        "Mon 12:00 < sales.not_shipped",
        "Mon 15:00 < sales.remedy_refund",
        "Tue 15:00 < sales.daily_doing",
        "Tue 15:00 < refund.acknowledge",
        "Wed 11:00 < refund.settled",
        "Wed 12:00 < sales.closing",
    ] == shop.story()
    assert "settled registered" == shop.fate("after_sales")


def test_it_left_before_it_could_be_stopped() -> None:
    """The warehouse was too late: the buyer hears so at once and chooses to have it recalled."""
    shop = CaseShop("2026-03-02 10:00").unshipped_order().after("1h").buyer_says("我要退款").after("1h").ships()
    assert ["case_not_shipped", "case_shipped"] == shop.tasks()
    shop.after("5m").taps("case_recall")
    assert [
        "Mon 11:00 > 我要退款",
        "Mon 11:00 < sales.not_shipped",
        "Mon 12:00 < sales.in_transit",
        "Mon 12:05 > (case_recall)",
        "Mon 12:05 < sales.recall_asked",
    ] == shop.story()
    assert ("in_transit soothe", ["case_recall"]) == (shop.standing(), shop.tasks())


def test_in_transit_he_waits_and_all_is_well() -> None:
    """He waits, hears every day where the parcel is, and when it is there whether all is well."""
    shop = CaseShop("2026-03-02 10:00").shipped_order().after("1h").buyer_says("我要退款")
    shop.after("5m").taps("case_wait").after("1d").parcel("YT1111111111", place="杭州").after("1d")
    shop.courier_says("signed").after("10m").taps("all_well").after("1h").registers(Cause.BUYER).after("30d")
    assert [
        "Mon 11:00 > 我要退款",
        "Mon 11:00 < sales.in_transit",
        "Mon 11:05 > (case_wait)",
        "Mon 11:05 < sales.wait_noted",
        "Tue 11:05 < sales.daily_parcel",
        "Wed 11:05 < sales.daily_parcel",
        "Wed 11:05 < sales.arrived",
        "Wed 11:15 > (all_well)",
        "Wed 11:15 < sales.glad",
    ] == shop.story()
    assert "settled registered" == shop.fate("after_sales")
    assert "杭州" in next(text for text in reversed(shop.heard()) if "杭州" in text)


def test_in_transit_he_waits_and_it_comes_broken() -> None:
    """What was waited for arrives damaged: the same case goes on with photos."""
    shop = CaseShop("2026-03-02 10:00").shipped_order().buyer_says("不想要了，申请退款").taps("case_wait")
    shop.after("3h").courier_says("signed").after("5m").buyer_says("收到的围巾破了").after("5m").shows()
    assert ["sales.arrived", "sales.damaged", "sales.shown"] == shop.steps()[-3:]
    assert "damaged_signed soothe" == shop.standing()


def test_recalled_and_back() -> None:
    """He chose the recall; a day later it is back, and the money follows as agreed."""
    shop = CaseShop("2026-03-02 10:00").shipped_order().buyer_says("我要退款").taps("case_recall").after("6h")
    shop.agent_moves("recalled", remedy=Remedy.REFUND).after("1d").refund("paid_back").after("1h")
    assert ["sales.in_transit", "sales.recall_asked", "recalled.refund"] == shop.steps()[:3]
    assert "register" == shop.record().stage
    assert "case_register" in shop.tasks()


def test_who_says_neither_is_asked_once_more_then_a_person() -> None:
    """No answer to wait or recall: one more question a day later, a person the day after, and then peace."""
    shop = CaseShop("2026-03-02 10:00")
    shop.order(status=Status.SHIPPED, paid_at=shop.clock.now()).buyer_says("我要退款").after("3d")
    assert ["sales.in_transit", "sales.again_question"] == shop.steps()
    assert ["case_no_answer"] == shop.tasks()
    assert "with_agent" == shop.fate("after_sales")
    shop.after("60d")
    assert ["sales.in_transit", "sales.again_question"] == shop.steps()


def test_a_refund_that_is_asked_for_has_the_word() -> None:
    """While the refund of the order is followed up, the case says nothing of its own: one word a day."""
    shop = CaseShop("2026-03-02 10:00").unshipped_order().buyer_says("取消订单").after("1h").refund().after("3d")
    assert not [step for step in shop.steps() if step.startswith("sales.daily")]
    assert 3 == len([step for step in shop.steps() if step == "refund.daily"])


def test_a_source_that_tells_nothing_of_shipping_leaves_it_to_a_person() -> None:
    """Paid, and nobody knows whether it left: nothing is guessed and nothing is opened."""
    shop = CaseShop().paid_order().buyer_says("我要退款")
    assert (["reply.received"], ["buyer_message"]) == (shop.steps(), shop.tasks())
    assert None is shop.store.tx.sale("shop/1001/after_sales")


def test_an_order_that_was_closed_is_a_persons_matter() -> None:
    """The order is closed, the money is back: whatever he says now, no procedure begins."""
    shop = CaseShop().unshipped_order().changes(status=Status.CLOSED).buyer_says("取消订单")
    assert None is shop.store.tx.sale("shop/1001/after_sales")
