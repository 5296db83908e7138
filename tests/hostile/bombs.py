"""Small files that are large once they are read."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
    "</workbook>"
)
FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'
SHARED = "xl/sharedStrings.xml"


def xlsx(path: Path, rows: Iterable[str | bytes], target: str = "worksheets/sheet1.xml", shared: bytes = b"") -> Path:
    """A workbook of one sheet with these rows; the part that holds it is called `target`."""
    relations = (
        f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="{target}"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    root = (
        f'<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", root)
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr(SHARED, shared or f'<sst xmlns="{_MAIN}"><si><t>a</t></si></sst>')
        with archive.open(f"xl/{target}", "w") as part:
            part.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for row in rows:
                part.write(row.encode() if isinstance(row, str) else row)
            part.write(b"</sheetData></worksheet>")
    return path


def cell_at(reference: str) -> tuple[str, ...]:
    """The rows of a sheet with a second cell whose attribute is that."""
    return (f'<row r="1"><c r="A1"><v>1</v></c><c {reference}><v>1</v></c></row>',)


def shared(text: bytes, before: str = "") -> bytes:
    """Shared strings, one of which is that text."""
    return f'{before}<sst xmlns="{_MAIN}"><si><t>'.encode() + text + b"</t></si></sst>"


def entities() -> str:
    """Ten entities, each ten times the one before."""
    names = "abcdefghij"
    nested = "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in pairwise(names))
    return f'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">{nested}]>'


def lying(path: Path, name: str, size: int) -> Path:
    """The same archive, whose headers say that the part has only this size."""
    data = bytearray(path.read_bytes())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        (length,) = struct.unpack("<H", data[at + 28 : at + 30])
        if data[at + 46 : at + 46 + length] == name.encode():
            (local,) = struct.unpack("<I", data[at + 42 : at + 46])
            data[at + 24 : at + 28] = data[local + 22 : local + 26] = struct.pack("<I", size)
        at += 4
    path.write_bytes(data)
    return path


def ods(path: Path, rows: int, columns: int) -> Path:
    """A table of OpenDocument with one cell, said to stand there so many times."""
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml", '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content{names}><office:body><office:spreadsheet><table:table table:name="S">'
            f'<table:table-row table:number-rows-repeated="{rows}">'
            f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string"><text:p>a</text:p>'
            "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return path


def hollow(path: Path, head: str, size: int) -> Path:
    """A file of one line of that many bytes after its head, of which the disk holds none."""
    with path.open("wb") as file:
        file.write(head.encode())
        file.truncate(size)
    return path


def long_line(path: Path, head: str, piece: str, times: int) -> Path:
    """A file with one line (or row) made of a piece many times."""
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        for _ in range(times // 10_000):
            file.write(piece * 10_000)
    return path
