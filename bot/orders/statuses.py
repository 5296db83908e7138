"""The trade's words for where an order or a refund stands, and ours."""

from __future__ import annotations

import re

from bot.orders.cells import Unreadable, words
from followup.model import ParcelStatus, RefundStatus, Status

CLOSED_BECAUSE_UNPAID = "买家未付款"

_STATUS = {
    "没有创建支付宝交易": Status.UNPAID,
    "等待买家确认货到付款订单信息": Status.UNPAID,
    "等待买家付款": Status.UNPAID,
    "买家已付款，等待卖家发货": Status.PAID,
    "买家已确认，等待卖家发货": Status.PAID,
    "卖家部分发货": Status.SHIPPED,
    "卖家已发货，等待买家确认": Status.SHIPPED,
    "卖家已发货，等待买家确认收货": Status.SHIPPED,
    "卖家已发货，等待买家确认收货并付款": Status.SHIPPED,
    "买家已签收": Status.SIGNED,
    "买家已签收，回款至卖家": Status.SIGNED,
    "交易成功": Status.FINISHED,
    "交易关闭": Status.CLOSED,
    "交易被淘宝关闭": Status.CLOSED_UNPAID,
    "TRADE_NO_CREATE_PAY": Status.UNPAID,
    "WAIT_BUYER_PAY": Status.UNPAID,
    # The bank is still confirming: whoever has just paid must not be asked to pay.
    "PAY_PENDING": Status.PAID,
    "PAID_FORBID_CONSIGN": Status.PAID,
    "WAIT_SELLER_SEND_GOODS": Status.PAID,
    "SELLER_CONSIGNED_PART": Status.SHIPPED,
    "WAIT_BUYER_CONFIRM_GOODS": Status.SHIPPED,
    "TRADE_BUYER_SIGNED": Status.SIGNED,
    "TRADE_FINISHED": Status.FINISHED,
    "TRADE_CLOSED": Status.CLOSED,
    "TRADE_CLOSED_BY_TAOBAO": Status.CLOSED_UNPAID,
}

_REFUND_STATUS = {
    "买家已经申请退款，等待卖家同意": RefundStatus.REQUESTED,
    "确认退款，等待返款": RefundStatus.REQUESTED,
    "卖家已经同意退款，等待买家退货": RefundStatus.RETURNING,
    "买家已经退货，等待卖家确认收货": RefundStatus.RETURNING,
    "卖家拒绝退款": RefundStatus.REFUSED,
    "卖家未收到货，拒绝退款": RefundStatus.REFUSED,
    "卖家拒绝收货，等待买家处理": RefundStatus.REFUSED,
    "退款关闭": RefundStatus.WITHDRAWN,
    "退款成功": RefundStatus.PAID_BACK,
    "WAIT_SELLER_AGREE": RefundStatus.REQUESTED,
    "CUSTOMER_SERVICE_IN": RefundStatus.REQUESTED,
    "WAIT_BUYER_RETURN_GOODS": RefundStatus.RETURNING,
    "WAIT_SELLER_CONFIRM_GOODS": RefundStatus.RETURNING,
    "SELLER_REFUSE_BUYER": RefundStatus.REFUSED,
    "SELLER_REFUSE_BUYER_RETURN_GOODS": RefundStatus.REFUSED,
    "SELLER_RETURN_GOODS": RefundStatus.REFUSED,
    "CLOSED": RefundStatus.WITHDRAWN,
    "SUCCESS": RefundStatus.PAID_BACK,
}

# Tried in this order, for couriers say many things at once: 拒绝签收 is no 签收, "undelivered" not delivered.
_PARCEL_STATUS = tuple(
    (status, re.compile(pattern))
    for status, pattern in (
        (ParcelStatus.LOST, "丢失|遗失|丢件|lost"),
        (ParcelStatus.REFUSED, "拒收|拒签|拒绝签收|refus|reject"),
        (ParcelStatus.RETURNED, "退回|退签|退件|return"),
        (
            ParcelStatus.TROUBLE,
            "疑难|问题|异常|滞留|破损|查无|超区|failed|failure|exception|problem|trouble|damag|undeliver|on hold",
        ),
        (
            ParcelStatus.AT_THE_DOOR,
            "派送|派件|待取|入柜|自提|待签收|out for delivery|pick-?up point|collection|available",
        ),
        (ParcelStatus.SIGNED, "签收|妥投|已取|已送达|delivered|signed|collected"),
        (ParcelStatus.ANNOUNCED, "待揽|未揽|待发|已下单|暂无|无轨迹|label|pre-transit|announced|pending|info received"),
        (
            ParcelStatus.ON_ITS_WAY,
            "揽|运输|在途|转运|中转|到达|发出|已发|清关|transit|shipped|way|picked|accept|arriv|depart",
        ),
    )
)


def status(text: str) -> Status:
    """Our status for a trade's text or code."""
    known = _STATUS.get(_plain(text))
    if known is None:
        raise Unreadable("a trade status such as 等待买家付款, 交易成功 or TRADE_CLOSED")
    return known


def may_ship(text: str) -> bool:
    """Whether an order with that status could be shipped: a payment that the bank still confirms, or a group that is
    not complete, keeps it back, and that makes nobody late."""
    return _plain(text) not in ("PAY_PENDING", "PAID_FORBID_CONSIGN")


def refund_status(text: str) -> RefundStatus:
    """Our refund status for a platform's text or code."""
    known = _REFUND_STATUS.get(_plain(text))
    if known is None:
        raise Unreadable("a refund status such as 买家已经申请退款，等待卖家同意, 退款成功 or SUCCESS")
    return known


def parcel_status(text: str) -> ParcelStatus:
    """Our status for what a courier says of a parcel, in his own words."""
    said = words(text).casefold()
    known = next((status for status, pattern in _PARCEL_STATUS if pattern.search(said)), None)
    if known is None:
        raise Unreadable("a parcel's status such as 运输中, 派送中, 已签收, in transit or delivered")
    return known


def _plain(text: str) -> str:
    return words(text).replace(",", "，").replace(" ", "")
