from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from followup.clusters import REVIEW, Complaint, clusters
from followup.policy import AfterSalesPolicy
from tests.followup.makers import NOON, days

POLICY = AfterSalesPolicy()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def a_complaint(order: str, goods: str = "白瓷茶杯", at: datetime = NOON, about: str = REVIEW) -> Complaint:
    return Complaint(order, goods, at, about)


def test_three_orders_of_the_same_goods_are_a_cluster() -> None:
    """However the name is spelt; the newest spelling is told."""
    told = [a_complaint("1", "白瓷 茶杯", NOON - days(2)), a_complaint("2", "白瓷茶杯 "), a_complaint("3", "白瓷茶杯")]
    [cluster] = clusters(told, POLICY, NOON)
    assert (3, "白瓷茶杯", NOON - days(2)) == (cluster.orders, cluster.goods, cluster.since)


def test_one_order_counts_once() -> None:
    """A case and a bad review of one order, and an angry buyer's three cases, are one order."""
    told = [
        a_complaint("1"),
        a_complaint("1", about="quality"),
        a_complaint("1", about="missing_item"),
        a_complaint("2"),
    ]
    assert [] == clusters(told, POLICY, NOON)


def test_what_is_long_ago_or_of_no_goods_does_not_count() -> None:
    """A week, and only goods that have a name."""
    old = [a_complaint(str(n), at=NOON - days(8)) for n in range(5)]
    unnamed = [a_complaint(str(n), goods=" ") for n in range(5)]
    assert [] == clusters([*old, *unnamed, a_complaint("9")], POLICY, NOON)


def test_the_key_lasts_for_the_week() -> None:
    """The same from Monday to Sunday where the shop is, another one the week after, another one for other goods."""
    [cup] = clusters([a_complaint(str(n)) for n in range(3)], POLICY, NOON)
    [bowl] = clusters([a_complaint(str(n), "碗") for n in range(3)], POLICY, NOON)
    monday = datetime(2026, 3, 2, 0, 0, tzinfo=SHANGHAI)
    keys = [cup.key(monday + days(day), SHANGHAI) for day in (0, 6.99, 7)]
    assert (keys[0], True) == (keys[1], keys[1] != keys[2])
    assert cup.key(monday, SHANGHAI) != bowl.key(monday, SHANGHAI)


@given(st.lists(st.builds(a_complaint, st.sampled_from("123456"), st.sampled_from(["碗", "杯", ""]))))
def test_every_cluster_has_enough_orders_and_only_its_own_goods(told: list[Complaint]) -> None:
    """Whatever the complaints, and in whatever order they come."""
    found = clusters(told, POLICY, NOON)
    assert found == clusters(reversed(told), POLICY, NOON)
    for cluster in found:
        assert cluster.orders >= POLICY.cluster_count
        assert {cluster.goods} == {complaint.goods for complaint in cluster.complaints}
