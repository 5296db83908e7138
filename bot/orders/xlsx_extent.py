"""How far the cells of an XLSX file reach, looked at before it is read.

calamine keeps a full grid up to the last cell and aborts the process when memory ends: one stray cell at XFD1048576 is
enough, and so are a few packed kilobytes of `<row/>`. What programs write is looked through at the speed of a search;
what is written otherwise (small letters, blanks, cells that do not say where they are) is read tag by tag.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

LAST_ROW, LAST_COLUMN = 299_999, 130
"""No cell may lie beyond DZ299999."""
_CHUNK, _LONGEST_TAG = 1 << 20, 1 << 16
_FAR = re.compile(rb"""\br=["'](?:(?:[E-Z][A-Z]|[A-Z]{3})[0-9]+|[A-Z]*(?:[3-9][0-9]{5}|[0-9]{7,}))["']""")
_PLAIN = rb' (?:[\w:.-]+="[^"<]*" )*?r="(?:[A-Z]{1,3})?[1-9][0-9]*"[ />]'
_ODD = re.compile(rb"<(?:c|row)(?=[\s/>])(?!" + _PLAIN + rb")|:(?:c|row)[\s/>]")
_PLACE = re.compile(r"([A-Za-z]{0,3})([0-9]{1,9})")


class TooFar(ValueError):
    """A cell lies too far out; the message says which."""


class Strange(ValueError):
    """No program that writes tables makes such a part."""


def check_extent(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Look at one part, whatever its name says it is. Raises TooFar, Strange, and what a damaged archive raises."""
    holds_cells = False
    for chunk in _chunks(archive, part):
        holds_cells = holds_cells or b"sheetData" in chunk
        if not holds_cells:
            continue
        if found := _FAR.search(chunk):
            raise TooFar(found[0].decode())
        if _ODD.search(chunk):
            _walk(archive, part)
            return


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes in pieces that begin with a tag, so that none is cut in two."""
    rest = b""
    with archive.open(part) as file:
        while more := file.read(_CHUNK):
            data = rest + more
            begun = data.rfind(b"<")
            rest = data[begun:] if begun >= 0 else b""
            if len(rest) > _LONGEST_TAG:
                _is_over(rest, part)
                rest = b""
            yield data[: len(data) - len(rest)]
    yield rest


def _is_over(begun: bytes, part: zipfile.ZipInfo) -> None:
    if b">" not in begun[:_LONGEST_TAG]:
        raise Strange(f"{part.filename} has a tag longer than {_LONGEST_TAG:,} characters")


def _walk(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Tag by tag, counted as calamine counts."""
    parser, at = expat.ParserCreate(), _At()
    parser.StartElementHandler = at.begins
    parser.StartDoctypeDeclHandler = _refuse
    try:
        with archive.open(part) as file:
            while more := file.read(_CHUNK):
                parser.Parse(more)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Strange(f"{part.filename} is not XML: {error}") from None


class _At:
    """Where the last cell lies. What follows a cell without saying where it is lies behind it."""

    def __init__(self) -> None:
        self._row, self._column = 0, 0

    def begins(self, tag: str, attributes: dict[str, str]) -> None:
        """A row or a cell begins."""
        match tag.rpartition(":")[2]:
            case "row":
                self._row = max(self._row + 1, _number(attributes.get("r", "")))
                self._column = 0
            case "c":
                letters, row = _place(attributes.get("r", ""))
                self._column = max(self._column + 1, letters)
                self._row = max(self._row, row)
            case _:
                return
        if self._row > LAST_ROW or self._column > LAST_COLUMN:
            raise TooFar(f"row {self._row}, column {self._column}")


def _number(text: str) -> int:
    return _place(text)[1] if text else 0


def _place(text: str) -> tuple[int, int]:
    """Column and row of a reference such as B3, a 0 for what it does not say."""
    if not text:
        return 0, 0
    found = _PLACE.fullmatch(text)
    if found is None:
        raise Strange(f"{text[:20]!r} is no cell")
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return column, int(found[2])


def _refuse(*_: object) -> None:
    raise Strange("a DTD")
