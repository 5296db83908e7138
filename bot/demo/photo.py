"""A "photo" for the demo: a parcel on a table, drawn pixel by pixel, as a PNG."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 320, 240
TABLE, BOARD, TAPE, LABEL, SHADE = (226, 220, 210), (189, 146, 98), (222, 196, 152), (250, 250, 247), (164, 124, 80)
_PARTS = (
    (70, 60, 250, 190, BOARD),
    (70, 180, 250, 190, SHADE),
    (148, 60, 172, 190, TAPE),
    (186, 76, 238, 108, LABEL),
    (192, 84, 230, 87, SHADE),
    (192, 93, 222, 96, SHADE),
)
"""Rectangles: left, top, right, bottom, colour; later ones lie on top."""


def photo(shift: int = 0) -> bytes:
    """The picture; each `shift` in pixels gives another one."""
    rows = (b"\0" + b"".join(bytes(_colour(x - shift, y)) for x in range(WIDTH)) for y in range(HEIGHT))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _colour(x: int, y: int) -> tuple[int, int, int]:
    inside = (
        colour for left, top, right, bottom, colour in reversed(_PARTS) if left <= x < right and top <= y < bottom
    )
    return next(inside, TABLE)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
