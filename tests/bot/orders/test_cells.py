from __future__ import annotations

from decimal import Decimal

import pytest

from bot.orders.cells import (
    Memo,
    Unreadable,
    amount,
    amount_if_any,
    bare,
    order_id,
    person,
    phone_tail,
    province,
    words,
)
from followup.model import Money


@pytest.mark.parametrize(
    "text", ["3510000000000000017", '="3510000000000000017"', "'3510000000000000017", "\t3510000000000000017 "]
)
def test_an_order_id_loses_its_wrapping(text: str) -> None:
    """An order id is the same text however the export wrapped it."""
    assert "3510000000000000017" == order_id(text)


@pytest.mark.parametrize("text", ["3.51E+18", "3.51000000000001e+18"])
def test_a_rounded_order_id_is_refused_with_the_reason(text: str) -> None:
    """A number that a spreadsheet rounded is no order id, and the sentence says so."""
    with pytest.raises(Unreadable, match="a spreadsheet rounded this one"):
        order_id(text)


@pytest.mark.parametrize("text", ["", "-", "null", "合计", "35 10", "35\ufffd", "1" * 99])
def test_what_is_no_order_id_is_refused(text: str) -> None:
    """Empty, worded, damaged and endless ids are refused."""
    with pytest.raises(Unreadable):
        order_id(text)


@pytest.mark.parametrize("text", ["", " ", "-", "--", "null", "无退款申请", '=""', "\t"])
def test_every_way_of_leaving_a_cell_empty_is_empty(text: str) -> None:
    """All the exports' words for nothing read as nothing."""
    assert "" == bare(text)
    assert None is amount_if_any("CNY")(text)


@pytest.mark.parametrize(
    ("text", "figure"), [("37", "37"), ("¥1,234.50", "1234.50"), ("￥ 0.5", "0.5"), ("12元", "12"), ("1，234", "1234")]
)
def test_amounts_are_exact(text: str, figure: str) -> None:
    """Currency signs and thousands separators go, the figure stays exact."""
    assert Money(Decimal(figure), "CNY") == amount("CNY")(text)


@pytest.mark.parametrize("text", ["", "-5", "NaN", "Infinity", "1e5", "3,7", "12,34.5", "1_000", "十元", "1" * 13])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """An amount is never guessed: a comma must group thousands, and no exotic number passes."""
    with pytest.raises(Unreadable, match="an amount such as"):
        amount("CNY")(text)


def test_a_zero_is_no_refund() -> None:
    """0.00 paid back is no refund."""
    assert None is amount_if_any("CNY")("0.00")


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("13812341234", "1234"),
        ("'13812341234", "1234"),
        ("138****1234", "1234"),
        ("+86 138 1234 0007", "0007"),
        ("１３８１２３４１２３４", "1234"),
        ("0571-8888 1234", "1234"),
        ("(555) 010-0199", "0199"),
        ("1234", "1234"),
        ("", ""),
        ("-", ""),
        ("123", ""),
        ("138****", ""),
        ("1381234****", ""),
        ("13812341234-5678", ""),
        ("184****1234转5678", ""),
        ("保密", ""),
        ("\ufffd\ufffd", ""),
        ("١٢٣٤", ""),
    ],
)
def test_a_phone_number_ends_in_four_digits_or_is_of_no_use(text: str, tail: str) -> None:
    """The last four, masked or not; a masked end, and a platform's stand-in with an extension, prove nothing."""
    assert tail == phone_tail(text)


def test_a_masked_person_is_nobody() -> None:
    """A mask stands for many people, so it names none."""
    assert "" == person("t**1")
    assert "林晚" == person(" 林晚 ")


def test_a_damaged_name_is_refused() -> None:
    """A name with lost characters would be another person's."""
    with pytest.raises(Unreadable, match="damaged"):
        person("林\ufffd")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("浙江省 示例市 示例区", "浙江省"),
        ("浙江省示例市示例区示例路", "浙江省"),
        ("广西壮族自治区", "广西壮族自治区"),
        ("上海", "上海"),
        ("", ""),
        ("somewhere-far-away-indeed", ""),
    ],
)
def test_of_an_address_only_the_province_is_kept(address: str, expected: str) -> None:
    """The street of a buyer does not get past the reader."""
    assert expected == province(address)


def test_words_are_one_visible_line() -> None:
    """Line breaks, zero-width and NUL characters are gone."""
    assert "棉麻 围裙" == words(" 棉麻\r\n围\u200b裙\0\t")


def test_memo_reads_a_text_once_and_stays_small() -> None:
    """A text is read once, and the memory of it is bounded."""
    seen: list[str] = []

    def read(text: str) -> str:
        seen.append(text)
        return text

    memo = Memo(read, most=2)
    for text in "aabbc":
        memo[text]
    assert ["a", "b", "c"] == seen
    assert 1 == len(memo)
