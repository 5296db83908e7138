"""One spelling for what buyers type: half-width, lower case, simplified Chinese, no accents, few marks."""

from __future__ import annotations

import re
import unicodedata

from handlers.understand.phrases import SIMPLIFIED

LONGEST = 2000
SEGMENTED = 3
MARKS = {"\n": ".", "'": "", "’": "", "‘": "", "`": "", "´": "", ":": ":"}
MARKS |= dict.fromkeys(".!;。…", ".") | dict.fromkeys(",、，", ",") | dict.fromkeys("?؟", "?")
HAN = "一-鿿"
_STRETCHED = re.compile(r"(?<=[^\W\d])([^\W\d])\1{2,}")
_SPACED_OUT = re.compile(f"(?<![{HAN}])([{HAN}]) (?=[{HAN}])")
_BETWEEN_HAN = re.compile(f"(?<=[{HAN}]) (?=[{HAN}])")
_NOT_LETTERS = re.compile(r"[^\w?]+")


def normalise(text: str) -> str:
    """The text in one spelling: letters and digits, single spaces, and the marks `,` `.` `:` `?`.

    Reads the first 2,000 characters. An apostrophe joins (don't → dont), a new line ends a sentence (`.`).
    """
    folded = " ".join(text[:LONGEST].translate(_FOLD).split())[:LONGEST].lstrip(" ,.:")
    folded = _STRETCHED.sub(r"\1", folded)
    return folded if folded.isascii() else _join_spaced_out(folded)


def letters_only(folded: str) -> str:
    """Normalised text without spaces and marks, except for a question mark: what is left of `S T O P !!`."""
    return _NOT_LETTERS.sub("", folded)


def _join_spaced_out(folded: str) -> str:
    words = folded.split()
    # Written word by word, as a segmenter leaves it: the spaces are no pauses.
    if len(words) >= SEGMENTED and len(min(words, key=len)) == 1 and sum(map(len, words)) <= 2 * len(words):
        return _BETWEEN_HAN.sub("", folded)
    while (joined := _SPACED_OUT.sub(r"\1", folded)) != folded:
        folded = joined
    return folded


def _fold(char: str) -> str:
    parts = unicodedata.normalize("NFKD", char).casefold()
    return "".join(_fold_part(part) for part in unicodedata.normalize("NFKD", parts))


def _fold_part(char: str) -> str:
    if char in MARKS:
        return MARKS[char]
    category = unicodedata.category(char)
    if category[0] in "LN":
        return SIMPLIFIED.get(char, char)
    return "" if category in ("Mn", "Me", "Cf") or char == "\0" else " "


class _Fold(dict[int, str]):
    """Folds a character when it is first met; bounded, so that hostile text cannot fill the memory."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < 20_000:
            self[code] = folded
        return folded


_FOLD = _Fold()
