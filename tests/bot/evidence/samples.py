"""Small files of every kind: the first bytes are what a real one begins with."""

from __future__ import annotations

import base64
import io
from zipfile import ZipFile

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGM4IQcEJxggFAAcfgQRs56ClAAAAABJRU5ErkJggg=="
)


def office(*names: str) -> bytes:
    """A zip archive with empty files of these names."""
    into = io.BytesIO()
    with ZipFile(into, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return into.getvalue()


def ole(*streams: str) -> bytes:
    """An old office file that has these streams."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + b"".join(name.encode("utf-16-le") for name in streams)


def boxed(brand: bytes) -> bytes:
    """A file of the MP4 family."""
    return b"\0\0\0\x14ftyp" + brand + b"\0\0\2\0" + brand + bytes(40)


KEPT: dict[str, bytes] = {
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(40),
    "png": PNG,
    "gif": b"GIF89a" + bytes(40),
    "webp": b"RIFF\x24\0\0\0WEBPVP8 " + bytes(40),
    "heic": boxed(b"heic"),
    "bmp": b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0" + bytes(40),
    "mp4": boxed(b"isom"),
    "mov": boxed(b"qt  "),
    "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + bytes(40),
    "3gp": boxed(b"3gp4"),
    "mp3": b"ID3\x03\0\0\0\0\0\0" + bytes(40),
    "ogg": b"OggS\0\2" + bytes(22) + b"OpusHead" + bytes(40),
    "amr": b"#!AMR\n" + bytes(40),
    "silk": b"\x02#!SILK_V3" + bytes(40),
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
    "m4a": boxed(b"M4A "),
    "pdf": b"%PDF-1.4\n" + bytes(40),
    "doc": ole("Root Entry", "WordDocument"),
    "xls": ole("Root Entry", "Workbook"),
    "docx": office("[Content_Types].xml", "word/document.xml"),
    "xlsx": office("_rels/.rels", "xl/workbook.xml", "[Content_Types].xml"),
    "txt": "快递单号,重量\nSF123,2.1\n".encode(),
}
REFUSED: dict[str, bytes] = {
    "a program": b"MZ\x90\0" + bytes(200),
    "a Linux program": b"\x7fELF\2\1\1" + bytes(60),
    "a shell script": b"#!/bin/sh\nrm -rf /\n",
    "a web page": b"  <!DOCTYPE html><html><script>alert(1)</script>",
    "a page after a long preface": b"hello\n" * 100 + b"<SCRIPT src=//x></SCRIPT>",
    "a drawing that runs": b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>',
    "XML": b'<?xml version="1.0"?><a/>',
    "an archive": office("a.txt"),
    "an app": office("AndroidManifest.xml", "classes.dex"),
    "a document with macros": office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "an old document with macros": ole("WordDocument", "_VBA_PROJECT"),
    "an installer": ole("Root Entry", "SummaryInformation"),
    "rar": b"Rar!\x1a\7\0" + bytes(40),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(40),
    "gzip": b"\x1f\x8b\x08\0" + bytes(40),
    "nothing": b"",
    "noise": bytes(range(256)),
    "a Matroska film": b"\x1aE\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska" + bytes(40),
}
