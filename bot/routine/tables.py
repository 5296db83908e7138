"""Tables as people open them: CSV that Excel reads, and XLSX with dates as dates and amounts as numbers."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from bot.routine.files import PRIVATE

Cell = str | int | Decimal | date | datetime | None
Row = Sequence[Cell]
ENDINGS = (".csv", ".xlsx")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_WIDEST = 48


class CannotWrite(ValueError):
    """The sentence says why the file was not written."""


def check_path(path: Path, force: bool) -> None:
    """Raises CannotWrite for an ending that is no table's, and for a file that is there already, unless `force`."""
    if path.suffix.lower() not in ENDINGS:
        raise CannotWrite(f"{path}: expected a name that ends in .csv or .xlsx")
    if path.exists() and not force:
        raise CannotWrite(f"{path} is there already: choose another name, or add --force to write over it")
    if not path.parent.is_dir():
        raise CannotWrite(f"{path}: there is no folder {path.parent}")


def write(path: Path, title: str, heads: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a table in the form that its ending names, whole or not at all, readable by its owner alone."""
    how = _write_xlsx if path.suffix.lower() == ".xlsx" else _write_csv
    with NamedTemporaryFile("wb", dir=path.parent, prefix=".", suffix=path.suffix, delete=False) as file:
        how(file, title, heads, rows)
    os.chmod(file.name, PRIVATE)
    os.replace(file.name, path)


def write_csv(file: IO[str], heads: Sequence[str], rows: Iterable[Row]) -> None:
    """A table as CSV."""
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([_plain(head) for head in heads])
    writer.writerows([_plain(cell) for cell in row] for row in rows)


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, without characters that none can hold."""
    kept = "".join(char for char in text if char in "\t\r\n" or char.isprintable())
    return f"'{kept}" if kept.startswith(_FORMULA) or kept.lstrip().startswith(_FORMULA) else kept


def _write_csv(file: IO[bytes], _title: str, heads: Sequence[str], rows: Iterable[Row]) -> None:
    from io import TextIOWrapper

    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")  # the mark tells Excel that it is UTF-8
    write_csv(text, heads, rows)
    text.flush()
    text.detach()


def _write_xlsx(file: IO[bytes], title: str, heads: Sequence[str], rows: Iterable[Row]) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    sheet.append([safe(head) for head in heads])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([safe(cell) if isinstance(cell, str) else cell for cell in row])
    for column in range(1, len(heads) + 1):
        cells = [sheet.cell(row, column) for row in range(1, sheet.max_row + 1)]
        width = max(_width(cell.value) for cell in cells)
        sheet.column_dimensions[get_column_letter(column)].width = min(width + 2, _WIDEST)
        for cell in cells:
            cell.number_format = _format(cell.value)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    book.save(file)


def _format(value: object) -> str:
    if isinstance(value, Decimal):
        return "0.00" if value.as_tuple().exponent == -2 else "0.0"
    if isinstance(value, datetime):
        return "yyyy-mm-dd hh:mm"
    return "yyyy-mm-dd" if isinstance(value, date) else "@" if isinstance(value, str) else "General"


def _width(value: object) -> int:
    """How wide a cell is, in letters: a Chinese character is two of them."""
    return sum(1 if char.isascii() else 2 for char in _plain(value))


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return safe(value) if isinstance(value, str) else str(value)
