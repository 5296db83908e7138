"""Finds words of time in a text: what each language calls days, parts of the day, clock times and spans."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from handlers.understand.phrases import LANGUAGES, whole_words, words_of

NAMED = "_"
_GROUP = re.compile(r"\(\?P<(\w+)>")


@dataclass(frozen=True, slots=True)
class Words:
    """One kind of time words of one language: a regular expression that tells which entry of the data matched."""

    entries: list[dict[str, Any]]
    regex: re.Pattern[str]

    def take(self, text: str) -> tuple[dict[str, Any], str]:
        """What the first match means ({} when there is none), and the text with `_` in its place."""
        match = self.regex.search(text)
        if not match or not match.lastgroup:
            return {}, text
        index = match.lastgroup.removeprefix("_")
        groups = {name.partition("_")[0]: each for name, each in match.groupdict().items() if each}
        return self.entries[int(index)] | groups, f"{text[: match.start()]}{NAMED}{text[match.end() :]}"


@dataclass(frozen=True, slots=True)
class TimeWords:
    """All time words of one language. `past` is what must not be read as a time to come."""

    past: re.Pattern[str]
    span: Words
    part: Words
    date: Words
    clock: Words


def number(word: str) -> int:
    """The number a word stands for, in any language: 15, 十五, two, marzo (3), viernes (5)."""
    return int(word) if word.isdecimal() else _NUMBERS[word]


def finder(lang: str, entries: list[dict[str, Any]]) -> Words:
    """Finds what the `match` of the entries, written in that language, says."""
    patterns = (_GROUP.sub(rf"(?P<\1_{at}>", each["match"]) for at, each in enumerate(entries))
    return Words(entries, whole_words(lang, (f"(?P<_{at}>{each})" for at, each in enumerate(patterns))))


@cache
def time_words(lang: str) -> TimeWords:
    """The time words of a language, compiled when first asked for."""
    kinds = (finder(lang, LANGUAGES[lang]["time"][kind]) for kind in ("span", "part", "date", "clock"))
    return TimeWords(words_of(lang, "time", "past"), *kinds)


_NUMBERS = {word: value for each in LANGUAGES.values() for word, value in each["time"]["number"].items()}
