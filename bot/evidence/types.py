"""What a file is, by its bytes: never by the name or type that its sender gave it."""

from __future__ import annotations

import re

import filetype

_ALLOWED = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "bmp": "image/bmp",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "3gp": "video/3gpp",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "amr": "audio/amr",
    "silk": "audio/silk",
    "wav": "audio/wav",
    "m4a": "audio/mp4",
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain",
}
_ALSO = {"m4v": "mp4", "jpeg": "jpg"}
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_SILK = (b"#!SILK_V3", b"\x02#!SILK_V3")
_MARKUP = re.compile(r"<\s*(!doctype|\?xml|html|head|body|script|svg|iframe|object|embed|meta|link)\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LOOK = 65_536


def type_of(content: bytes) -> tuple[str, str] | None:
    """The ending and the MIME type of a kind that is kept (photo, video, recording, document, plain text); None for
    anything else: programs, web pages, archives, office files with macros."""
    ending = _special(content) or _by_magic(content) or _text(content)
    return (ending, _ALLOWED[ending]) if ending in _ALLOWED else None


def mime_of(ending: str) -> str:
    """The MIME type of an ending that `type_of` gives."""
    return _ALLOWED[ending]


def _by_magic(content: bytes) -> str:
    found = filetype.guess(content[:LOOK])
    return "" if found is None else _ALSO.get(found.extension, found.extension)


def _special(content: bytes) -> str:
    """What the library takes for something else, or does not know."""
    if content.startswith(_SILK):
        return "silk"
    if content[4:8] == b"ftyp" and content[8:11] in (b"3gp", b"3g2"):
        return "3gp"
    if content.startswith(_ZIP):
        return _office_zip(content)
    return _office_ole(content) if content.startswith(_OLE) else ""


def _office_zip(content: bytes) -> str:
    """A zip archive is kept only if it is a document; the names in it stand there in clear."""
    if b"[Content_Types].xml" not in content or b"vbaProject.bin" in content:
        return "zip"
    return "docx" if b"word/document" in content else "xlsx" if b"xl/workbook" in content else "zip"


def _office_ole(content: bytes) -> str:
    """Installers are of this format too, so that it has to hold a document, and no macros."""
    if _utf16("_VBA_PROJECT") in content:
        return "ole"
    return "doc" if _utf16("WordDocument") in content else "xls" if _utf16("Workbook") in content else "ole"


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


def _text(content: bytes) -> str:
    """Plain text in UTF-8 or GB 18030, without anything that a browser or a shell would run."""
    if not content or content.startswith(b"#!"):
        return ""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "" if _CONTROL.search(text) or _MARKUP.search(text[:LOOK]) else "txt"
    return ""
