"""Numbers that are taken out of a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.understand.extract import orders_in, tracking_in


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("订单号:2038475610293847 到哪了", ("2038475610293847",)),
        ("订单 A-1001 还没发", ("A-1001",)),
        ("1938475610293847561", ("1938475610293847561",)),
        ("can u check on order #10293", ("10293",)),
        ("where is pedido 5567-2?", ("5567-2",)),
        ("２０３８４７５６１０２９３８４７", ("2038475610293847",)),
        ("电话13912345678", ()),
        ("订单号 123456789012 发错货了", ("123456789012",)),
        ("我买了3个", ()),
        ("tracking number 123456789012345", ()),
    ],
)
def test_finds_order_numbers(text: str, orders: tuple[str, ...]) -> None:
    """What is called an order, and bare numbers as long as a marketplace's, but no phone and no parcel."""
    assert orders == orders_in(text)


@pytest.mark.parametrize(
    ("text", "tracking"),
    [
        ("SF1029384756123 这个查不到", ("SF1029384756123",)),
        ("圆通yt8837261525367", ("YT8837261525367",)),
        ("快递单号是 773012345678901", ("773012345678901",)),
        ("tracking: RA123456789CN", ("RA123456789CN",)),
        ("1Z999AA10123456784 ups", ("1Z999AA10123456784",)),
        ("订单号2038475610293847", ()),
        ("手机13912345678", ()),
        ("快递小哥电话13912345678", ()),
        ("9400111899223100001234", ("9400111899223100001234",)),
    ],
)
def test_finds_tracking_numbers(text: str, tracking: tuple[str, ...]) -> None:
    """A carrier's form, or digits after a word for parcel."""
    assert tracking == tracking_in(text)


@given(st.text(st.sampled_from("0123456789一二十百元块$€# 单号订SFYT.,-")))
def test_never_raises(text: str) -> None:
    """Any jumble of digits and marks is read without an error, and numbers come out as they stand."""
    assert all(any(char.isdigit() for char in each) for each in (*orders_in(text), *tracking_in(text)))
