"""Reads tables row by row, CSV or XLSX as their first bytes say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.orders.csv_table import Row, read_csv
from bot.orders.xlsx_table import read_xlsx
from followup.ports import UnknownFormat

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_table(path: Path) -> tuple[list[str], Iterator[Row]]:
    """The header row and the rows below it with their numbers (the first line of the file is 1).

    Raises `UnknownFormat` for an empty or damaged file, also while the rows are read.
    """
    rows = _rows(path)
    first = next(rows, None)
    if first is None:
        raise UnknownFormat(f"{path.name} is empty")
    return [heading(name) for name in first[1]], rows


def heading(name: str) -> str:
    """A column's name without what exports put around it."""
    return name.strip("\ufeff\u3000=\"' \t\r\n")


def _rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == _OLE:
        raise UnknownFormat(f"{path.name} is an old .xls or has a password; save it as .xlsx or .csv")
    return read_xlsx(path) if magic == _ZIP else read_csv(path)
