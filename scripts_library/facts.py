"""Facts on their way into a text: checked by type, cleaned, and put into the words of one language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from followup.model import Money
from scripts_library.localise import duration, moment, money

LONGEST = {"name": 30, "text": 60, "order": 64, "words": 1200, "list": 2400}

Said = Callable[[object, str], str]


class Fact(NamedTuple):
    """One fact of a script: its name, its type, whether it may be empty, and how it is said."""

    name: str
    type: str
    optional: bool
    say: Said


class Refused(Exception):
    """The value is not of the type; the message says what was expected."""


class BadFact(KeyError):
    """Script S: fact F is missing, or should be T but is V."""

    def __str__(self) -> str:
        return str(self.args[0])


def fact(name: str, declared: str) -> Fact:
    """Reads a declaration of the catalogue such as `name?`. Raises `KeyError` for an unknown type."""
    kind = declared.removesuffix("?")
    return Fact(name, kind, declared.endswith("?"), TYPES[kind])


def spoken(script: str, declared: tuple[Fact, ...], facts: Mapping[str, object], lang: str) -> dict[str, str]:
    """All declared facts as text, empty ones as ""; what the script does not declare is left out.

    Raises `BadFact` for a required fact that is missing or empty, and for a value of the wrong type.
    """
    values = {}
    for name, kind, optional, say in declared:
        value = facts.get(name)
        try:
            text = "" if value is None else say(value, lang)
        except Refused as refused:
            raise BadFact(f"script {script}: fact {name} must be {refused}, not {type(value).__name__}") from None
        if not text and not optional:
            raise BadFact(f"script {script}: fact {name} ({kind}) is missing")
        values[name] = text
    return values


def clean(value: str, longest: int) -> str:
    """One line of at most `longest` characters, without control, zero-width or direction marks."""
    if not value.isprintable():
        value = value[: longest * 4]
        spaced = (" " if char.isspace() else char for char in value)
        value = "".join(char for char in spaced if char == " " or _visible(char))
    value = " ".join(value.split())
    return value if len(value) <= longest else value[: longest - 1].rstrip() + "…"


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _line(kind: str) -> Said:
    longest = LONGEST[kind]

    def say(value: object, _lang: str) -> str:
        if not isinstance(value, str):
            raise Refused("text")
        return clean(value, longest)

    return say


def _lines(kind: str) -> Said:
    longest = LONGEST[kind]

    def say(value: object, _lang: str) -> str:
        if not isinstance(value, str):
            raise Refused("text")
        lines = [clean(line, longest) for line in value[: longest * 2].splitlines()]
        text = "\n".join(lines).strip("\n")
        return text if len(text) <= longest else text[: longest - 1] + "…"

    return say


def _money(value: object, lang: str) -> str:
    if not isinstance(value, Money):
        raise Refused("Money")
    return money(value, lang)


def _moment(value: object, lang: str) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Refused("an aware datetime in the buyer's zone")
    return moment(value, lang)


def _count(value: object, _lang: str) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused("a whole number")
    return str(value)


def _duration(value: object, lang: str) -> str:
    if not isinstance(value, timedelta):
        raise Refused("a timedelta")
    return duration(value, lang)


TYPES: dict[str, Said] = {
    "name": _line("name"),
    "text": _line("text"),
    "order": _line("order"),
    "words": _lines("words"),
    "script": _lines("words"),
    "list": _lines("list"),
    "money": _money,
    "count": _count,
    "moment": _moment,
    "duration": _duration,
}
