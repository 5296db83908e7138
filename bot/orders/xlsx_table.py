"""Reads XLSX files with python-calamine, after looking whether they would fit into memory."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from bot.orders.xlsx_extent import TooFar, check_extent
from followup.ports import UnknownFormat

MOST_UNPACKED = 500_000_000
MOST_RATIO = 200
_LARGE = 50_000_000
_OTHER = re.compile(r"(?:^|/)(?:content\.xml|workbook\.bin)$", re.IGNORECASE)
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, ValueError)

Row = tuple[int, list[str]]


def read_xlsx(path: Path) -> Iterator[Row]:
    """Rows of the first sheet that has any, with their row numbers, every cell as text, blank rows left out.

    Raises `UnknownFormat` for a damaged file, one that unpacks to over 500 MB, and cells too far out.
    """
    _check(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheet = _first_sheet(workbook)
    except CalamineError as error:
        raise UnknownFormat(f"{path.name} is not a whole XLSX file: {error}") from error
    if sheet is None:
        raise UnknownFormat(f"{path.name} is empty")
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _first_sheet(workbook: CalamineWorkbook) -> CalamineSheet | None:
    sheets = (workbook.get_sheet_by_index(index) for index in range(len(workbook.sheet_names)))
    return next((sheet for sheet in sheets if sheet.height), None)


def _check(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            _check_size(path, archive)
            for part in archive.infolist():
                check_extent(archive, part)
    except TooFar as error:
        raise UnknownFormat(
            f"{path.name} has a cell too far out ({error}); clear it, or save the file as CSV"
        ) from None
    except UnknownFormat:
        raise
    except _DAMAGE as error:
        raise UnknownFormat(f"{path.name} is not a whole XLSX file: {error}") from error


def _check_size(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MOST_UNPACKED or unpacked > max(_LARGE, MOST_RATIO * path.stat().st_size):
        raise UnknownFormat(f"{path.name} would unpack to {unpacked:,} bytes; split it, or save it as CSV")
    # calamine reads whatever spreadsheet it finds, and only of XLSX is known here how large a table it makes.
    if any(_OTHER.search(part.filename.replace("\\", "/")) for part in parts):
        raise UnknownFormat(f"{path.name} is another kind of spreadsheet; save it as .xlsx or .csv")


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        # More than 15 digits were rounded by the spreadsheet already: kept in a form that no id reader accepts.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    if isinstance(cell, datetime):
        return (cell + timedelta(microseconds=500_000)).replace(microsecond=0).isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
