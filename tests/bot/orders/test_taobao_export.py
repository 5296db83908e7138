from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from bot.orders.taobao_export import TaobaoExport
from followup.events import OrderChanged
from followup.model import EPOCH, Money, Order, ParcelStatus, Refund, RefundStatus, Status
from followup.ports import UnknownFormat

from .files import EXPORTED, orders, read, read_bad, read_one, refunds, write

CREATED = datetime(2026, 3, 1, 0, 0, 16, tzinfo=UTC)
PAID = datetime(2026, 3, 1, 0, 10, tzinfo=UTC)
ID = "3510000000000000017"


@pytest.mark.parametrize("variant", ["2017", "2018", "2020s"])
@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("a.csv", "utf-8"),
        ("a.csv", "utf-8-sig"),
        ("a.csv", "gbk"),
        ("a.csv", "gb18030"),
        ("a.csv", "utf-16"),
        ("a.xlsx", ""),
    ],
)
def test_every_year_s_list_gives_the_same_order(tmp_path: Path, variant: str, name: str, encoding: str) -> None:
    """46, 54 or 67 columns, CSV in any encoding or XLSX: one order, read whole."""
    path = write(tmp_path / name, orders({}, variant=variant), encoding)
    expected = Order(
        shop="demo",
        id=ID,
        buyer="半糖的风筝",
        status=Status.PAID,
        total=Money(Decimal("39.00"), "CNY"),
        created_at=CREATED,
        observed_at=EXPORTED,
        paid_at=PAID,
        goods="棉麻围裙 深灰",
        region="浙江省",
        buyer_name="林晚",
        phone_tail="0000",
        tells_shipping=True,
    )
    assert OrderChanged(expected, source="taobao_orders") == read_one(path)


def test_columns_may_stand_in_any_order_among_others(tmp_path: Path) -> None:
    """Columns are recognised by name: reversed and with strangers between them they read the same."""
    rows = [["新列", *reversed(row)] for row in orders({})]
    assert ID == read_one(write(tmp_path / "a.csv", rows)).order.id


@pytest.mark.parametrize(
    ("mobile", "phone", "tail"),
    [
        ("138****1234", "", "1234"),
        ("", "0571-88885678", "5678"),
        ("13800001234", "0571-88885678", "1234"),
        ("", "", ""),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_of_a_phone_number_only_its_end_is_read(tmp_path: Path, name: str, mobile: str, phone: str, tail: str) -> None:
    """The mobile's last four digits, else the other telephone's; the rest is not kept."""
    order = read_one(write(tmp_path / name, orders({"联系手机": mobile, "联系电话": phone}))).order
    assert tail == order.phone_tail
    assert mobile not in repr(order) or not mobile


def test_plain_quoted_forms_of_the_id_survive_csv(tmp_path: Path) -> None:
    """The raw ="351…" without doubled quotes, as back ends write it, is an id too."""
    path = tmp_path / "a.csv"
    path.write_text(f'订单编号,总金额,订单创建时间,订单付款时间 \n="{ID}",39,2026-03-01 08:00:16,\n', encoding="gbk")
    assert ID == read_one(path).order.id


def test_xlsx_dates_may_be_real_dates(tmp_path: Path) -> None:
    """A date cell is local time like its text."""
    change = {"订单创建时间": datetime.fromisoformat("2026-03-01 08:00:16"), "总金额": 39.0, "订单编号": ID}
    assert CREATED == read_one(write(tmp_path / "a.xlsx", orders(change))).order.created_at


def test_an_id_that_a_spreadsheet_rounded_is_a_bad_row(tmp_path: Path) -> None:
    """A long id kept as a number is refused rather than followed up under a wrong number."""
    bad = read_bad(write(tmp_path / "a.xlsx", orders({"订单编号": int(ID)})))
    assert ("订单编号", "3.51e+18") == (bad.column, bad.value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"订单状态": "等待买家付款", "订单付款时间": ""}, Status.UNPAID),
        ({"订单状态": "交易关闭", "订单关闭原因": "买家未付款"}, Status.CLOSED_UNPAID),
        ({"订单状态": "交易关闭", "订单关闭原因": "", "订单付款时间": ""}, Status.CLOSED_UNPAID),
        ({"订单状态": "交易关闭", "订单关闭原因": "退款"}, Status.CLOSED),
        ({"订单状态": "交易成功"}, Status.FINISHED),
    ],
)
def test_the_status_takes_the_closing_reason_into_account(
    tmp_path: Path, change: dict[str, str], expected: Status
) -> None:
    """Closed unpaid and closed after payment are different ends."""
    assert expected == read_one(write(tmp_path / "a.csv", orders(change))).order.status


def test_an_order_report_without_status_tells_paid_from_unpaid(tmp_path: Path) -> None:
    """In the seven-column report an empty payment time means never paid; its buyers are unknown."""
    changes = ({"订单编号": "3", "收货地址": "安徽省"}, {"订单编号": "4", "订单付款时间": ""})
    paid, unpaid = read(write(tmp_path / "a.csv", orders(*changes, variant="report")))
    assert isinstance(paid, OrderChanged)
    assert isinstance(unpaid, OrderChanged)
    assert (Status.PAID, Status.UNPAID) == (paid.order.status, unpaid.order.status)
    assert ("unknown:3", "安徽省") == (paid.order.buyer, paid.order.region)


def test_a_list_tells_shipping_if_it_has_a_status(tmp_path: Path) -> None:
    """Without a status nobody can say that an order was not shipped, so it is never late."""
    with_status, without = (
        read_one(write(tmp_path / f"{variant}.csv", orders({}, variant=variant))).order
        for variant in ("2018", "report")
    )
    assert (True, False) == (with_status.tells_shipping, without.tells_shipping)


