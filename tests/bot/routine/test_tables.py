"""Tables that people open in a spreadsheet: nothing in them is a formula, dates are dates, amounts are numbers."""

from __future__ import annotations

import csv
import stat
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.routine.tables import CannotWrite, check_path, safe, write

HEADS = ["订单", "日期", "金额"]
ROWS = [("410000000000000001", date(2026, 10, 1), Decimal("5.00")), ("=SUM(A1)", None, Decimal("-3.50"))]


def test_csv_is_read_by_excel(tmp_path: Path) -> None:
    """It begins with the mark of UTF-8, ends its lines as Excel does, and its texts are no formulas."""
    write(tmp_path / "a.csv", "t", HEADS, ROWS)
    data = (tmp_path / "a.csv").read_bytes()
    assert (b"\xef\xbb\xbf", 3) == (data[:3], data.count(b"\r\n"))
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert [HEADS, ["410000000000000001", "2026-10-01", "5.00"], ["'=SUM(A1)", "", "-3.50"]] == rows


def test_xlsx_holds_values_of_their_kind(tmp_path: Path) -> None:
    """Order numbers stay text, however long; dates and amounts can be counted with."""
    write(tmp_path / "a.xlsx", "登记", HEADS, ROWS)
    sheet = load_workbook(tmp_path / "a.xlsx")["登记"]
    first, second = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert ["410000000000000001", datetime(2026, 10, 1), 5] == first  # noqa: DTZ001 - a day has no zone
    assert ["'=SUM(A1)", None, -3.5] == second
    assert (["s", "d", "n"], "yyyy-mm-dd", "0.00") == (
        [cell.data_type for cell in sheet[2]],
        sheet["B2"].number_format,
        sheet["C2"].number_format,
    )
    assert (True, "A2") == (sheet["A1"].font.bold, sheet.freeze_panes)


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_table_without_rows_has_its_heads(name: str, tmp_path: Path) -> None:
    """And is for its owner alone."""
    write(tmp_path / name, "t", HEADS, [])
    assert 0o600 == stat.S_IMODE((tmp_path / name).stat().st_mode)
    assert [name] == [path.name for path in tmp_path.iterdir()]


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    """Another ending, a file that is there, a folder that is not: one sentence each."""
    there = tmp_path / "a.csv"
    there.write_text("mine", "utf-8")
    for path, words in (
        (there, "add --force"),
        (tmp_path / "a.txt", ".csv or .xlsx"),
        (tmp_path / "no" / "a.csv", "no folder"),
    ):
        with pytest.raises(CannotWrite, match=words):
            check_path(path, force=False)
    check_path(there, force=True)


@given(st.text(max_size=40))
def test_no_text_is_a_formula(text: str) -> None:
    """Whatever a buyer calls himself."""
    assert not safe(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=5))
def test_any_text_can_be_written(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    """Characters that no spreadsheet can hold are left out, not stumbled over."""
    folder = tmp_path_factory.mktemp("tables")
    for name in ("a.csv", "a.xlsx"):
        write(folder / name, "t", ["a", "b"], rows)
        assert (folder / name).stat().st_size > 0
