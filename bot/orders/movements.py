"""Rows of a list of parcels, as couriers and their aggregators export them: where each was last seen, and when."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from bot.orders.cells import Memo, order_id, tracking_number, without_numbers, words
from bot.orders.columns import Column, Columns
from bot.orders.statuses import parcel_status
from bot.orders.times import Times
from followup.events import OrderChanged
from followup.facts import UNKNOWN
from followup.model import EPOCH, Instant, Money, Order, Parcel, ParcelStatus, Status

SOURCE = "movements"
GUESSED = EPOCH - timedelta(days=1)
"""When what a list of parcels lets guess of an order was observed: whatever any other source says counts for more."""


def plain(heading: str) -> str:
    """A column's name in one spelling: `Tracking Number` is tracking_number."""
    return heading.casefold().replace(" ", "_").replace("-", "_")


def movement_columns(times: Times) -> tuple[Column, ...]:
    """The columns of a list of parcels, in the order in which `MovementRow` reads them."""
    return (
        Column(("订单编号", "订单号", "主订单编号", "order", "order_id", "order_number", "order_no"), order_id),
        Column(
            ("物流单号", "运单号", "快递单号", "tracking_number", "tracking", "tracking_no", "waybill"), tracking_number
        ),
        Column(("物流状态", "运单状态", "快递状态", "status", "tracking_status"), Memo(parcel_status).__getitem__),
        Column(("物流公司", "快递公司", "courier", "carrier"), Memo(words).__getitem__, absent=""),
        Column(
            ("最新时间", "最新物流时间", "更新时间", "last_update", "updated_at", "time"), times.if_any, absent=None
        ),
        Column(("最新动态", "最新物流", "物流信息", "last_event", "event", "details", "place"), _place, absent=""),
        Column(("发货时间", "shipped_at", "shipped"), times.if_any, absent=None),
        Column(("签收时间", "signed_at", "delivered_at"), times.if_any, absent=None),
    )


_place = Memo(without_numbers).__getitem__


class MovementRow:
    """Makes an event of one row of a list of parcels."""

    def __init__(self, columns: Columns, shop: str, currency: str, observed_at: Instant) -> None:
        self._read, self.blame = columns.read, columns.blame
        self._shop, self._nothing, self._observed_at = shop, Money(Decimal(0), currency), observed_at

    def event(self, cells: list[str]) -> OrderChanged:
        """The parcel of a row, and as much of its order as it gives away; raises `Unreadable`."""
        of, number, told, courier, moved, place, shipped, signed = self._read(cells)
        # A parcel that was given away as shipped but that no courier took stands still from then on (rule 30).
        status = ParcelStatus.ON_ITS_WAY if told is ParcelStatus.ANNOUNCED and shipped else told
        moved = None if told is ParcelStatus.ANNOUNCED else moved
        left = shipped or moved or self._observed_at
        parcel = Parcel(self._shop, number, of, status, left, self._observed_at, courier, moved, place, signed)
        is_out = status is not ParcelStatus.ANNOUNCED
        order = Order(
            self._shop,
            of,
            f"{UNKNOWN}{of}",
            Status.SHIPPED if is_out else Status.PAID,
            self._nothing,
            left,
            GUESSED,
            shipped_at=shipped if is_out else None,
        )
        return OrderChanged(order, source=SOURCE, parcels=(parcel,))
