"""What each option of config.toml is called and means: from a file for each language in bot/settings_meaning_words/;
what has no meaning there in English, has that of the comment in config.example.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from bot.config_errors import Keys

HERE = Path(__file__).parent
EXAMPLE = next(each for each in (HERE / "config.example.toml", HERE.parent / "config.example.toml") if each.exists())
NAMED = ("shops", "shifts", "people", "channels", "alerts")
"""Tables whose entries people name as they like; `alerts` of a shop is none of them."""
_HEADER = re.compile(r"#?\[([\w.-]+)\]\s*(?:#.*)?")
_FOR_READERS_OF_FILES = re.compile(r"`| \((?:docs/[\w./-]+|huifang [\w ]+)\)|(?:, )?docs/[\w./-]+")
_OPTION = re.compile(r"#?(\w+) = (?:\"[^\"]*\"|\[[^\]]*\]|[^#]*?)\s*# (.+)")


def meaning(keys: Keys, lang: str = "en") -> str:
    """What an option is for, in one line; "" for one that has no words."""
    return _words(keys, lang)[1]


def name(keys: Keys, lang: str = "en") -> str:
    """What an option is called; as the file calls it where it has no name."""
    return _words(keys, lang)[0] or keys[-1].replace("_", " ").capitalize()


def _words(keys: Keys, lang: str) -> tuple[str, str]:
    return meanings(lang).get(plain(keys)) or meanings("en").get(plain(keys), ("", ""))


def plain(keys: Keys) -> Keys:
    """The keys without the names that people chose: ("shops", "*", "nudge_every")."""
    return tuple("*" if at and _is_named(keys[:at]) else key for at, key in enumerate(keys))


@cache
def meanings(lang: str) -> dict[Keys, tuple[str, str]]:
    """The name and the meaning of all options in a language."""
    path = HERE / "settings_meaning_words" / f"{lang}.toml"
    named = _leaves((), tomllib.loads(path.read_text("utf-8"))) if path.exists() else {}
    if lang != "en":
        return named
    commented = _of_example(EXAMPLE.read_text("utf-8"))
    return named | {keys: _filled(named.get(keys, ("", "")), comment) for keys, comment in commented.items()}


def _filled(words: tuple[str, str], comment: str) -> tuple[str, str]:
    return words[0], words[1] or _FOR_READERS_OF_FILES.sub("", comment)


def _is_named(table: Keys) -> bool:
    return table[-1] in NAMED and (table[-1] != "alerts" or len(table) == 1)


def _of_example(text: str) -> dict[Keys, str]:
    table: Keys = ()
    found: dict[Keys, str] = {}
    for line in text.splitlines():
        if header := _HEADER.fullmatch(line):
            table = tuple(header[1].split("."))
        elif option := _OPTION.fullmatch(line):
            found.setdefault(plain((*table, option[1])), option[2])
    return found


def _leaves(keys: Keys, value: Any) -> dict[Keys, tuple[str, str]]:
    if isinstance(value, dict):
        return {at: words for key, inner in value.items() for at, words in _leaves((*keys, key), inner).items()}
    return {keys: (str(value[0]), "".join(value[1:]))}
