"""Reads CSV files of seller back ends, whatever their encoding and separator."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from followup.ports import UnknownFormat

if TYPE_CHECKING:
    from _csv import Reader

LONGEST_LINE = 1_000_000
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

Row = tuple[int, list[str]]


def read_csv(path: Path) -> Iterator[Row]:
    """Rows with the line each begins on, blank ones left out, in constant memory.

    A row whose quoting is broken comes as one cell that says so. Raises `UnknownFormat` for an empty file, a line or
    row over a million characters and NUL bytes.
    """
    encoding, separator = _sniff(path)
    # Damaged bytes become U+FFFD: harmless in a title, and refused where an id, an amount or a name is read.
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = _Lines(file, path)
        yield from _rows(csv.reader(lines, delimiter=separator), separator, lines)


def encoding_of(head: bytes) -> str:
    """The encoding of a file by its first bytes: its BOM, else UTF-8 if the header row is, else GB18030.

    A header row with Chinese names in GB18030 is never valid UTF-8, so nothing is guessed.
    """
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            return encoding
    header = (head.strip().splitlines() or [b""])[0]
    try:
        header.decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _sniff(path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        head = file.read(65536)
    encoding = encoding_of(head)
    header = head.decode(encoding, "replace").strip("\ufeff \r\n")
    if not header:
        raise UnknownFormat(f"{path.name} is empty")
    return encoding, max(",\t;", key=header.splitlines()[0].count)


class _Lines:
    """The lines of a file, no more of them for one row than a row can be long."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file, self._name = file, path.name
        self.of_row = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.of_row += len(line)
        if self.of_row >= LONGEST_LINE:
            what = "line" if self.of_row == len(line) else "row"
            raise UnknownFormat(
                f"{self._name} has a {what} longer than {LONGEST_LINE:,} characters: it is not a CSV file"
            )
        if "\0" in line:
            raise UnknownFormat(f"{self._name} holds NUL bytes: it is damaged, not text, or UTF-16 without its BOM")
        return line


def _rows(reader: Reader, separator: str, lines: _Lines) -> Iterator[Row]:
    begins, width = 1, 0
    while True:
        try:
            for cells in reader:
                ends, lines.of_row = reader.line_num, 0
                if ends != begins and _swallowed(cells, separator, width or len(cells)):
                    yield begins, [f"lines {begins} to {ends}: a quote is not closed"]
                elif any(cells):
                    width = width or len(cells)
                    yield begins, cells
                begins = ends + 1
        except csv.Error as error:
            yield begins, [f"lines {begins} to {reader.line_num}: {error}"]
            begins, lines.of_row = reader.line_num + 1, 0
        else:
            return


def _swallowed(cells: list[str], separator: str, width: int) -> bool:
    """Whether a cell of several lines holds whole rows: a stray quote eats everything up to the next one."""
    return any("\n" in cell and cell.count(separator) >= width - 1 for cell in cells)
