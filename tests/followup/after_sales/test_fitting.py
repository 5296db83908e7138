"""Moves that fit a case, and moves that would contradict what its buyer was told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.after_sales.fitting import unfit
from followup.after_sales.model import Branch, Remedy
from followup.model import Status
from tests.followup.after_sales.return_cases import a_move, a_return, a_sale
from tests.followup.makers import NOON, an_order, days


def why_not(branch: str, remedy: str, move: str, status: Status = Status.SHIPPED, number: str = "") -> str:
    sale = a_sale(branch=Branch(branch), remedy=Remedy(remedy), return_by=None)
    order = an_order(NOON - days(9), status=status, paid_at=NOON - days(9))
    return unfit(replace(a_return(order=order), sale=sale), a_move(move, number=number))


@pytest.mark.parametrize(
    ("branch", "remedy", "status", "sentence"),
    [
        ("in_transit", "", Status.SIGNED, ""),
        ("recalled", "exchange", Status.SIGNED, ""),
        ("damaged_unsigned", "reissue", Status.SHIPPED, ""),
        ("quality", "", Status.SHIPPED, ""),
        ("quality", "", Status.SIGNED, "the parcel is signed for"),
        ("wrong_goods", "exchange", Status.SHIPPED, "exchange is decided"),
        ("damaged_unsigned", "return_refund", Status.SHIPPED, "return_refund is decided"),
    ],
)
def test_only_what_the_buyer_does_not_hold_is_recalled(branch: str, remedy: str, status: Status, sentence: str) -> None:
    """A recall fits a parcel on its way; goods in his hands come back as a return."""
    said = why_not(branch, remedy, "recalled", status)
    assert bool(sentence) == bool(said)
    assert sentence in said


@pytest.mark.parametrize("number", ["SF1234567890", "yt_12-345", " 123456 ", "A" * 39 + "1"])
def test_tracking_numbers(number: str) -> None:
    """Letters, digits, - and _."""
    assert "" == why_not("missing_item", "reissue", "reissued", number=number)


@pytest.mark.parametrize("number", ["坏号!!", "", "12345", "ABCDEF", "SF 123456", "SF1234５67", "1" * 41, "SF12345\n6"])
def test_what_is_no_tracking_number(number: str) -> None:
    """The buyer would look for it in vain."""
    assert "is no tracking number" in why_not("missing_item", "reissue", "reissued", number=number)


@pytest.mark.parametrize(
    ("branch", "remedy", "fits"),
    [
        ("missing_item", "reissue", True),
        ("wrong_goods", "exchange", True),
        ("missing_item", "", True),
        ("uninvited", "refund", True),
        ("recalled", "refund", True),
        ("missing_item", "refund", False),
        ("quality", "repair", False),
    ],
)
def test_nothing_is_sent_again_beside_another_remedy(branch: str, remedy: str, fits: bool) -> None:
    """Who was promised his money is not told of a new parcel."""
    assert fits is (why_not(branch, remedy, "reissued", number="SF1234567890") == "")
