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

    A row whose quoting is broken comes as one cell that says so. Raises `UnknownFormat` for an empty file, a line
    over 1 MB and NUL bytes.
    """
    encoding, separator = _sniff(path)
    # Damaged bytes become U+FFFD: harmless in a title, and refused where an id, an amount or a name is read.
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        reader = csv.reader(_lines(file, path), delimiter=separator)
        yield from _rows(reader, separator)


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


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise UnknownFormat(f"{path.name} has a line longer than {LONGEST_LINE:,} characters: it is not a CSV file")
        if "\0" in line:
            raise UnknownFormat(f"{path.name} holds NUL bytes: it is damaged, not text, or UTF-16 without its BOM")
        yield line


def _rows(reader: Reader, separator: str) -> Iterator[Row]:
    begins, width = 1, 0
    while True:
        try:
            for cells in reader:
                ends = reader.line_num
                if ends != begins and _swallowed(cells, separator, width or len(cells)):
                    yield begins, [f"lines {begins} to {ends}: a quote is not closed"]
                elif any(cells):
                    width = width or len(cells)
                    yield begins, cells
                begins = ends + 1
        except csv.Error as error:
            yield begins, [f"lines {begins} to {reader.line_num}: {error}"]
            begins = reader.line_num + 1
        else:
            return


def _swallowed(cells: list[str], separator: str, width: int) -> bool:
    """Whether a cell of several lines holds whole rows: a stray quote eats everything up to the next one."""
    return any("\n" in cell and cell.count(separator) >= width - 1 for cell in cells)
