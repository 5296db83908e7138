from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from bot.orders import xlsx_table
from bot.orders.xlsx_table import read_xlsx
from followup.ports import UnknownFormat

from .files import write_xlsx


def test_cells_become_the_text_one_sees(tmp_path: Path) -> None:
    """Whole numbers, amounts, dates and long ids read as text, as they stand in the sheet."""
    row = [
        351,
        37.1,
        0.1 + 0.2,
        datetime.fromisoformat("2026-03-01 08:00:16"),
        date(2026, 3, 1),
        "3510000000000000017",
        None,
    ]
    path = write_xlsx(tmp_path / "a.xlsx", [["a"], row])
    expected = ["351", "37.1", "0.3", "2026-03-01 08:00:16", "2026-03-01", "3510000000000000017"]
    assert (2, expected) == list(read_xlsx(path))[1]


def test_a_long_number_stays_visibly_rounded(tmp_path: Path) -> None:
    """An id that the spreadsheet kept as a number never looks like an id."""
    path = write_xlsx(tmp_path / "a.xlsx", [[3510000000000000017]])
    assert [(1, ["3.51e+18"])] == list(read_xlsx(path))


def test_rows_have_the_sheet_s_numbers(tmp_path: Path) -> None:
    """Blank rows are left out but counted."""
    path = write_xlsx(tmp_path / "a.xlsx", [[], ["a"], [], ["b"]])
    assert [(2, ["a"]), (4, ["b"])] == list(read_xlsx(path))


def test_the_first_sheet_with_rows_is_read(tmp_path: Path) -> None:
    """An empty first sheet hides nothing."""
    book = openpyxl.Workbook()
    book.create_sheet("orders").append(["a"])
    book.save(tmp_path / "a.xlsx")
    assert [(1, ["a"])] == list(read_xlsx(tmp_path / "a.xlsx"))


def test_an_empty_workbook_is_told(tmp_path: Path) -> None:
    """A workbook without any cell is empty, not a list of no orders."""
    with pytest.raises(UnknownFormat, match=r"a\.xlsx is empty"):
        list(read_xlsx(write_xlsx(tmp_path / "a.xlsx", [])))


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_told(tmp_path: Path, keep: float) -> None:
    """A download that broke off is named as such, wherever it broke."""
    path = write_xlsx(tmp_path / "a.xlsx", [["a"] * 50] * 50)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(UnknownFormat, match="is not a whole XLSX file"):
        list(read_xlsx(path))


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "A300000", "EA1"])
def test_a_stray_cell_far_out_is_refused(tmp_path: Path, cell: str) -> None:
    """One cell in a far corner must not cost all memory: the reader would abort the process."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet[cell] = "a", "b"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(UnknownFormat, match="a cell too far out"):
        list(read_xlsx(tmp_path / "a.xlsx"))


@pytest.mark.parametrize("limit", ["MOST_UNPACKED", "_LARGE"])
def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """Too many bytes, or too many for so small a file, are refused before anything is unpacked."""
    monkeypatch.setattr(xlsx_table, limit, 1_000_000)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 3_000_000)
    with pytest.raises(UnknownFormat, match="would unpack to 3,000,000 bytes"):
        list(read_xlsx(tmp_path / "a.xlsx"))
