"""Sums of money and weights that are taken out of a message."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.understood import Amount
from handlers.understand.measures import amounts_in, weights_in


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("退我20块吧", [("20", "CNY")]),
        ("¥12.50 还是 13元", [("12.50", "CNY"), ("13", "CNY")]),
        ("赔我二十块", [("20", "CNY")]),
        ("一百五十元", [("150", "CNY")]),
        ("一千二百块", [("1200", "CNY")]),
        ("十块钱", [("10", "CNY")]),
        ("差5块5", [("5.5", "CNY")]),
        ("退5块5毛", [("5.5", "CNY")]),
        ("三元八角", [("3.8", "CNY")]),
        ("就3毛钱", [("0.3", "CNY")]),
        ("退一块五", [("1.5", "CNY")]),
        ("20块3个", [("20", "CNY")]),
        ("I paid $1,299.00 for it", [("1299.00", "USD")]),
        ("10 euros o 15€", [("10", "EUR"), ("15", "EUR")]),
        ("买三个", []),
        ("块块都碎了", []),
        ("碎成两块", []),
        ("两单一块发", []),
        ("元旦前到吗", []),
    ],
)
def test_finds_sums_of_money(text: str, amounts: list[tuple[str, str]]) -> None:
    """Sums with a sign or word of a currency, in digits or Chinese numerals, with their tenths."""
    assert tuple(Amount(Decimal(value), currency) for value, currency in amounts) == amounts_in(text)


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("称了才320克", ["320"]),
        ("0.32kg", ["320"]),
        ("只有半斤", ["250"]),
        ("2斤3两", ["1150"]),
        ("一斤半", ["750"]),
        ("四百五十克", ["450"]),
        ("三公斤", ["3000"]),
        ("200g of 1,200 g", ["200", "1200"]),
        ("7 oz", ["198.4465"]),
        ("son 500 gramos", ["500"]),
        ("5g手机", []),
        ("8G内存", []),
        ("200gb", []),
        ("两个", []),
    ],
)
def test_finds_weights(text: str, grams: list[str]) -> None:
    """What a buyer reads off the scales, in grams (rule 58); no network and no memory."""
    assert tuple(map(Decimal, grams)) == weights_in(text)


@given(st.text(st.sampled_from("0123456789一二两十百千半元块毛角斤克gkozlb$€ .,")))
def test_never_raises(text: str) -> None:
    """Any jumble of digits, numerals and units is read without an error, and nothing is below zero."""
    assert all(each.value >= 0 for each in amounts_in(text))
    assert all(each >= 0 for each in weights_in(text))
