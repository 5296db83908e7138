"""Makes the files that the tests of this folder read."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from bot.orders.headers import ORDER_LISTS, REFUNDS
from bot.orders.taobao_export import TaobaoExport
from followup.events import OrderChanged
from followup.ports import BadRow

EXPORTED = datetime(2026, 3, 31, tzinfo=UTC)
ORDER: dict[str, object] = {
    "订单编号": '="3510000000000000017"',
    "买家会员名": "半糖的风筝",
    "总金额": "39.00",
    "买家实际支付金额": "39.00",
    "订单状态": "买家已付款，等待卖家发货",
    "收货人姓名": "林晚",
    "收货地址": "浙江省 示例市 示例区 示例路1号",
    "联系手机": "'13800000000",
    "订单创建时间": "2026-03-01 08:00:16",
    "订单付款时间": "2026-03-01 08:10:00",
    "宝贝标题": "棉麻围裙 深灰",
    "订单关闭原因": "订单未关闭",
    "退款金额": "0.00",
}
REFUND: dict[str, object] = {
    "订单编号": "3510000000000000017",
    "退款编号": "77001",
    "订单付款时间": "2026-03-01 08:10:00",
    "买家实际支付金额": "39.00",
    "宝贝标题": "棉麻围裙 深灰",
    "买家退款金额": "10.00",
    "退款的申请时间": "2026-03-02 09:00:00",
    "超时时间": "2026-03-04 09:00:00",
    "退款状态": "买家已经申请退款，等待卖家同意",
    "买家退款原因": "少件",
    "售中或售后": "售中退款",
}

Table = Sequence[Sequence[object]]


def table(header: Sequence[str], *rows: Mapping[str, object]) -> list[list[object]]:
    """A header and rows whose cells are found by name, blank where a row has none."""
    return [list(header), *([row.get(name.strip(), "") for name in header] for row in rows)]


def orders(*changes: Mapping[str, object], variant: str = "2018") -> list[list[object]]:
    """An order list with one row a mapping: the usual order with these changes."""
    return table(ORDER_LISTS[variant], *(ORDER | dict(change) for change in changes))


def refunds(*changes: Mapping[str, object]) -> list[list[object]]:
    """A refund export with one row a mapping: the usual refund with these changes."""
    return table(REFUNDS, *(REFUND | dict(change) for change in changes))


def write(path: Path, rows: Table, encoding: str = "utf-8") -> Path:
    """Writes the rows as XLSX or CSV, as the suffix says."""
    if path.suffix == ".xlsx":
        return write_xlsx(path, rows)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_xlsx(path: Path, rows: Table) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append([_literal(sheet, cell) for cell in row])
    book.save(path)
    return path


def _literal(sheet: Worksheet, cell: object) -> object:
    """The cell so that ="351" stays text and is no formula."""
    if not isinstance(cell, str):
        return cell
    literal = WriteOnlyCell(sheet, cell)
    literal.data_type = "s"
    return literal


def read(path: Path) -> list[OrderChanged | BadRow]:
    return list(TaobaoExport("demo", observed_at=EXPORTED).read(path))


def read_one(path: Path) -> OrderChanged:
    """The only event of the file."""
    [event] = read(path)
    assert isinstance(event, OrderChanged), event
    return event


def read_bad(path: Path) -> BadRow:
    """The only bad row of the file, and nothing else in it."""
    [bad] = read(path)
    assert isinstance(bad, BadRow), bad
    return bad
