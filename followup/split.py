"""Cutting a text that is too long for a channel: at paragraphs, else lines, else sentences, else words.

Nothing but the white space at the cuts is lost. No part ends within what a reader sees as one character, nor within
an address of the web, unless that alone is too long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from followup.ports import Measure

_CLOSING = "\"'”’」』）)】》\\]"
_BREAKS = (
    re.compile(r"[^\S\n]{0,9}\n\s*\n"),
    re.compile(r"[^\S\n]{0,9}\n"),
    re.compile(rf"[。！？｡．؟۔।॥…‽]+[{_CLOSING}]*|[.!?]+[{_CLOSING}]*(?=\s)"),
    re.compile(r"\s+"),
)
_URL = re.compile(r"https?://[^\s。，！？、；：“”‘’（）《》]+")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_JOINER, _FIRST_FLAG, _LAST_FLAG = "\u200d", "\U0001f1e6", "\U0001f1ff"


def storable(text: str) -> str:
    """The text without what no database and no channel takes: NUL and halves of characters become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


def length(text: str, measure: Measure) -> int:
    """How long a channel with that measure finds the text."""
    match measure:
        case Measure.CHARACTERS:
            return len(text)
        case Measure.UTF16:
            return len(text) + sum(char > "\uffff" for char in text)
        case Measure.BYTES:
            return len(text.encode("utf-8", "surrogatepass"))


def split(text: str, longest: int, measure: Measure = Measure.CHARACTERS) -> list[str]:
    """The text in parts of at most `longest` (at least 4) by the measure; itself if it is short enough."""
    return [text] if length(text, measure) <= longest else list(_parts(text, longest, measure)) or [""]


def _parts(text: str, longest: int, measure: Measure) -> Iterator[str]:
    rest = text.strip()
    while rest:
        cut = _cut(rest, _fitting(rest, longest, measure))
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()


def _fitting(text: str, longest: int, measure: Measure) -> int:
    """How many code points of the text fit."""
    left = longest
    for at, char in enumerate(text[:longest]):
        left -= length(char, measure)
        if left < 0:
            return max(1, at)
    return min(len(text), longest)


def _cut(text: str, most: int) -> int:
    """Where to cut off a part of at most `most` code points: at the best kind of place in its last two thirds, else
    before the address of the web that it would hit, else between two characters as readers see them, else anywhere."""
    if most == len(text):
        return most
    urls = [found.span() for found in _URL.finditer(text[: most + 1])]

    def is_good(at: int) -> bool:
        return at <= most and not _is_one(text, at) and not any(start < at < end for start, end in urls)

    for pattern in _BREAKS:
        places = (_place(found) for found in pattern.finditer(text, most // 3, most + 1))
        if good := [at for at in places if at > most // 3 and is_good(at)]:
            return good[-1]
    hit = next((start for start, end in urls if 0 < start < most < end), 0)
    return hit or next((at for at in range(most, 0, -1) if not _is_one(text, at)), most)


def _place(found: re.Match[str]) -> int:
    """Where a break is: after what ends a sentence, before white space, which falls away."""
    return found.end() if found.group().strip() else found.start()


def _is_one(text: str, at: int) -> bool:
    """Whether what stands before and after `at` is read as one character."""
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or (before, after) == ("\r", "\n"):
        return True
    if _is_flag(before) and _is_flag(after):
        return _flags_before(text, at) % 2 == 1
    return _extends(after)


def _extends(char: str) -> bool:
    """Whether a character only adds to the one before it: marks, skin tones, tags, the later parts of a Hangul."""
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or "\u1160" <= char <= "\u11ff"
    )


def _is_flag(char: str) -> bool:
    return _FIRST_FLAG <= char <= _LAST_FLAG


def _flags_before(text: str, at: int) -> int:
    """How many letters of flags stand in a row before `at`."""
    start = at
    while start and _is_flag(text[start - 1]):
        start -= 1
    return at - start
