"""Which offer comes next."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from followup.after_sales.ladder import Rung, rungs, suggest
from followup.after_sales.model import AfterSale, Branch, Grant, GrantState, Loss, Remedy, Stage
from followup.kinds import Case
from followup.model import Money, Segment
from followup.policy import CompensationPolicy, Policy
from tests.followup.makers import NOON, POLICY, SHOP, a_case


def tried(*remedies: Remedy, loss: Loss = Loss.GOODWILL, state: GrantState = GrantState.DECLINED) -> tuple[Grant, ...]:
    """Offers of two yuan each."""
    thread, money = "shop/1001/after_sales", Money(Decimal(2))
    return tuple(
        Grant(f"{thread}/grant/{number}", thread, SHOP, remedy, loss, money, state, "mei", NOON)
        for number, remedy in enumerate(remedies, 1)
    )


def case(*grants: Grant, segment: Segment = Segment.NEW, stage: Stage = Stage.SOOTHE) -> Case:
    found = a_case("after_sales", segment=segment)
    return replace(found, grants=grants, sale=AfterSale(found.thread.id, SHOP, Branch.QUALITY, stage))


def climbed(loss: Loss, segment: Segment) -> list[Remedy]:
    """The ladder as it is climbed when the buyer takes nothing."""
    path: list[Remedy] = []
    while rung := suggest(case(*tried(*path, loss=loss), segment=segment), loss, POLICY):
        path.append(rung.remedy)
    return path


def test_a_new_buyer_climbs_from_a_coupon() -> None:
    """Coupon, red packet, money (rule 75)."""
    assert [Remedy.COUPON, Remedy.RED_PACKET, Remedy.PARTIAL_REFUND] == climbed(Loss.GOODWILL, Segment.NEW)


def test_who_came_back_gets_a_members_benefit_first() -> None:
    """Fitted to this buyer (rules 6, 75)."""
    assert [Remedy.MEMBER_BENEFIT, Remedy.COUPON, Remedy.RED_PACKET, Remedy.PARTIAL_REFUND] == climbed(
        Loss.GOODWILL, Segment.RETURNING
    )


def test_a_leak_is_mended_with_a_part() -> None:
    """A spare seal in place of the red packet (rule 78)."""
    assert [Remedy.COUPON, Remedy.GIFT, Remedy.PARTIAL_REFUND] == climbed(Loss.LEAK, Segment.NEW)


def test_a_slow_courier_is_soothed_first() -> None:
    """Kind words before anything of value (rule 79); later the ladder."""
    assert Remedy.NONE is suggest(case(stage=Stage.CONTACT), Loss.SLOW_COURIER, POLICY).remedy  # type: ignore[union-attr]
    assert Remedy.COUPON is suggest(case(), Loss.SLOW_COURIER, POLICY).remedy  # type: ignore[union-attr]


def test_what_is_of_no_use_is_refunded() -> None:
    """All of it (rule 76)."""
    assert Rung(Remedy.REFUND, Loss.UNUSABLE, Money(Decimal("89.00"))) == suggest(case(), Loss.UNUSABLE, POLICY)


def test_the_rung_says_how_much_is_left() -> None:
    """What stands counts, for this loss and for the price."""
    given = tried(Remedy.COUPON, state=GrantState.ACCEPTED)
    assert Rung(Remedy.RED_PACKET, Loss.GOODWILL, Money(Decimal(18))) == suggest(case(*given), Loss.GOODWILL, POLICY)


def test_a_cap_used_up_ends_the_ladder() -> None:
    """Then a supervisor has to look."""
    given = tried(Remedy.COUPON, loss=Loss.LEAK, state=GrantState.ACCEPTED)
    assert None is suggest(case(*given), Loss.LEAK, POLICY)
    nothing = Policy(SHOP, compensation=CompensationPolicy(goodwill=Decimal(0)))
    assert None is suggest(case(), Loss.GOODWILL, nothing)


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("segment", Segment)
def test_money_is_never_before_kindness(loss: Loss, segment: Segment) -> None:
    """A partial refund stands last on every ladder that has it."""
    ladder = rungs(loss, segment)
    assert Remedy.PARTIAL_REFUND not in ladder[:-1]
    assert len(set(ladder)) == len(ladder)
