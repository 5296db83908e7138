"""Lists of parcels: where each was last seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.orders.movements import GUESSED
from followup.facts import merge
from followup.model import Facts, Parcel, ParcelStatus, Status

from .files import EXPORTED, orders, read_bad, read_one, refunds, table, write

ID = "3510000000000000017"
CHINESE = {
    "订单编号": f'="{ID}"',
    "物流单号": "YT8800112233445",
    "物流公司": "圆通速递",
    "物流状态": "运输中",
    "最新时间": "2026-03-05 18:30:00",
    "最新动态": "已到达杭州转运中心，联系电话13812345678",
    "发货时间": "2026-03-04 10:00:00",
}
ENGLISH = {
    "Order": ID,
    "Tracking number": "YT8800112233445",
    "Carrier": "圆通速递",
    "Status": "In transit",
    "Last update": "2026-03-05 18:30:00",
    "Last event": "已到达杭州转运中心，联系电话13812345678",
    "Shipped at": "2026-03-04 10:00:00",
}
MOVED, SHIPPED = datetime(2026, 3, 5, 10, 30, tzinfo=UTC), datetime(2026, 3, 4, 2, tzinfo=UTC)


def _written(folder: Path, row: Mapping[str, object], name: str = "a.csv") -> Path:
    return write(folder / name, table(list(row), row))


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize("row", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_a_movement_is_read_whole(tmp_path: Path, row: Mapping[str, object], name: str) -> None:
    """Number, courier, when it was last seen and where, without the telephone of anybody."""
    expected = Parcel(
        shop="demo",
        id="YT8800112233445",
        order_id=ID,
        status=ParcelStatus.ON_ITS_WAY,
        shipped_at=SHIPPED,
        observed_at=EXPORTED,
        courier="圆通速递",
        moved_at=MOVED,
        place="已到达杭州转运中心，联系电话…",
    )
    event = read_one(_written(tmp_path, row, name))
    assert (expected,) == event.parcels
    assert (Status.SHIPPED, GUESSED) == (event.order.status, event.order.observed_at)


def test_its_order_is_a_guess_that_yields_to_every_other_source(tmp_path: Path) -> None:
    """Whichever comes first, buyer, goods and amount are those of the order list, and the order is shipped."""
    listed, moved = read_one(write(tmp_path / "o.csv", orders({}))), read_one(_written(tmp_path, CHINESE))
    either_way = [merge(merge(None, first), then) for first, then in ((listed, moved), (moved, listed))]
    assert either_way[0] == either_way[1]
    order = either_way[0].order
    assert (listed.order.total, listed.order.buyer, Status.SHIPPED) == (order.total, order.buyer, order.status)


def test_the_guess_yields_to_a_refund_export_too(tmp_path: Path) -> None:
    """A refund export guesses less of an order, and keeps its say."""
    guessed, moved = read_one(write(tmp_path / "r.csv", refunds({}))), read_one(_written(tmp_path, CHINESE))
    facts: Facts = merge(merge(None, guessed), moved)
    assert (guessed.order.total, guessed.order.goods) == (facts.order.total, facts.order.goods)


def test_what_no_courier_took_is_not_shipped(tmp_path: Path) -> None:
    """A label without a time of shipping leaves the order where it was (rule 27)."""
    row = {**CHINESE, "物流状态": "待揽收", "最新时间": "", "发货时间": ""}
    event = read_one(_written(tmp_path, row))
    assert (Status.PAID, ParcelStatus.ANNOUNCED) == (event.order.status, event.parcels[0].status)


def test_what_was_given_away_and_not_taken_stands_still(tmp_path: Path) -> None:
    """Told to be shipped, and no courier has it: it counts as standing still from then on (rule 30)."""
    row = {**CHINESE, "物流状态": "待揽收", "最新时间": "2026-03-04 10:00:00"}
    [parcel] = read_one(_written(tmp_path, row)).parcels
    assert (ParcelStatus.ON_ITS_WAY, SHIPPED, None) == (parcel.status, parcel.shipped_at, parcel.moved_at)


@pytest.mark.parametrize(
    ("column", "value"),
    [("物流状态", "好的"), ("物流单号", "unknown"), ("订单编号", ""), ("最新时间", "yesterday")],
)
def test_a_bad_cell_is_named(tmp_path: Path, column: str, value: str) -> None:
    """The column, and what was expected there."""
    bad = read_bad(_written(tmp_path, {**CHINESE, column: value}))
    assert (column, value) == (bad.column, bad.value)
    assert bad.expected


def test_only_order_number_and_status_are_needed(tmp_path: Path) -> None:
    """Everything else may be missing; then it left, as far as anybody knows, when the list was made."""
    row = {name: CHINESE[name] for name in ("订单编号", "物流单号", "物流状态")}
    [parcel] = read_one(_written(tmp_path, row)).parcels
    assert (EXPORTED, None, "") == (parcel.shipped_at, parcel.moved_at, parcel.place)
