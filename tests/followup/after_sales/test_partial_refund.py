"""How much goes back, to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.after_sales.partial_refund import Impossible, Item, Split, of_faulty, part_of, shares, spread
from followup.model import Money

CENTS = st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100)
PRICES = st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100)
ITEMS = st.lists(st.builds(Item, st.just("x"), PRICES, st.integers(1, 9), st.booleans()), min_size=1, max_size=8)


def yuan(amount: str) -> Money:
    return Money(Decimal(amount))


def test_paid_100_refund_10() -> None:
    """The buyer enters 10, the seller keeps 90 (rule 63)."""
    assert Split(yuan("100"), yuan("10"), yuan("90")) == part_of(yuan("100"), yuan("10"))


def test_the_faulty_item_takes_its_share_of_coupons_and_freight() -> None:
    """Listed 60 and 40, 20 off, 10 freight: of 90 paid the faulty 40 gets 32 back and 4 of the freight (rule 80)."""
    items = (Item("scarf", Decimal(60)), Item("hat", Decimal(40), faulty=True))
    assert yuan("36.00") == of_faulty(items, yuan("90"), Decimal(10)).refund


def test_all_faulty_gets_all_back() -> None:
    """Nothing stays with the seller."""
    items = (Item("scarf", Decimal("33.33"), faulty=True), Item("hat", Decimal("0.01"), 7, faulty=True))
    assert Decimal(0) == of_faulty(items, yuan("29.99"), Decimal("4.44")).kept.amount


def test_a_cent_is_not_lost() -> None:
    """Ten over three: the first gets the cent that is left."""
    assert (Decimal("3.34"), Decimal("3.33"), Decimal("3.33")) == spread(Decimal(10), [Decimal(1)] * 3)


def test_freight_of_presents_is_shared_evenly() -> None:
    """Items that cost nothing still travelled."""
    parts = shares((Item("a", Decimal(0)), Item("b", Decimal(0), faulty=True)), Decimal(8), Decimal(8))
    assert [Decimal(4), Decimal(4)] == [part.freight for part in parts]


@given(ITEMS, st.integers(0, 100), CENTS)
def test_shares_add_up(items: list[Item], off: int, freight: Decimal) -> None:
    """Whatever was taken off: what was paid, the freight and the coupons each come to their sum, and no share is
    negative or above its item's price."""
    listed = sum((item.amount for item in items), Decimal(0))
    goods = (listed * (100 - off) / 100).quantize(Decimal("0.01"))
    parts = shares(items, goods + freight, freight)
    assert goods == sum(part.paid for part in parts)
    assert freight == sum(part.freight for part in parts)
    assert listed - goods == sum(part.discount for part in parts)
    assert all(Decimal(0) <= part.paid <= part.item.amount + Decimal("0.01") for part in parts)


@given(ITEMS.filter(lambda items: any(item.faulty for item in items)), CENTS)
def test_the_split_adds_up(items: list[Item], freight: Decimal) -> None:
    """Refund and rest are what was paid, and more faulty items never mean a smaller refund."""
    paid = Money(sum((item.amount for item in items), freight))
    split = of_faulty(items, paid, freight)
    assert paid.amount == split.refund.amount + split.kept.amount
    worse = [Item(item.name, item.price, item.count, True) for item in items]
    assert of_faulty(worse, paid, freight).refund.amount >= split.refund.amount


@pytest.mark.parametrize(
    ("items", "paid", "freight", "sentence"),
    [
        ([Item("a", Decimal(10))], "10", "0", "no item is marked as faulty"),
        ([Item("a", Decimal(10), 0, True)], "10", "0", "at least one"),
        ([Item("a", Decimal(-1), 1, True)], "10", "0", "the price of a"),
        ([Item("a", Decimal("1.005"), 1, True)], "1", "0", "two decimals"),
        ([Item("a", Decimal(10), 1, True)], "5", "6", "more than was paid"),
        ([Item("a", Decimal(10), 1, True)], "11", "0", "missing"),
        ([Item("a", Decimal(10), 1, True)], "NaN", "0", "paid"),
    ],
)
def test_impossible_figures(items: list[Item], paid: str, freight: str, sentence: str) -> None:
    """A sentence says what is wrong."""
    with pytest.raises(Impossible, match=sentence):
        of_faulty(items, yuan(paid), Decimal(freight))


@pytest.mark.parametrize(
    ("paid", "refund", "sentence"), [("10", "10.01", "more than was paid"), ("10", "-1", "refund"), ("-1", "0", "paid")]
)
def test_impossible_splits(paid: str, refund: str, sentence: str) -> None:
    """Nobody gets more than he paid, or less than nothing."""
    with pytest.raises(Impossible, match=sentence):
        part_of(yuan(paid), yuan(refund))
    with pytest.raises(Impossible, match="USD"):
        part_of(yuan("1"), Money(Decimal(1), "USD"))