@pytest.mark.parametrize("code", ["PAY_PENDING", "PAID_FORBID_CONSIGN"])
def test_what_may_not_be_shipped_is_not_late(tmp_path: Path, code: str) -> None:
    """The bank or a group that is not complete keeps it back, not the shop."""
    assert not read_one(write(tmp_path / "a.csv", orders({"订单状态": code}))).order.tells_shipping


def test_the_numbers_of_what_was_sent_are_read(tmp_path: Path) -> None:
    """An order in two parcels has two numbers, of which the list knows no more: they can never be said to stand still,
    and whatever a courier says of them counts for more."""
    sent = {"订单状态": "卖家已发货，等待买家确认", "物流单号": "No:YT8800112233445;SF-1234567", "物流公司": "圆通速递"}
    parcels = read_one(write(tmp_path / "a.csv", orders(sent))).parcels
    assert ["YT8800112233445", "SF-1234567"] == [parcel.id for parcel in parcels]
    told = {(parcel.status, parcel.courier, parcel.observed_at, parcel.moved_at) for parcel in parcels}
    assert {(ParcelStatus.ANNOUNCED, "圆通速递", EPOCH, None)} == told


def test_a_label_alone_is_no_shipment(tmp_path: Path) -> None:
    """A number beside an order that was not shipped is a printed label (rule 27)."""
    assert () == read_one(write(tmp_path / "a.csv", orders({"物流单号": "YT8800112233445"}))).parcels


def test_money_paid_back_is_a_settled_refund_of_unknown_time(tmp_path: Path) -> None:
    """退款金额 above zero is a refund, settled, asked for at the payment for want of better."""
    event = read_one(write(tmp_path / "a.csv", orders({"退款金额": "9.90"})))
    assert (Refund("demo", ID, ID, RefundStatus.PAID_BACK, Money(Decimal("9.90")), PAID, EXPORTED),) == event.refunds


@pytest.mark.parametrize("text", ["", "0.00", "无退款申请", "-", "null"])
def test_no_money_paid_back_is_no_refund(tmp_path: Path, text: str) -> None:
    """Every way of saying "none" gives no refund."""
    assert () == read_one(write(tmp_path / "a.csv", orders({"退款金额": text}))).refunds


def test_masked_people_stay_unknown(tmp_path: Path) -> None:
    """A masked member name is nobody's id: two orders under one mask are two unknown buyers."""
    order = read_one(write(tmp_path / "a.csv", orders({"买家会员名": "半**筝", "收货人姓名": "林*"}))).order
    assert (f"unknown:{ID}", "") == (order.buyer, order.buyer_name)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("订单编号", "合计"),
        ("总金额", "很多"),
        ("总金额", ""),
        ("订单状态", "已付定金"),
        ("订单状态", ""),
        ("订单创建时间", ""),
        ("订单付款时间", "昨天"),
        ("退款金额", "-3"),
    ],
)
def test_a_bad_cell_is_reported_and_stops_nothing(tmp_path: Path, column: str, value: str) -> None:
    """The row before and the row after are read; the report names line, column, value and cells."""
    rows = orders({}, {column: value}, {"订单编号": "18"})
    before, bad, after = read(write(tmp_path / "a.csv", rows, "gbk"))
    assert isinstance(before, OrderChanged)
    assert isinstance(after, OrderChanged)
    assert not isinstance(bad, OrderChanged)
    assert (3, column, value) == (bad.line, bad.column.strip(), bad.value)
    assert tuple(rows[2]) == bad.cells
    assert bad.expected


def test_an_order_may_come_twice_in_one_file(tmp_path: Path) -> None:
    """Rows of several items repeat their order; each is an event, and joining them is not the reader's business."""
    assert 2 == len(read(write(tmp_path / "a.csv", orders({}, {}))))


def test_a_header_alone_is_a_list_of_no_orders(tmp_path: Path) -> None:
    """A day without orders is no error."""
    assert [] == read(write(tmp_path / "a.csv", orders()))


def test_a_foreign_table_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    """The sentence names the file, the missing columns and what stood there instead."""
    path = write(tmp_path / "goods.csv", [["商品", "库存"], ["碗", "3"]])
    with pytest.raises(UnknownFormat, match=r"goods\.csv is neither .* lacks 订单编号.*holds 商品, 库存"):
        read(path)


def test_an_old_workbook_is_told_how_to_be_saved(tmp_path: Path) -> None:
    """The binary .xls, or one with a password, is not guessed at."""
    path = tmp_path / "a.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    with pytest.raises(UnknownFormat, match=r"save it as \.xlsx or \.csv"):
        read(path)


def test_the_file_s_own_time_is_the_time_of_observation(tmp_path: Path) -> None:
    """Without being told, an export is as old as its file."""
    path = write(tmp_path / "a.csv", orders({}))
    os.utime(path, (EXPORTED.timestamp(), EXPORTED.timestamp()))
    [event] = TaobaoExport("demo").read(path)
    assert isinstance(event, OrderChanged)
    assert EXPORTED == event.order.observed_at


def test_the_refund_export_is_told_from_an_order_list(tmp_path: Path) -> None:
    """One reader takes both kinds of file."""
    assert "taobao_refunds" == read_one(write(tmp_path / "a.csv", refunds({}))).source


@pytest.mark.parametrize("seed", range(5))
def test_what_is_no_text_is_not_shown(tmp_path: Path, seed: int) -> None:
    """A terminal is not made to print it, only told what it is not."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(Random(seed).randbytes(4000))
    with pytest.raises(UnknownFormat) as told:
        list(read(path))
    assert str(told.value).isprintable()
