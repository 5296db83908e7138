"""Writes orders as a Taobao order list, quirks and all: for demos, benches and tests."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from bot.orders.headers import ORDER_LISTS
from bot.orders.taobao_export import SHANGHAI
from followup.events import OrderChanged
from followup.model import Instant, RefundStatus, Status

_TEXTS = {
    Status.UNPAID: "等待买家付款",
    Status.PAID: "买家已付款，等待卖家发货",
    Status.SHIPPED: "卖家已发货，等待买家确认",
    Status.SIGNED: "卖家已发货，等待买家确认",
    Status.FINISHED: "交易成功",
    Status.CLOSED: "交易关闭",
    Status.CLOSED_UNPAID: "交易关闭",
}
_REASONS = {Status.CLOSED: "退款", Status.CLOSED_UNPAID: "买家未付款"}


def write_orders(path: Path, events: Iterable[OrderChanged], variant: str = "2018", encoding: str = "gbk") -> None:
    """Writes one row an event, times local to Shanghai; `variant` is a key of `headers.ORDER_LISTS`."""
    header = ORDER_LISTS[variant]
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for event in events:
            cells = _cells(event)
            writer.writerow([cells.get(name.strip(), "") for name in header])


def _cells(event: OrderChanged) -> dict[str, str]:
    order = event.order
    back = sum((r.amount.amount for r in event.refunds if r.status is RefundStatus.PAID_BACK), Decimal(0))
    return {
        "订单编号": f'="{order.id}"',
        "买家会员名": order.buyer,
        "买家应付货款": str(order.total.amount),
        "总金额": str(order.total.amount),
        "买家实际支付金额": str(order.total.amount if order.paid_at else Decimal("0.00")),
        "订单状态": _TEXTS[order.status],
        "收货人姓名": order.buyer_name if int(order.id) % 3 else f"{order.buyer_name[0]}**",
        "收货地址": f"{order.region} 示例市 示例区 示例路***",
        "联系手机": f"'138****{order.phone_tail}" if order.phone_tail else "",
        "订单创建时间": _local(order.created_at),
        "订单付款时间": _local(order.paid_at),
        "宝贝标题": order.goods,
        "宝贝总数量": "1",
        "订单关闭原因": _REASONS.get(order.status, "订单未关闭"),
        "退款金额": f"{back:.2f}",
        "确认收货时间": _local(order.closed_at) if order.status is Status.FINISHED else "",
        "主订单编号": f'="{order.id}"',
    }


def _local(when: Instant | None) -> str:
    return when.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if when else ""
