"""What the linear model sees of a message: pieces of its words, and concepts that are spelt in many ways."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import ahocorasick

from handlers.understand.normalise import HAN
from handlers.understand.phrase_lines import FOLDER

LONGEST = 400
_BETWEEN_HAN = re.compile(f"(?<=[{HAN}]) +(?=[{HAN}])")
_LONG_NUMBER = re.compile("0{5,}")
_DIGIT = re.compile(r"\d")
_TOKEN = re.compile(r"[a-z]+|[^\sa-z]")


def fold(folded: str) -> str:
    """Normalised text without spaces between Chinese characters, every digit 0, long numbers alike."""
    text = _BETWEEN_HAN.sub("", folded[:LONGEST])
    return _LONG_NUMBER.sub("0000", _DIGIT.sub("0", text))


@cache
def _concepts() -> ahocorasick.Automaton:
    names: dict[str, set[str]] = {}
    for line in (FOLDER / "concepts.txt").read_text("utf-8").splitlines():
        name, colon, words = line.partition(": ")
        if colon and not line.startswith("#"):
            for word in words.split(","):
                names.setdefault(word.removeprefix(" "), set()).add(name)
    found = ahocorasick.Automaton()
    for word, meant in names.items():
        if word:
            found.add_word(word, (word, tuple(meant)))
    found.make_automaton()
    return found


def concepts(text: str) -> set[str]:
    """The concepts that a folded text names. A Latin word counts only where it begins."""
    padded, found = f" {text} ", set()
    for end, (word, names) in _concepts().iter(padded):
        if not (word[0].isascii() and word[0].isalpha() and _is_latin(padded[end - len(word)])):
            found.update(names)
    return found


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def features(text: str) -> set[str]:
    """Runs of up to three characters or Latin words, parts of long words, and `@concepts` of a folded text."""
    tokens = ["^", *_TOKEN.findall(text), "$"]
    found = set(tokens)
    found.update(map(" ".join, pairwise(tokens)))
    found.update(map(" ".join, zip(tokens, tokens[1:], tokens[2:], strict=False)))
    for token in tokens:
        if len(token) > 3:
            found.update(f"~{f'<{token}>'[at : at + 4]}" for at in range(len(token) - 1))
    found.update("@" + name for name in concepts(text))
    return found
