"""Orders of the comparison group: silence where others are reminded, an answer for everybody who writes."""

from __future__ import annotations

from dataclasses import replace

from bot.desk import words
from bot.why import because
from followup.model import Verdict
from followup.policy import UnpaidPolicy
from store.memory import MemoryStore
from tests.stories.shop import POLICY, Shop

HALF = replace(POLICY, unpaid=UnpaidPolicy(hold_out=50))
IN, OUT = "1000", "1002"


def a_shop(now: str = "2026-03-02 14:00") -> Shop:
    return Shop(now, policy=HALF)


def test_of_two_orders_one_is_reminded() -> None:
    """The one outside the group is helped and called, the other hears nothing; both are reported when they close."""
    shop = a_shop().order(OUT, "lin").order(IN, "mo").after("7d")
    assert ["Mon 14:15 < unpaid.help", "Tue 14:15 < unpaid.last_call"] == shop.story()
    assert ("given_up not_paid", "given_up not_paid") == (shop.fate("unpaid_order", IN), shop.fate("unpaid_order", OUT))
    assert ["unpaid_lost", "unpaid_lost"] == shop.tasks()


def test_the_decision_is_kept_and_explained() -> None:
    """One verdict, once, which `huifang why` tells in the agents' words."""
    shop = a_shop().order(IN).after("7d")
    (decided,) = [line for line in shop.decided() if line.step == "unpaid.help"]
    assert Verdict.HELD_OUT is decided.decision.verdict
    assert "对照组" in because(decided, POLICY.zone, words("zh-CN"))
    assert "in the comparison group: not reminded (50%" in because(decided, POLICY.zone, words("en"))
    assert [] == shop.verdicts("unpaid.last_call")


def test_who_writes_is_answered_and_his_time_is_kept() -> None:
    """ "Tomorrow": he is answered at once and hears the one word that he was promised, though his order is held out."""
    shop = a_shop().order(IN).after("20m").buyer_says("明天付").after("3d")
    assert ["later.noted", "unpaid.last_call"] == shop.steps()


def test_a_time_named_before_the_first_reminder_is_kept_too() -> None:
    """He wrote within the first minutes: the reminder that he was promised goes."""
    shop = a_shop().order(IN).after("5m").buyer_says("明天付").after("3d")
    assert ["later.noted", "unpaid.help", "unpaid.last_call"] == shop.steps()[:3]


def test_paying_ends_it_as_ever() -> None:
    """A held out order that is paid is settled, and nobody is alarmed."""
    shop = a_shop().order(IN).after("1d").pays(IN).after("7d")
    assert ("settled paid", [], []) == (shop.fate("unpaid_order", IN), shop.tasks(), shop.story())


def test_everything_else_about_the_order_is_said() -> None:
    """Its refund is acknowledged and followed: the group is about unpaid orders alone."""
    shop = a_shop().order(IN).after("1d").pays(IN).refund(order=IN).after("1m")
    assert ["refund.acknowledge"] == shop.steps()


def test_without_a_group_nobody_is_held_out() -> None:
    """The default reminds every order."""
    shop = Shop().order(IN).order("1001", "mo").after("1h")
    assert isinstance(shop.store, MemoryStore)
    assert {Verdict.SENT} == {line.decision.verdict for line in shop.decided()}
