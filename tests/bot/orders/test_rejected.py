from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.orders.rejected import harmless, write_rejected
from bot.orders.sources import read_orders
from followup.events import OrderChanged
from followup.ports import BadRow

from .files import orders, read, write


def _rejected(path: Path) -> Path | None:
    return write_rejected(path, [row for row in read_orders(path, "demo") if isinstance(row, BadRow)])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_bad_rows_stand_beside_their_file_with_the_reason(tmp_path: Path) -> None:
    """Each has all its cells under the original header, and line, column and what was expected."""
    path = write(tmp_path / "a.csv", orders({}, {"总金额": "?"}), "gbk")
    target = _rejected(path)
    assert tmp_path / "a.csv.rejected.csv" == target
    [row] = _rows(target)
    assert ('="3510000000000000017"', "?") == (row["订单编号"], row["总金额"])
    assert ("3", "总金额", "an amount such as 37.00") == (row["line"], row["column"], row["expected"])


def test_mended_rows_can_be_imported_as_they_are(tmp_path: Path) -> None:
    """After mending the cell, the rejected file is an export like any other."""
    target = _rejected(write(tmp_path / "a.csv", orders({"总金额": "?"})))
    assert target is not None
    target.write_text(target.read_text(encoding="utf-8-sig").replace("?", "39.00"), encoding="utf-8-sig")
    [event] = read(target)
    assert isinstance(event, OrderChanged)
    assert "3510000000000000017" == event.order.id


def test_rows_with_too_many_cells_keep_them_all(tmp_path: Path) -> None:
    """A ragged row loses nothing."""
    rows = orders({})
    path = write(tmp_path / "a.csv", [rows[0], [*rows[1], "more"]])
    target = _rejected(path)
    assert target is not None
    assert "more" in target.read_text(encoding="utf-8-sig")


def test_json_lines_keep_the_line(tmp_path: Path) -> None:
    """A bad line of JSON stands in one column."""
    (tmp_path / "a.jsonl").write_text('{"type": "order"}\n', encoding="utf-8")
    target = _rejected(tmp_path / "a.jsonl")
    assert target is not None
    assert '{"type": "order"}' == _rows(target)[0]["json"]


def test_without_bad_rows_there_is_no_file(tmp_path: Path) -> None:
    """Nothing wrong, nothing written."""
    assert None is _rejected(write(tmp_path / "a.csv", orders({})))
    assert ["a.csv"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-cmd", "@SUM(A1)", " =1", "\t=1", '="351"&A1'])
def test_formulas_are_disarmed(cell: str) -> None:
    """A buyer's words never run in the shop's spreadsheet."""
    assert f"'{cell}" == harmless(cell)


@pytest.mark.parametrize("cell", ["", '="3510000000000000017"', "-", "--", "-5.00", "棉麻围裙", "'138****0000"])
def test_harmless_cells_stay_as_they_are(cell: str) -> None:
    """Order numbers in their wrapping, dashes and figures are not touched."""
    assert cell == harmless(cell)
