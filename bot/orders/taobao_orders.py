"""Rows of Taobao's order lists (ExportOrderList of any year, and the Tmall order report) as events."""

from __future__ import annotations

from bot.orders.cells import (
    Memo,
    amount,
    amount_if_any,
    order_id,
    person,
    phone_tail,
    province,
    tracking_numbers,
    words,
)
from bot.orders.columns import Column, Columns
from bot.orders.statuses import CLOSED_BECAUSE_UNPAID, may_ship, status
from bot.orders.times import Times
from followup.events import OrderChanged
from followup.model import EPOCH, Instant, Money, Order, Parcel, ParcelStatus, Refund, RefundStatus, Status

SOURCE = "taobao_orders"
_SENT = (Status.SHIPPED, Status.SIGNED, Status.FINISHED)


def order_columns(times: Times, currency: str) -> tuple[Column, ...]:
    """The columns of an order list, in the order in which `OrderRow` reads them."""
    return (
        Column(("订单编号",), order_id),
        Column(("买家会员名", "买家会员名称"), Memo(person).__getitem__, absent=""),
        Column(("订单状态",), Memo(status).__getitem__, absent=None),
        Column(("总金额",), Memo(amount(currency)).__getitem__),
        Column(("订单创建时间",), times.required),
        Column(("订单付款时间",), times.if_any),
        Column(("发货时间",), times.if_any, absent=None),
        Column(("确认收货时间",), times.if_any, absent=None),
        Column(("宝贝标题", "商品标题"), Memo(words).__getitem__, absent=""),
        Column(("收货地址",), Memo(province).__getitem__, absent=""),
        Column(("收货人姓名",), Memo(person).__getitem__, absent=""),
        Column(("订单关闭原因",), Memo(words).__getitem__, absent=""),
        Column(("退款金额",), Memo(amount_if_any(currency)).__getitem__, absent=None),
        Column(("联系手机", "收货人手机", "收货人手机号", "手机号码", "phone", "mobile"), phone_tail, absent=""),
        Column(("联系电话", "收货人电话", "电话号码"), phone_tail, absent=""),
        Column(("物流单号", "运单号", "快递单号"), tracking_numbers, absent=()),
        Column(("物流公司", "快递公司"), Memo(words).__getitem__, absent=""),
        Column(("订单状态",), Memo(may_ship).__getitem__, absent=False),
    )


class OrderRow:
    """Makes an event of one row of an order list."""

    def __init__(self, columns: Columns, shop: str, observed_at: Instant) -> None:
        self._read, self.blame = columns.read, columns.blame
        self._shop, self._observed_at = shop, observed_at

    def event(self, cells: list[str]) -> OrderChanged:
        """The order of a row, and the refund that it mentions; raises `Unreadable`."""
        id_, buyer, told, total, created, paid, shipped, received, goods, *more = self._read(cells)
        region, name, why, refunded, mobile, phone, numbers, courier, may_go = more
        order = Order(
            self._shop,
            id_,
            buyer or f"unknown:{id_}",
            _status(told, paid, why),
            total,
            created,
            self._observed_at,
            paid,
            shipped,
            received,
            None,
            goods,
            region,
            name,
            mobile or phone,
            # A list with a status tells when an order was shipped; one without knows of payments only.
            tells_shipping=may_go,
        )
        parcels = tuple(self._parcel(order, number, courier) for number in numbers if order.status in _SENT)
        return OrderChanged(order, (self._refund(order, refunded),) if refunded else (), (), SOURCE, parcels)

    def _parcel(self, order: Order, number: str, courier: str) -> Parcel:
        """All that a list knows of a parcel is its number. It is as old as can be: whatever a courier said counts for
        more."""
        shipped = order.shipped_at or self._observed_at
        return Parcel(self._shop, number, order.id, ParcelStatus.ANNOUNCED, shipped, EPOCH, courier)

    def _refund(self, order: Order, amount: Money) -> Refund:
        """A refund settled at an unknown time: order lists only tell how much was paid back."""
        asked = order.paid_at or order.created_at
        return Refund(self._shop, order.id, order.id, RefundStatus.PAID_BACK, amount, asked, self._observed_at)


def _status(told: Status | None, paid: Instant | None, why: str) -> Status:
    if told is None:
        return Status.PAID if paid else Status.UNPAID
    if told is Status.CLOSED and (why == CLOSED_BECAUSE_UNPAID or not paid):
        return Status.CLOSED_UNPAID
    return told
