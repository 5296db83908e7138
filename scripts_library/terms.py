"""Takes a normalised text apart into what can be compared: pairs of Chinese characters, stems of other words."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PART = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+|[^\W\x00-\x7f\u3400-\u9fff]+")
_ENDINGS = ("iones", "ing", "ed", "es", "s")
_SHORTEST = 4


def parts(text: str) -> Iterator[str]:
    """The runs of Chinese characters, of letters and digits, and of other scripts."""
    return (match[0] for match in _PART.finditer(text))


def grams(run: str) -> Iterator[str]:
    """The pairs of neighbours in a run of characters; the run itself if it has one only."""
    if len(run) == 1:
        yield run
    for at in range(len(run) - 1):
        yield run[at : at + 2]


def stem(word: str) -> str:
    """A word without its commonest English and Spanish endings, of at least four letters."""
    if word.isdigit():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word.removesuffix(ending)
            break
    return word[:-1] if word[-1:] in "aeo" and len(word) > _SHORTEST else word
