"""A buyer with several orders names one of them: he is answered about that one, or a person answers."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.shop import Shop

STILL, MOVING = "20260225100100", "20260301100200"


def two_orders() -> Shop:
    """One parcel stands still and is followed up; the other is on its way, and nothing is open about it."""
    shop = Shop("2026-03-02 10:00").paid_order(STILL).paid_order(MOVING)
    shop.parcel("YT1", STILL, moved_at=shop.clock.now() - timedelta(days=5), place="杭州")
    return shop.parcel("YT2", MOVING, place="武汉").after("1h")


def test_where_the_named_parcel_is() -> None:
    """Not where the other one is, though that is what is followed up."""
    shop = two_orders().buyer_says(f"我的快递到哪了，订单{MOVING}")
    said = shop.heard()[-1]
    assert ("common.parcel", True, False) == (shop.steps()[-1], "武汉" in said, "杭州" in said)


def test_without_a_number_it_is_the_one_that_is_followed_up() -> None:
    """What was spoken of last is what he means."""
    shop = two_orders().buyer_says("我的快递到哪了")
    assert ("stuck.where", True) == (shop.steps()[-1], "杭州" in shop.heard()[-1])


def test_what_he_says_of_the_other_order_ends_nothing_here() -> None:
    """He does not want the one of which nothing is open: the other is still asked about, and a person reads it."""
    shop = Shop("2026-03-02 10:00").order("1001").paid_order("1002").after("20m").buyer_says("订单1002我不想要了")
    assert ("open", ["unpaid.help", "reply.received"]) == (shop.thread("unpaid_order").state.value, shop.steps())
    assert ["buyer_message"] == shop.tasks()
