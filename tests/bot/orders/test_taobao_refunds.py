from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from followup.model import EPOCH, Money, Refund, RefundStatus, Status

from .files import EXPORTED, read_bad, read_one, refunds, write

ID = "3510000000000000017"


@pytest.mark.parametrize(("name", "encoding"), [("a.csv", "gbk"), ("a.csv", "utf-8-sig"), ("a.xlsx", "")])
def test_a_pending_refund_has_its_deadline(tmp_path: Path, name: str, encoding: str) -> None:
    """A request for money back is read whole: amount, reason, when it was asked for and when time is up."""
    expected = Refund(
        shop="demo",
        id="77001",
        order_id=ID,
        status=RefundStatus.REQUESTED,
        amount=Money(Decimal("10.00")),
        requested_at=datetime(2026, 3, 2, 1, tzinfo=UTC),
        observed_at=EXPORTED,
        deadline=datetime(2026, 3, 4, 1, tzinfo=UTC),
        reason="少件",
    )
    assert (expected,) == read_one(write(tmp_path / name, refunds({}), encoding)).refunds


def test_a_settled_refund_has_its_end(tmp_path: Path) -> None:
    """A refund that was paid back tells when."""
    change = {"退款状态": "退款成功", "退款完结时间": "2026-03-03 10:00:00"}
    [refund] = read_one(write(tmp_path / "a.csv", refunds(change))).refunds
    assert (RefundStatus.PAID_BACK, datetime(2026, 3, 3, 2, tzinfo=UTC)) == (refund.status, refund.settled_at)


def test_what_is_half_guessed_of_the_order_yields_to_any_order_list(tmp_path: Path) -> None:
    """The order carries the oldest observation there is, so an order list's word always counts for more."""
    order = read_one(write(tmp_path / "a.csv", refunds({}))).order
    assert (EPOCH, f"unknown:{ID}") == (order.observed_at, order.buyer)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Status.PAID),
        ({"发货物流信息": "示例快递 123"}, Status.SHIPPED),
        ({"售中或售后": "售后退款"}, Status.FINISHED),
        ({"退款状态": "退款成功", "部分退款/全部退款": "全部退款"}, Status.PAID),
    ],
)
def test_the_order_is_no_further_than_the_refund_shows(
    tmp_path: Path, change: dict[str, str], expected: Status
) -> None:
    """The refund of one item closes no order: others may still be under way."""
    assert expected == read_one(write(tmp_path / "a.csv", refunds(change))).order.status


def test_older_exports_name_the_buyer_and_newer_ones_add_columns(tmp_path: Path) -> None:
    """买家会员名称 of older years is used; columns of newer years do not disturb."""
    rows = refunds({})
    rows = [[*rows[0], "买家会员名称", "商品 id"], [*rows[1], "半糖的风筝", "9"]]
    assert "半糖的风筝" == read_one(write(tmp_path / "a.csv", rows)).order.buyer


@pytest.mark.parametrize(
    ("column", "value"), [("退款状态", "处理中?"), ("买家退款金额", "-"), ("退款的申请时间", ""), ("超时时间", "3天")]
)
def test_a_bad_cell_is_reported(tmp_path: Path, column: str, value: str) -> None:
    """A refund that cannot be read is never half read."""
    bad = read_bad(write(tmp_path / "a.csv", refunds({column: value})))
    assert (2, column, value) == (bad.line, bad.column, bad.value)
