"""Rows of Taobao's refund export (42 columns, older and newer ones too) as events."""

from __future__ import annotations

from bot.orders.cells import Memo, amount, order_id, person, words
from bot.orders.columns import Column, Columns
from bot.orders.statuses import refund_status
from bot.orders.times import Times
from followup.events import OrderChanged
from followup.model import EPOCH, Instant, Order, Refund, Status

SOURCE = "taobao_refunds"


def refund_columns(times: Times, currency: str) -> tuple[Column, ...]:
    """The columns of a refund export, in the order in which `RefundRow` reads them."""
    return (
        Column(("退款编号",), order_id),
        Column(("订单编号",), order_id),
        Column(("退款状态",), Memo(refund_status).__getitem__),
        Column(("买家退款金额", "退款金额"), Memo(amount(currency)).__getitem__),
        Column(("退款的申请时间", "退款申请时间"), times.required),
        Column(("超时时间",), times.if_any, absent=None),
        Column(("退款完结时间", "完结时间"), times.if_any, absent=None),
        Column(("买家退款原因",), Memo(words).__getitem__, absent=""),
        Column(("买家会员名称", "买家会员名"), Memo(person).__getitem__, absent=""),
        Column(("买家实际支付金额", "买家实付金额"), Memo(amount(currency)).__getitem__),
        Column(("订单付款时间",), times.if_any, absent=None),
        Column(("宝贝标题", "商品标题"), Memo(words).__getitem__, absent=""),
        Column(("售中或售后",), Memo(words).__getitem__, absent=""),
        Column(("发货物流信息",), Memo(words).__getitem__, absent=""),
    )


class RefundRow:
    """Makes an event of one row of a refund export."""

    def __init__(self, columns: Columns, shop: str, observed_at: Instant) -> None:
        self._read, self.blame = columns.read, columns.blame
        self._shop, self._observed_at = shop, observed_at

    def event(self, cells: list[str]) -> OrderChanged:
        """The refund of a row, and as much of its order as the row gives away; raises `Unreadable`."""
        id_, of, told, back, asked, deadline, settled, why, buyer, total, paid, goods, phase, parcel = self._read(cells)
        refund = Refund(self._shop, id_, of, told, back, asked, self._observed_at, deadline, settled, why)
        order = Order(
            self._shop,
            of,
            buyer or f"unknown:{of}",
            _status(phase, parcel),
            total,
            paid or asked,
            # The order is half guessed, so it is as old as can be: whatever an order list said counts for more.
            EPOCH,
            paid,
            goods=goods,
        )
        return OrderChanged(order, (refund,), (), SOURCE)


def _status(phase: str, parcel: str) -> Status:
    """Never closed: a refund of one item leaves the others to be delivered."""
    if phase.startswith("售后"):
        return Status.FINISHED
    return Status.SHIPPED if parcel else Status.PAID
