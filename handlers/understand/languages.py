"""Which language a message is in, and which languages are worth searching in it."""

from __future__ import annotations

import re

from handlers.understand.phrases import LANGUAGES

_SPACED = tuple(lang for lang, each in LANGUAGES.items() if each["spaced"])
_LETTERS = {lang: re.compile(each["letters"]) for lang, each in LANGUAGES.items() if not each["spaced"]}
_COMMON = {lang: frozenset(LANGUAGES[lang]["common"]) for lang in _SPACED}
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[a-z]{2}")


def languages_in(folded: str) -> tuple[str, ...]:
    """The languages worth searching a normalised text for, by its letters."""
    if folded.isascii():
        return _SPACED
    found = tuple(lang for lang, letters in _LETTERS.items() if letters.search(folded))
    return (*found, *_SPACED) if not found or _LATIN.search(folded) else found


def tell_language(folded: str, langs: tuple[str, ...], hint: str) -> str:
    """The language of a normalised text in `langs`; `hint` when nothing tells or two languages tell the same."""
    if langs[0] in _LETTERS:
        return langs[0]
    words = frozenset(_WORD.findall(folded))
    best, second = sorted([(len(words & common), lang) for lang, common in _COMMON.items()], reverse=True)[:2]
    return best[1] if best[0] > second[0] else hint
