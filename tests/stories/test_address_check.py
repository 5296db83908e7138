"""Paid orders that are confirmed before they go, and regions to which no courier goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.model import Status
from followup.policy import AddressCheck, AddressPolicy, Policy
from tests.stories.shop import POLICY, Shop


def policy(check: str = "every", **more: object) -> Policy:
    return replace(POLICY, address=replace(AddressPolicy(AddressCheck(check)), **more))  # type: ignore[arg-type]


def paid(check: str = "every", now: str = "2026-03-02 14:00", region: str = "浙江省", **more: object) -> Shop:
    return Shop(now, policy(check, **more)).paid_order(region=region)


def test_one_question_after_the_payment() -> None:
    """What he ordered, the total, where it goes; once, and no word more (rules 3, 4)."""
    shop = paid().after("5d")
    (card,) = shop.heard()
    assert ["Mon 14:00 < address.check"] == shop.story()
    assert all(part in card for part in ("羊毛围巾", "89.00", "浙江省"))


def test_off_means_off() -> None:
    """The default asks nobody."""
    assert [] == Shop().paid_order(region="浙江省").after("5d").steps()


def test_new_buyers_are_asked_and_known_ones_are_not() -> None:
    """The second order of the same buyer goes without a question; another buyer's does not."""
    shop = paid("new_buyers").after("1d").paid_order("1002").paid_order("1003", "mo").after("1d")
    assert [("lin", "1001"), ("mo", "1003")] == [(each.buyer, each.thread.split("/")[1]) for each in shop.delivered]
    assert "closed known_buyer" == shop.fate("address_check", "1002")


@pytest.mark.parametrize("answer", ["1", "都对，按这个发", "好的"])
def test_all_right_settles_it(answer: str) -> None:
    """Tapped, numbered or said."""
    shop = paid().after("10m").buyer_says(answer).after("3d")
    assert (["address.check", "address.thanks"], []) == (shop.steps(), shop.tasks())
    assert "settled all_right" == shop.fate("address_check")


def test_a_change_is_a_person_s_with_the_flag_s_note() -> None:
    """The tap asks what to change; what he then writes reaches the agents in his own words (rules 35, 98, 99)."""
    shop = paid().after("10m").buyer_says("2")
    assert ["address.check", "address.what"] == shop.steps()
    assert ("with_agent change_asked", ["address_change"]) == (shop.fate("address_check"), shop.tasks())
    assert "紫旗" in shop.task("address_change").text
    shop.after("2m").buyer_says("改成上海市徐汇区示例路 1 号")
    assert any("示例路" in shop.task(reason).text for reason in shop.tasks())


def test_a_change_may_be_asked_for_in_words() -> None:
    """He need not tap: the same task, with what he said, and he hears that it is held."""
    shop = paid().after("10m").buyer_says("收货地址写错了，想改一下地址")
    assert ["address.check", "address.noted"] == shop.steps()
    assert "写错了" in shop.task("address_change").text


def test_no_street_and_no_telephone_is_ever_printed() -> None:
    """A source that gives whole addresses gives them away to nobody: not to the buyer's chat, not to a task."""
    whole = "浙江省杭州市西湖区示例路 12 号 3 单元 13812345678"
    shop = paid(region=whole, unserved=frozenset({"浙江"})).after("1h")
    texts = [*shop.heard(), *(shop.task(reason).text for reason in shop.tasks())]
    assert texts
    assert not any("示例路" in text or "1381" in text for text in texts)


def test_in_the_night_it_waits_for_the_morning() -> None:
    """Paid at ten in the evening: asked at once while the buyer is there, at nine if the news comes later."""
    shop = Shop("2026-03-02 22:00", policy())
    paid_at = shop.clock.now()
    shop.after("1h").order(status=Status.PAID, paid_at=paid_at).after("12h")
    assert ["Tue 09:00 < address.check"] == shop.story()
    assert ["Mon 22:00 < address.check"] == paid(now="2026-03-02 22:00").story()


def test_too_late_to_ask_is_not_asked_and_alarms_nobody() -> None:
    """An export of yesterday's orders: nothing is said, and no person is bothered with it."""
    shop = Shop("2026-03-02 14:00", policy())
    shop.order(status=Status.PAID, paid_at=shop.clock.now() - timedelta(hours=13)).after("3d")
    assert ([], []) == (shop.steps(), shop.tasks())


def test_shipped_before_he_answered_ends_it() -> None:
    """What has left is not asked about."""
    shop = paid().after("3h").changes(status=Status.SHIPPED, shipped_at=None).after("1d")
    assert (["address.check"], "settled shipped") == (shop.steps(), shop.fate("address_check"))


def test_who_does_not_answer_is_left_in_peace() -> None:
    """No reminder; when it should have been sent the question is over."""
    shop = paid().after("3d")
    assert (["address.check"], "closed not_answered") == (shop.steps(), shop.fate("address_check"))


def test_an_unserved_region_is_a_task_before_anybody_asks() -> None:
    """Also where nothing is checked: the agents choose a courier, the buyer is told kindly (rules 4, 29)."""
    shop = paid("off", region="西藏自治区", unserved=frozenset({"西藏"})).after("1h")
    assert (["address.unserved"], ["unserved_region"]) == (shop.steps(), shop.tasks())
    assert "西藏" in shop.heard()[0]
    assert "西藏" in shop.task("unserved_region").text


def test_the_news_of_an_unserved_region_is_capped() -> None:
    """Three orders to the same place on one day: one word to the buyer, a task for each (rule 29)."""
    shop = paid("off", region="西藏自治区", unserved=frozenset({"西藏"}))
    shop.paid_order("1002", region="西藏自治区").paid_order("1003", region="西藏自治区").after("5h")
    assert (["address.unserved"], ["unserved_region"] * 3) == (shop.steps(), shop.tasks())


def test_a_late_yes_to_something_else_is_no_yes_to_the_card() -> None:
    """Before the card was seen, "ok" means nothing to it."""
    shop = Shop("2026-03-02 22:00", policy())
    paid_at = shop.clock.now()
    shop.after("1h").order(status=Status.PAID, paid_at=paid_at).buyer_says("好的")
    assert "open" == shop.fate("address_check")
