from __future__ import annotations

import pytest

from bot.orders.cells import Unreadable
from bot.orders.statuses import parcel_status, refund_status, status
from followup.model import ParcelStatus, RefundStatus, Status


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("等待买家付款", Status.UNPAID),
        ("买家已付款，等待卖家发货", Status.PAID),
        ("买家已付款,等待卖家发货", Status.PAID),
        ("买家已付款， 等待卖家发货 ", Status.PAID),
        ("卖家已发货，等待买家确认", Status.SHIPPED),
        ("买家已签收", Status.SIGNED),
        ("交易成功", Status.FINISHED),
        ("交易关闭", Status.CLOSED),
        ("TRADE_CLOSED_BY_TAOBAO", Status.CLOSED_UNPAID),
        ("TRADE_NO_CREATE_PAY", Status.UNPAID),
        ("SELLER_CONSIGNED_PART", Status.SHIPPED),
    ],
)
def test_the_trade_s_words_become_ours(text: str, expected: Status) -> None:
    """Texts with either comma and codes are understood."""
    assert expected == status(text)


@pytest.mark.parametrize("code", ["PAY_PENDING", "PAID_FORBID_CONSIGN"])
def test_nobody_who_paid_is_asked_to_pay(code: str) -> None:
    """An order whose payment is being confirmed, or may not be shipped, is not unpaid."""
    assert Status.PAID == status(code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("买家已经申请退款，等待卖家同意", RefundStatus.REQUESTED),
        ("卖家已经同意退款,等待买家退货", RefundStatus.RETURNING),
        ("卖家拒绝退款", RefundStatus.REFUSED),
        ("退款关闭", RefundStatus.WITHDRAWN),
        ("SUCCESS", RefundStatus.PAID_BACK),
    ],
)
def test_refund_words_become_ours(text: str, expected: RefundStatus) -> None:
    """Texts with either comma and codes of refunds are understood."""
    assert expected == refund_status(text)


@pytest.mark.parametrize("text", ["", "已付定金", "paid"])
def test_an_unknown_word_is_refused_with_examples(text: str) -> None:
    """A status that nobody knows is never guessed."""
    with pytest.raises(Unreadable, match="a trade status such as"):
        status(text)
    with pytest.raises(Unreadable, match="a refund status such as"):
        refund_status(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("运输中", ParcelStatus.ON_ITS_WAY),
        ("已揽收", ParcelStatus.ON_ITS_WAY),
        ("In Transit", ParcelStatus.ON_ITS_WAY),
        ("派送中", ParcelStatus.AT_THE_DOOR),
        ("待取件", ParcelStatus.AT_THE_DOOR),
        ("Out for delivery", ParcelStatus.AT_THE_DOOR),
        ("已签收", ParcelStatus.SIGNED),
        ("Delivered", ParcelStatus.SIGNED),
        ("待签收", ParcelStatus.AT_THE_DOOR),
        ("拒绝签收", ParcelStatus.REFUSED),
        ("退回中", ParcelStatus.RETURNED),
        ("疑难件", ParcelStatus.TROUBLE),
        ("Undelivered", ParcelStatus.TROUBLE),
        ("快件丢失", ParcelStatus.LOST),
        ("待揽收", ParcelStatus.ANNOUNCED),
    ],
)
def test_the_courier_s_words_become_ours(text: str, expected: ParcelStatus) -> None:
    """Chinese and English, and the words that only look like a good end."""
    assert expected == parcel_status(text)


def test_what_no_courier_says_is_refused() -> None:
    """An unknown word is reported, not guessed."""
    with pytest.raises(Unreadable, match="a parcel's status such as"):
        parcel_status("好的")
