"""What a compensation may cost, and what it is in the eyes of the review firewall."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from followup.after_sales.compensation import Book, NotAllowed, is_benefit, recheck, uncovered, weigh
from followup.after_sales.model import AfterSale, Branch, Grant, GrantState, Loss, Remedy
from followup.causes import Cause
from followup.model import Money
from followup.policy import CompensationPolicy
from tests.followup.makers import NOON, SHOP

THREAD = "shop/1001/after_sales"
LIMITS = CompensationPolicy()


def yuan(amount: str | int) -> Money:
    return Money(Decimal(amount))


def a_grant(amount: str | int = 2, loss: Loss = Loss.GOODWILL, state: GrantState = GrantState.GRANTED) -> Grant:
    id_ = f"{THREAD}/grant/1"
    return Grant(id_, THREAD, SHOP, Remedy.COUPON, loss, yuan(amount), state, "mei", NOON, answered_by="mei")


def a_book(*grants: Grant, price: str | int = 89, limits: CompensationPolicy = LIMITS) -> Book:
    return Book(yuan(price), grants, limits)


@pytest.mark.parametrize(
    ("loss", "cap", "ceiling"),
    [
        (Loss.USABLE_DAMAGE, "2", "44.50"),
        (Loss.LEAK, "2", "44.50"),
        (Loss.BLEMISH, "2", "44.50"),
        (Loss.SLOW_COURIER, "5", "44.50"),
        (Loss.OUT_OF_STOCK, "10", "44.50"),
        (Loss.GOODWILL, "20", "44.50"),
        (Loss.FREIGHT, "13", "13"),
        (Loss.UNUSABLE, "89", "89"),
    ],
)
def test_caps_and_ceilings(loss: Loss, cap: str, ceiling: str) -> None:
    """Each loss has its cap, above which a supervisor may go up to half the price (rules 76, 78)."""
    book = a_book()
    assert (Decimal(cap), Decimal(ceiling)) == (book.cap(loss), book.ceiling(loss))


def test_half_the_price_is_the_end_even_of_a_cap() -> None:
    """A goodwill of 20 on goods for 9.99: at most 4.99."""
    assert Decimal("4.99") == a_book(price="9.99").cap(Loss.GOODWILL)


def test_what_was_given_counts() -> None:
    """For its own loss against the cap, for all losses together against the price; freight stands apart."""
    book = a_book(a_grant(2, Loss.LEAK), a_grant(13, Loss.FREIGHT))
    assert (Decimal(0), Decimal(2)) == (book.left(Loss.LEAK), book.left(Loss.BLEMISH))
    assert (Decimal("42.50"), Decimal(0)) == (book.left(Loss.LEAK, by_supervisor=True), book.left(Loss.FREIGHT))
    assert Decimal(87) == book.left(Loss.UNUSABLE)


@pytest.mark.parametrize("state", [GrantState.REFUSED, GrantState.DECLINED])
def test_what_was_refused_or_declined_does_not_count(state: GrantState) -> None:
    """The buyer got nothing, so the ladder can be climbed."""
    assert Decimal(2) == a_book(a_grant(2, Loss.LEAK, state)).left(Loss.LEAK)


def test_a_limit_cannot_be_split() -> None:
    """Twice fifteen is more than twenty, whoever asks (rule 10)."""
    book = a_book(a_grant(15, Loss.OUT_OF_STOCK), limits=replace(LIMITS, out_of_stock=Decimal(20)))
    assert GrantState.ASKED is weigh(Remedy.COUPON, Loss.GOODWILL, yuan(15), book, False)
    assert GrantState.GRANTED is weigh(Remedy.COUPON, Loss.GOODWILL, yuan(5), book, False)


def test_above_the_cap_only_a_supervisor_asks() -> None:
    """An agent reads which cap it is and by which rule; a supervisor's request waits for approval."""
    with pytest.raises(NotAllowed, match=r"the cap for leak is 2.00 CNY \(compensation.leak, rules 76 and 78\)"):
        weigh(Remedy.GIFT, Loss.LEAK, yuan(3), a_book(), False)
    assert GrantState.ASKED is weigh(Remedy.GIFT, Loss.LEAK, yuan(3), a_book(), True)


