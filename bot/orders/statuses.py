"""The trade's words for where an order or a refund stands, and ours."""

from __future__ import annotations

from bot.orders.cells import Unreadable, words
from followup.model import RefundStatus, Status

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


def status(text: str) -> Status:
    """Our status for a trade's text or code."""
    known = _STATUS.get(_plain(text))
    if known is None:
        raise Unreadable("a trade status such as 等待买家付款, 交易成功 or TRADE_CLOSED")
    return known


def refund_status(text: str) -> RefundStatus:
    """Our refund status for a platform's text or code."""
    known = _REFUND_STATUS.get(_plain(text))
    if known is None:
        raise Unreadable("a refund status such as 买家已经申请退款，等待卖家同意, 退款成功 or SUCCESS")
    return known


def _plain(text: str) -> str:
    return words(text).replace(",", "，").replace(" ", "")
