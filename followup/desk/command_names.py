"""By which names commands, flags and a "yes" are known, in Chinese and in English (`command_names.toml`)."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from followup.desk.flags import Flag
from followup.desk.verbs import Verb

MARKS = " \t\r\n\u3000,，.。:：;；!！?？、"
_ENDS = str.maketrans(dict.fromkeys("@:：,，", " "))
_SHOWN = 30


def verb_named(line: str) -> tuple[Verb | None, str, str]:
    """The verb at the beginning of a line, the word that was typed for it, and what follows; None for no such verb.

    In the group Telegram writes `take@the_bot`. A Chinese name needs no space behind it.
    """
    head, rest = (*line.split(maxsplit=1), "", "")[:2]
    names = _names("verbs")
    plain, told = folded(head).translate(_ENDS).split(maxsplit=1)[:1], head[:_SHOWN]
    if plain and (key := names.get(plain[0].rstrip(MARKS))) is not None:
        is_bot = "@" in folded(head) and plain[0].isascii()
        behind = "" if is_bot else head[len(plain[0]) :].strip(MARKS)
        return Verb(key), told, f"{behind} {rest}".strip()
    key, more = _begins(head, names)
    return (Verb(key) if key else None), told, f"{more} {rest}".strip()


def typed_as(verb: Verb, chinese: bool) -> str:
    """The name by which people are told to type a verb."""
    return next(name for name, key in _names("verbs").items() if key == verb.value and name.isascii() is not chinese)


def flag_named(line: str) -> tuple[Flag | None, str]:
    """The flag at the beginning of a line, and what follows; None for no such flag."""
    head, rest = (*line.split(maxsplit=1), "", "")[:2]
    names = _names("flags")
    key = names.get(folded(head).strip(MARKS))
    if key is not None:
        return Flag(key), rest.strip()
    key, more = _begins(head, {name: colour for name, colour in names.items() if colour})
    return (Flag(key) if key else None), f"{more} {rest}".strip()


def is_sure(text: str) -> bool:
    """Whether somebody says yes, and nothing else."""
    return folded(text).strip(MARKS) in _names("sure")


def is_word(text: str) -> bool:
    """Whether that is a word of a text, though by its letters it could be the code of a task."""
    return folded(text) in _names("words")


def near(typed: str) -> str:
    """The command that looks most like what was typed, "" if none does."""
    return next(iter(get_close_matches(folded(typed), _names("verbs"), 1)), "")


def units() -> Mapping[str, int]:
    """The seconds of each unit of time by its names."""
    return {name: int(seconds) for name, seconds in _names("units").items()}


def causes() -> Mapping[str, str]:
    """The causes by the short names that people type."""
    return _names("causes")


def remedies() -> Mapping[str, str]:
    """The remedies by the short names that people type."""
    return _names("remedies")


def losses() -> Mapping[str, str]:
    """The losses by the short names that people type."""
    return _names("losses")


def folded(text: str) -> str:
    """One spelling: half-width, lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _begins(head: str, names: Mapping[str, str]) -> tuple[str, str]:
    """What the longest Chinese name at the beginning of a word stands for, and the rest of the word."""
    found = max((name for name in names if not name.isascii() and head.startswith(name)), key=len, default="")
    return (names[found], head[len(found) :].lstrip(MARKS)) if found else ("", "")


@cache
def _names(of: str) -> Mapping[str, str]:
    return {name: key for key, names in _tables()[of].items() for name in names}


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