@pytest.mark.parametrize(
    ("loss", "remedy", "amount", "sentence"),
    [
        (Loss.LEAK, Remedy.COUPON, "44.51", "50% of their price, 44.50 CNY"),
        (Loss.UNUSABLE, Remedy.PARTIAL_REFUND, "89.01", "more than the price"),
        (Loss.FREIGHT, Remedy.FREIGHT, "13.01", "compensation.freight"),
    ],
)
def test_nobody_goes_above_the_ceiling(loss: Loss, remedy: Remedy, amount: str, sentence: str) -> None:
    """Not even a supervisor (rule 76)."""
    with pytest.raises(NotAllowed, match=sentence):
        weigh(remedy, loss, yuan(amount), a_book(), True)


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "NaN", "Infinity"])
def test_strange_amounts(amount: str) -> None:
    """An amount is more than nothing, in whole cents."""
    with pytest.raises(NotAllowed, match="an amount is more than nothing"):
        weigh(Remedy.COUPON, Loss.GOODWILL, yuan(amount), a_book(), True)


@pytest.mark.parametrize(
    ("remedy", "loss", "money", "sentence"),
    [
        (Remedy.EXCHANGE, Loss.GOODWILL, yuan(1), "is no compensation"),
        (Remedy.COUPON, Loss.FREIGHT, yuan(1), "rule 52"),
        (Remedy.FREIGHT, Loss.GOODWILL, yuan(1), "rule 52"),
        (Remedy.COUPON, Loss.GOODWILL, Money(Decimal(1), "USD"), "not in USD"),
    ],
)
def test_what_does_not_go_together(remedy: Remedy, loss: Loss, money: Money, sentence: str) -> None:
    """A procedure is no compensation, freight is freight, and a currency is the order's."""
    with pytest.raises(NotAllowed, match=sentence):
        weigh(remedy, loss, money, a_book(), True)


def test_an_approval_is_weighed_again() -> None:
    """What was granted meanwhile may have used up the price."""
    asked = a_grant(40, state=GrantState.ASKED)
    other = replace(a_grant(5), id=f"{THREAD}/grant/2")
    recheck(asked, a_book(asked))
    with pytest.raises(NotAllowed, match="too much by now"):
        recheck(asked, a_book(asked, other))


@pytest.mark.parametrize("remedy", [r for r in Remedy if r is not Remedy.FREIGHT])
def test_benefits_of_the_firewall(remedy: Remedy) -> None:
    """The four of the ladder and money of goodwill; what the buyer has a right to is none (law.md)."""
    first = ("coupon", "member_benefit", "red_packet", "gift", "partial_refund")
    assert (remedy in first) is is_benefit(remedy, None)


@pytest.mark.parametrize(
    ("branch", "cause", "expected"),
    [
        (Branch.QUALITY, Cause.UNKNOWN, False),
        (Branch.NO_REASON, Cause.UNKNOWN, True),
        (Branch.NO_REASON, Cause.PRODUCT, False),
        (Branch.QUALITY, Cause.BUYER, True),
    ],
)
def test_freight_that_is_owed_is_no_benefit(branch: Branch, cause: Cause, expected: bool) -> None:
    """Freight that the shop owes (rule 52) is none; freight that it need not pay is a kindness."""
    assert expected is is_benefit(Remedy.FREIGHT, AfterSale(THREAD, SHOP, branch, cause=cause))


@pytest.mark.parametrize(
    ("amount", "grant", "why"),
    [
        (yuan(2), a_grant(2), ""),
        (yuan(1), a_grant(2), ""),
        (yuan(2), a_grant(2, state=GrantState.ACCEPTED), ""),
        (yuan("2.01"), a_grant(2), "only 2.00 CNY was granted"),
        (Money(Decimal(2), "USD"), a_grant(2), "only 2.00 CNY"),
        (yuan(2), None, "nothing of the kind"),
        (yuan(2), replace(a_grant(2), thread="shop/1002/after_sales"), "nothing of the kind"),
        (yuan(2), a_grant(2, state=GrantState.ASKED), "asked, not granted"),
        (yuan(2), a_grant(2, state=GrantState.REFUSED), "refused, not granted"),
        (yuan(2), a_grant(2, state=GrantState.DECLINED), "declined, not granted"),
        ("2", a_grant(2), "no amount"),
        (None, a_grant(2), "no amount"),
    ],
)
def test_what_covers_words(amount: object, grant: Grant | None, why: str) -> None:
    """Words are said of a grant of this thread that stands, and of no more than it."""
    found = uncovered(amount, grant, THREAD)
    assert bool(why) is bool(found)
    assert why in found
