"""What the register says of a matter, and what counts as a loss (rules 82, 105)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from followup.after_sales.model import AfterSale, Branch, Grant, GrantState, Loss, Remedy
from followup.causes import Cause
from followup.desk.register import Registered, What, losses_of
from followup.model import Money, Parcel, ParcelStatus, RefundStatus, Task, TaskState
from tests.followup.makers import NOON, SHOP, a_case, a_refund, an_order, days, hours

CASE = a_case("after_sales").thread
ORDER = an_order()
PARCEL = Parcel(SHOP, "YT1", "1001", ParcelStatus.ON_ITS_WAY, NOON, NOON, "圆通", moved_at=NOON + hours(1))
LOST = replace(PARCEL, status=ParcelStatus.LOST)


def a_matter(**more: Any) -> Registered:
    return replace(Registered(CASE, "lin", ORDER, parcels=(PARCEL,)), **more)


def a_sale(branch: Branch, cause: Cause = Cause.UNKNOWN) -> AfterSale:
    return AfterSale(CASE.id, SHOP, branch, cause=cause)


def a_grant(amount: str, loss: Loss = Loss.GOODWILL, state: GrantState = GrantState.GRANTED) -> Grant:
    return Grant("g", CASE.id, SHOP, Remedy.RED_PACKET, loss, Money(Decimal(amount)), state, "li", NOON)


def a_claim(state: TaskState, reason: str = "courier_claim") -> Task:
    return Task("t", SHOP, CASE.id, reason, "", NOON, state)


def lost(matter: Registered, since: float = 0, until: float = 30) -> list[tuple[str, str]]:
    return [(each.what.value, each.number) for each in losses_of(matter, NOON + days(since), NOON + days(until))]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"parcels": (LOST,)}, [("lost", "YT1")]),
        ({"sale": a_sale(Branch.DAMAGED_SIGNED)}, [("damaged", "YT1")]),
        ({"sale": a_sale(Branch.DAMAGED_UNSIGNED, Cause.COURIER)}, [("damaged", "YT1")]),
        ({"sale": a_sale(Branch.DAMAGED_SIGNED, Cause.WAREHOUSE)}, []),
        ({"sale": a_sale(Branch.MISSING_ITEM, Cause.COURIER)}, [("lost", "YT1")]),
        ({"sale": a_sale(Branch.MISSING_ITEM, Cause.COURIER), "parcels": (LOST,)}, [("lost", "YT1")]),
        ({"sale": a_sale(Branch.WRONG_GOODS)}, [("wrong", "YT1")]),
        ({"sale": a_sale(Branch.SURPLUS_GOODS), "parcels": ()}, [("wrong", "")]),
        ({"sale": a_sale(Branch.QUALITY)}, []),
        ({"grants": (a_grant("5", Loss.SLOW_COURIER),)}, [("slow", "YT1")]),
        ({"grants": (a_grant("5", Loss.SLOW_COURIER, GrantState.ASKED),)}, []),
        ({"tasks": (a_claim(TaskState.OPEN),)}, [("returned", "YT1")]),
    ],
)
def test_what_counts_as_a_loss(more: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Lost, damaged on the way, slow with a compensation, sent back; and wrong goods, which are the shop's own."""
    assert expected == lost(a_matter(**more))


def test_only_what_happened_in_the_month_counts() -> None:
    """The rest stands in the list of its own month."""
    matter = a_matter(sale=a_sale(Branch.DAMAGED_SIGNED))
    assert ([], [("damaged", "YT1")], []) == (lost(matter, 1), lost(matter), lost(matter, -9, 0))


def test_a_lost_parcel_costs_what_was_paid_back_else_its_price() -> None:
    """As long as nothing was paid back its price is what can be claimed."""
    back = a_refund(status=RefundStatus.PAID_BACK, amount=Money(Decimal(80)), settled_at=NOON + hours(1))
    ((first,), (second,)) = (
        losses_of(a_matter(parcels=(LOST,), refunds=refunds), NOON, NOON + days(1)) for refunds in ((), (back,))
    )
    assert (Decimal("89.00"), Decimal(80)) == (first.amount.amount, second.amount.amount)  # type: ignore[union-attr]


@pytest.mark.parametrize("state", [TaskState.OPEN, TaskState.DONE, None])
def test_whether_it_was_claimed_stands_beside_it(state: TaskState | None) -> None:
    """The task of the claim, as it stands."""
    tasks = (a_claim(state, "parcel_lost"),) if state else ()
    (found,) = losses_of(a_matter(parcels=(LOST,), tasks=tasks), NOON, NOON + days(1))
    assert (What.LOST, state) == (found.what, found.claim)


def test_of_wrong_goods_nothing_is_claimed() -> None:
    """No courier is to blame."""
    (found,) = losses_of(a_matter(sale=a_sale(Branch.WRONG_GOODS)), NOON, NOON + days(1))
    assert (True, None, "") == (found.what.is_ours, found.claim, found.cause)


def test_money_counts_once_it_was_told() -> None:
    """What was asked for and refused is no cost; what was paid back before the matter began is another's."""
    before = a_refund(status=RefundStatus.PAID_BACK, settled_at=NOON - days(1))
    pending = a_refund(id="R2")
    grants = (a_grant("5"), a_grant("9", state=GrantState.REFUSED))
    matter = a_matter(grants=grants, refunds=(before, pending))
    assert (Money(Decimal(5)), None) == (matter.granted, matter.refunded)


def test_days_are_counted_to_the_end_or_to_now() -> None:
    """With one decimal."""
    closed = a_matter(thread=replace(CASE, closed_at=CASE.opened_at + hours(36)))
    assert (Decimal("1.5"), Decimal("2.0")) == (closed.days(NOON), a_matter().days(CASE.opened_at + days(2)))


def test_people_are_named_once_and_the_bot_never() -> None:
    """Who took it, answered its tasks, asked for a compensation."""
    tasks = (replace(a_claim(TaskState.DONE), closed_by="wang"), replace(a_claim(TaskState.DONE), closed_by="huifang"))
    matter = a_matter(thread=replace(CASE, agent="li"), tasks=tasks, grants=(a_grant("5"),))
    assert ("li", "wang") == matter.people
