"""Loads scripts_library/phrases: what buyers say, as data, one file a language.

A pattern is a regular expression over normalised text; `{name}` in it stands for a word of its file's `[word]` table.
Regular expressions are compiled when first asked for: most shops meet one language only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import scripts_library

_NAME = re.compile(r"\{([a-z_]+)\}")


def _load() -> dict[str, dict[str, Any]]:
    found = sorted((Path(scripts_library.__path__[0]) / "phrases").glob("*.toml"))
    return {each.stem: tomllib.loads(each.read_text("utf-8")) for each in found}


LANGUAGES = _load()
_PAIRS: list[str] = [pair for each in LANGUAGES.values() for pair in each.get("variants", "").split()]
SIMPLIFIED = {pair[1]: pair[0] for pair in _PAIRS}


@cache
def words_of(lang: str, table: str, part: str) -> re.Pattern[str]:
    """One regular expression for the list `part` (leave, take, past) of a table (an intent, time) of a language."""
    return whole_words(lang, LANGUAGES[lang][table][part])


@cache
def hints_of(langs: tuple[str, ...], table: str) -> re.Pattern[str]:
    """Finds a hint that one of the languages is worth a closer look for this table."""
    return re.compile("|".join(_hints(lang, LANGUAGES[lang][table]["hints"]) for lang in langs))


def _hints(lang: str, hints: list[str]) -> str:
    joined = f"(?:{'|'.join(hints)})"
    return rf"\b{joined}" if LANGUAGES[lang]["spaced"] else joined


def whole_messages(tables: Iterable[str]) -> re.Pattern[str]:
    """Matches messages of any language, written without spaces and marks, that say nothing but one of the tables;
    the name of the group that matched is the table."""
    polite = "|".join(each["word"]["politely"] for each in LANGUAGES.values())
    found = (f"(?P<{table}>{'|'.join(bare)})" for table in tables if (bare := _bare(table)))
    joined = "|".join(found)
    return re.compile(f"(?:{polite}){{0,4}}?(?:{joined})(?:{polite}){{0,4}}")


def _bare(table: str) -> list[str]:
    return [words for each in LANGUAGES.values() for words in each.get(table, {}).get("bare", [])]


def whole_words(lang: str, alternatives: Iterable[str]) -> re.Pattern[str]:
    """One regular expression for all alternatives; whole words only where the language has spaces between them."""
    joined = expand("|".join(alternatives), LANGUAGES[lang]["word"])
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)" if LANGUAGES[lang]["spaced"] else joined)


def expand(pattern: str, words: Mapping[str, str]) -> str:
    """The pattern with the words for every `{name}` in it. Raises KeyError for one that has none."""
    while _NAME.search(pattern):
        pattern = _NAME.sub(lambda name: f"(?:{words[name[1]]})", pattern)
    return pattern
