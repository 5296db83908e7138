"""Cards, bars and words in a picture of flat colours; everything is drawn twice as large and made smaller, for smooth
edges. Needs Pillow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from bot.figures.fonts import font as load

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SCALE = 2
COLOURS = 128
TONES = {
    "paper": "#f6f4ef",
    "card": "#fffdf9",
    "line": "#e3ded3",
    "ink": "#20262b",
    "soft": "#646d73",
    "sent": "#17806d",
    "postponed": "#d98e1f",
    "bad": "#c2453d",
}


class Canvas:
    """A picture so wide and so high; places and sizes are pixels of the picture that comes out."""

    def __init__(self, wide: int, high: int, with_chinese: bool) -> None:
        self._chinese = with_chinese
        self._image = Image.new("RGB", (wide * SCALE, high * SCALE), TONES["paper"])
        self._draw = ImageDraw.Draw(self._image)

    def text(
        self, x: float, y: float, text: str, size: int, tone: str, most: float = 0, centred: bool = False
    ) -> float:
        """Write a line, smaller where it would be wider than `most`; returns how wide it is."""
        font = _font(size * SCALE, self._chinese)
        while most and size > 12 and font.getlength(text) > most * SCALE:
            size -= 1
            font = _font(size * SCALE, self._chinese)
        width = font.getlength(text) / SCALE
        left = x - width / 2 if centred else x
        self._draw.text((left * SCALE, y * SCALE), text, TONES[tone], font)
        return width

    def card(self, x: float, y: float, wide: float, high: float) -> None:
        """A card with a thin line around it."""
        box = (x * SCALE, y * SCALE, (x + wide) * SCALE, (y + high) * SCALE)
        self._draw.rounded_rectangle(box, 14 * SCALE, TONES["card"], TONES["line"], SCALE)

    def bar(self, x: float, y: float, wide: float, high: float, tone: str) -> None:
        """A bar, of which nothing is drawn if it stands for nothing."""
        if wide > 0 and high > 0:
            self._draw.rectangle((x * SCALE, y * SCALE, (x + wide) * SCALE, (y + high) * SCALE), TONES[tone])

    def legend(self, right: float, y: float, of: Sequence[tuple[str, str]]) -> None:
        """What the colours mean, ending at `right`."""
        font = _font(22 * SCALE, self._chinese)
        for tone, word in reversed(of):
            right -= font.getlength(word) / SCALE
            self.text(right, y, word, 22, "soft")
            right -= 26
            self.bar(right, y + 7, 16, 16, tone)
            right -= 22

    def save(self, path: Path) -> None:
        """Write a PNG whole or not at all. Raises OSError."""
        small = self._image.reduce(SCALE).quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
        with NamedTemporaryFile("wb", dir=path.parent, prefix=".", suffix=".png", delete=False) as file:
            small.save(file, "PNG", optimize=True)
        os.replace(file.name, path)


@cache
def _font(size: int, with_chinese: bool) -> FreeTypeFont:
    return load(size, with_chinese)
