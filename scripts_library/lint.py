"""Reads a text as a strict colleague would: is there a bribe, a threat, a promise that cannot be kept?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from scripts_library.normalise import normalise, squeeze

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en", "es")
BENEFITS = frozenset({"benefit", "reward"})
_NAME = re.compile(r"\{([a-z]+)\}")
_AS_NORMALISED = str.maketrans("，！？", ",!?")
_SENTENCE_END = re.compile(r"[。！？!?\n]|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with which text: `rule` names the rule, `words` are the offending ones."""

    script: str
    lang: str
    variant: str
    rule: str
    message: str
    words: str = ""

    def __str__(self) -> str:
        where = " ".join(part for part in (self.script, self.lang, self.variant) if part)
        return f"{where}: {self.message}" + (f" (“{self.words}”)" if self.words else "")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready to be applied: each pattern is a tuple of expressions that must all be found. One `of_source` looks
    at words as they are written, before facts are filled in."""

    name: str
    message: str
    patterns: tuple[tuple[re.Pattern[str], ...], ...]
    innocent: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    of_source: bool = False


def lint_text(text: str, lang: str) -> list[Finding]:
    """At most one finding a rule, for words on their way to a buyer. `lang` is only reported, never trusted."""
    return _found(text, lang, of_source=False)


def lint_source(text: str, lang: str) -> list[Finding]:
    """The same for words as they are written, with something harmless in the place of money facts: money is named by
    facts alone, which the gate of grants looks at (rules 10, 75)."""
    return _found(text, lang, of_source=True)


def review_in(text: str) -> str:
    """The words of a text, in any language, that speak of a review, "" if there are none (rules 77, 95)."""
    plain = normalise(text)
    forms = dict.fromkeys((plain, squeeze(plain)))
    found = (match for form in forms for review in _reviews() if (match := review.search(form)))
    reward = next((finding.words for finding in lint_text(text, "") if finding.rule == "reward"), "")
    return next((match[0] for match in found), reward)


def _found(text: str, lang: str, of_source: bool) -> list[Finding]:
    plain = normalise(text)
    forms = dict.fromkeys((plain, squeeze(plain)))
    found = ((rule, _first(rule, forms)) for rule in rules() if rule.of_source is of_source)
    return [Finding("", lang, "", rule.name, rule.message, words) for rule, words in found if words]


@cache
def _reviews() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(_filled(lang, "{review}")) for lang in LANGUAGES)


def offers_benefit(text: str, lang: str) -> bool:
    """Whether the text offers, promises or mentions giving something of value (the review firewall asks this)."""
    return any(finding.rule in BENEFITS for finding in lint_text(text, lang))


def means_stop(text: str, lang: str) -> bool:
    """Whether the text holds the word that stops messages in `lang`."""
    word = _tables()["stop"].get(lang)
    return word is not None and re.search(word, normalise(text)) is not None


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of lint_rules.toml, compiled once."""
    return tuple(_rule(name, table) for name, table in _tables()["rules"].items())


def _first(rule: Rule, forms: dict[str, None]) -> str:
    return next((words for form in forms for words in _matches(rule, form)), "")


def _matches(rule: Rule, text: str) -> Iterator[str]:
    kept = rule.innocent.sub(" ", text) if rule.innocent else text
    for pattern in rule.patterns:
        found = list(takewhile(bool, (_search(rule, expression, kept) for expression in pattern)))
        if len(found) == len(pattern):
            yield " … ".join(found)


def _search(rule: Rule, expression: re.Pattern[str], text: str) -> str:
    for match in expression.finditer(text):
        if not (rule.unless and rule.unless.search(_sentence(text, match))):
            return match[0]
    return ""


def _sentence(text: str, match: re.Match[str]) -> str:
    ends = [end.end() for end in _SENTENCE_END.finditer(text)]
    start = max((end for end in ends if end <= match.start()), default=0)
    stop = min((end for end in ends if end >= match.end()), default=len(text))
    return text[start:stop]


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((HERE / "lint_rules.toml").read_text("utf-8"))


def _rule(name: str, table: dict[str, Any]) -> Rule:
    patterns = [_pattern(lang, entry) for lang in LANGUAGES for entry in table.get(lang, ())]
    innocent = [expression for lang in LANGUAGES for expression in table.get("innocent", {}).get(lang, ())]
    unless = list(table.get("unless", {}).values())
    message = f"{table['message']} (rules {table['serves']})"
    return Rule(name, message, tuple(patterns), _any(innocent), _any(unless), table.get("of_source", False))


def _any(expressions: list[str]) -> re.Pattern[str] | None:
    return (
        re.compile("|".join(f"(?:{part})" for part in expressions).translate(_AS_NORMALISED)) if expressions else None
    )


def _pattern(lang: str, entry: str | list[str]) -> tuple[re.Pattern[str], ...]:
    parts = [entry] if isinstance(entry, str) else entry
    return tuple(re.compile(_filled(lang, part)) for part in parts)


def _filled(lang: str, expression: str) -> str:
    words = _tables()["words"][lang]
    while (filled := _NAME.sub(lambda name: f"(?:{words[name[1]]})", expression)) != expression:
        expression = filled
    return expression.translate(_AS_NORMALISED)
