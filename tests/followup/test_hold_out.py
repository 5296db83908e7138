"""The comparison group: who is in it, and what it keeps unsaid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.decide import decide_reminder
from followup.effects import Say, Withhold
from followup.hold_out import held_out, in_group
from followup.model import Verdict
from followup.policy import Policy, UnpaidPolicy
from tests.followup.makers import NOON, POLICY, SHOP, a_buyer, a_case, a_reminder, an_order, days, hours

EVERY_SECOND = Policy(SHOP, unpaid=UnpaidPolicy(hold_out=50))
IN, OUT = "1000", "1002"
"""Two order numbers, the first in the group of fifty percent, the second not."""


@pytest.mark.parametrize("percent", [1, 10, 50])
def test_the_group_is_as_large_as_it_was_told_to_be(percent: int) -> None:
    """Of 100,000 orders the stated share is held out, within half a percent."""
    count = sum(in_group(SHOP, f"35{n:017}", percent) for n in range(100_000))
    assert percent - 0.5 <= count / 1000 <= percent + 0.5


def test_an_order_is_in_the_group_on_every_machine_and_day() -> None:
    """The group is told from shop and number alone: these orders are in it for ever."""
    assert ["2", "3", "6", "15"] == [str(n) for n in range(25) if in_group("tea", str(n), 10)]


def test_a_larger_group_keeps_who_was_in_the_smaller_one() -> None:
    """Raising the share adds orders and takes none away; zero holds out nobody, a hundred everybody."""
    numbers = [str(n) for n in range(2000)]
    five, twenty = ({n for n in numbers if in_group(SHOP, n, percent)} for percent in (5, 20))
    assert five < twenty
    assert (0, 2000) == tuple(sum(in_group(SHOP, n, percent) for n in numbers) for percent in (0, 100))


def test_two_shops_have_groups_of_their_own() -> None:
    """The same numbers in another shop fall otherwise."""
    assert [in_group("a", str(n), 50) for n in range(64)] != [in_group("b", str(n), 50) for n in range(64)]


def test_a_reminder_of_the_group_is_not_said_and_says_why() -> None:
    """No words, no time at which to try again, and the size of the group among the reasons."""
    case = a_case("unpaid_order", order=an_order(id=IN))
    (held,) = decide_reminder(case, a_reminder(case, "unpaid.help"), EVERY_SECOND, NOON)
    assert isinstance(held, Withhold)
    assert (Verdict.HELD_OUT, None) == (held.decision.verdict, held.decision.retry_at)
    assert (("percent", "50"),) == next(r.facts for r in held.decision.reasons if r.check == "held_out")


def test_it_is_decided_at_once_even_at_night() -> None:
    """The group does not wait for the morning: who pays meanwhile would be missing in it, and not among the others."""
    case = a_case("unpaid_order", order=an_order(id=IN))
    (held,) = decide_reminder(case, a_reminder(case, "unpaid.help"), EVERY_SECOND, NOON + hours(11))
    assert isinstance(held, Withhold)
    assert Verdict.HELD_OUT is held.decision.verdict


@pytest.mark.parametrize(("order", "policy"), [(OUT, EVERY_SECOND), (IN, POLICY)], ids=["not in the group", "no group"])
def test_everybody_else_is_reminded(order: str, policy: Policy) -> None:
    """An order outside the group, and each where there is none, hears its reminder."""
    case = a_case("unpaid_order", order=an_order(id=order))
    said = decide_reminder(case, a_reminder(case, "unpaid.help"), policy, NOON)[0]
    assert isinstance(said, Say)


def test_other_matters_of_the_same_order_go_on() -> None:
    """Only reminders of unpaid orders are held out: a refund's word is due to the buyer."""
    case = a_case("pending_refund", order=an_order(id=IN, paid_at=NOON))
    said = decide_reminder(case, a_reminder(case, "refund.acknowledge"), EVERY_SECOND, NOON)[0]
    assert isinstance(said, Say)


def test_who_was_answered_keeps_what_he_was_told() -> None:
    """A buyer who wrote and was promised a word at his time gets it, in the group or not (rule 119)."""
    case = a_case("unpaid_order", order=an_order(id=IN))
    assert 50 == held_out(case.thread, 50)
    assert 0 == held_out(replace(case.thread, touches=1), 50)


@pytest.mark.parametrize(
    ("more", "verdict"),
    [({"opted_out_at": NOON - days(1)}, Verdict.OPTED_OUT), ({}, Verdict.HELD_OUT)],
)
def test_a_stop_counts_before_the_group(more: dict[str, object], verdict: Verdict) -> None:
    """Who said stop is in neither half of the comparison."""
    case = a_case("unpaid_order", order=an_order(id=IN), buyer=a_buyer(**more))
    (held,) = decide_reminder(case, a_reminder(case, "unpaid.help"), EVERY_SECOND, NOON)
    assert isinstance(held, Withhold)
    assert verdict is held.decision.verdict
