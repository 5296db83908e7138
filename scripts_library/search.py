"""Finds buyers' scripts by the words that a person of the shop types, in any of our languages and with slips."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from itertools import islice
from math import log
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from followup.desk.codes import code_of
from followup.model import Segment
from scripts_library.catalogue import load_catalogue, subjects
from scripts_library.library import Library, UnknownScript
from scripts_library.normalise import normalise
from scripts_library.terms import grams, parts, stem

LONGEST = 200
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_OF_ID, _OF_NAME, _OF_SUBJECT, _OF_RULE, _OF_TEXT, _OF_OTHER = 3.0, 3.0, 1.5, 2.0, 1.0, 0.7
_EXACT, _SAME, _BEGINS, _LIKE, _CHARACTER = 1.0, 0.7, 0.7, 0.6, 0.25
_SUITS = 1.6
_LEAST = 0.25
_ALIKE = 0.72


@dataclass(frozen=True, slots=True)
class Found:
    """A script that fits, the more the higher its `score`. What `promises_money` is said only of what was granted."""

    script: str
    score: float
    promises_money: bool = False


@dataclass(frozen=True, slots=True)
class _Hit:
    """A term stands in a script: how much that tells, in which language ("": any), and until when."""

    script: str
    weight: float
    lang: str = ""
    until: datetime | None = None


class Search:
    """All scripts of a library that a person may say, by the terms in them. A library never changes."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.scripts = tuple(spec.id for spec in load_catalogue().values() if _is_sayable(spec.id))
        self._place = {script: at for at, script in enumerate(self.scripts)}
        self._hits: dict[str, list[_Hit]] = defaultdict(list)
        for term, hit in self._terms():
            self._hits[term].append(hit)
        count = len(self.scripts)
        self._rare = {t: log(1 + count / len({hit.script for hit in hits})) for t, hits in self._hits.items()}
        self._latin = sorted(term for term in self._hits if term.isascii() and len(term) > 2)

    def find(
        self, text: str, lang: str, suits: Sequence[str] = (), most: int = 5, now: datetime | None = None
    ) -> list[Found]:
        """The scripts that fit a text best, of those with words for `lang` in season; those of `suits`, which fit the
        matter at hand, count more, and are what an empty text finds. The same text finds the same in the same order."""
        scores = self._scores(normalise(text[:LONGEST]), lang, now)
        if not scores and not text.strip():
            scores = {script: 1.0 / place for place, script in enumerate(suits, 1) if script in self._place}
        ranked = {script: score * (_SUITS if script in suits else 1.0) for script, score in scores.items()}
        floor = max(ranked.values(), default=0.0) * _LEAST
        order = sorted(ranked, key=lambda script: (-round(ranked[script], 6), self._place[script]))
        fit = (script for script in order if ranked[script] >= floor and self._is_spoken(script, lang))
        catalogue = load_catalogue()
        return [Found(script, ranked[script], bool(catalogue[script].grants)) for script in islice(fit, most)]

    def meant(self, given: str) -> str:
        """The script of that id or short number, "" if there is none."""
        return given if given in self._place else _numbers().get(given.strip().lower(), "")

    def _scores(self, text: str, lang: str, now: datetime | None) -> dict[str, float]:
        """For each script how much of the text is found in it; one that has all of the words leads. Single characters
        of a word, and words that are in every question, find nothing by themselves."""
        scores: dict[str, float] = defaultdict(float)
        meant: set[str] = set()
        had: dict[str, int] = defaultdict(int)
        units = list(dict.fromkeys(_units(text)))
        for unit in units:
            best: dict[str, float] = {}
            for term, factor in self._meanings(unit, text):
                for hit in self._hits.get(term, ()):
                    if hit.until is not None and now is not None and hit.until <= now:
                        continue
                    foreign = _OF_OTHER if hit.lang and hit.lang != lang else 1.0
                    told = factor * hit.weight * foreign * self._rare[term]
                    best[hit.script] = max(best.get(hit.script, 0.0), told)
                    if factor > _CHARACTER and unit not in _weak():
                        meant.add(hit.script)
            for script, told in best.items():
                scores[script] += told
                had[script] += 1
        return {script: score * had[script] / len(units) for script, score in scores.items() if script in meant}

    def _meanings(self, unit: str, text: str) -> Iterator[tuple[str, float]]:
        """The terms a unit of the text may stand for, and how surely."""
        yield unit, _EXACT
        for term in _synonyms(unit, text):
            yield term, _SAME
        if unit in self._hits:
            return
        if not unit.isascii():
            yield from ((char, _CHARACTER) for char in unit)
        elif len(unit) > 2:
            yield from ((term, _BEGINS) for term in self._latin if term.startswith(unit))
            like = process.extract(unit, self._latin, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE, limit=3)
            yield from ((term, _LIKE * score) for term, score, _ in like)

    def _is_spoken(self, script: str, lang: str) -> bool:
        """Whether it has words by now: a season may be over."""
        try:
            return bool(self._library.variants(script, lang, Segment.NEW))
        except UnknownScript:
            return False

    def _terms(self) -> Iterator[tuple[str, _Hit]]:
        names = _table()
        for subject, ids in subjects().items():
            for script in ids:
                if script not in self._place:
                    continue
                yield from _weighed(script.replace(".", " ").replace("_", " "), _Hit(script, _OF_ID))
                for name in names["scripts"].get(script, ()):
                    yield from _weighed(name, _Hit(script, _OF_NAME))
                for name in names["subjects"].get(subject, ()):
                    yield from _weighed(name, _Hit(script, _OF_SUBJECT))
                for rule in load_catalogue()[script].rules:
                    yield str(rule), _Hit(script, _OF_RULE)
        for script, lang, segment in self._library.written():
            for variant in self._library.own(script, lang, segment) if script in self._place else ():
                yield from _weighed(_TAG.sub(" ", variant.source), _Hit(script, _OF_TEXT, lang, variant.until))


@lru_cache(maxsize=4)
def search_of(library: Library) -> Search:
    """The search through a library, made once."""
    return Search(library)


def number_of(script: str) -> str:
    """The short number of a script, always the same, for buttons and for typing."""
    return code_of(script)


def _is_sayable(script: str) -> bool:
    spec = load_catalogue()[script]
    return spec.audience == "buyer" and not spec.label and not any(fnmatchcase(script, no) for no in _table()["never"])


def _weighed(text: str, hit: _Hit) -> Iterator[tuple[str, _Hit]]:
    """Each term of a text once."""
    plain = normalise(text)
    return ((term, hit) for term in dict.fromkeys((*_units(plain), *(c for c in plain if not c.isascii()))))


def _units(text: str) -> Iterator[str]:
    """What a normalised text is looked up by: pairs of characters of Chinese, stems of other words."""
    for part in parts(text):
        if part.isascii():
            yield stem(part)
        else:
            yield from grams(part)


def _synonyms(unit: str, text: str) -> Iterator[str]:
    """The terms of other words for the one in the text to which this unit belongs."""
    for group in _groups():
        if any(unit in units and word in text for word, units in group):
            yield from (each for word, units in group if word not in text for each in units)


@cache
def _groups() -> tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]:
    """The words that mean the same, each with its terms."""
    plain = ([normalise(word) for word in group] for group in _table()["same"])
    return tuple(tuple((word, tuple(_units(word))) for word in group) for group in plain)


@cache
def _weak() -> frozenset[str]:
    """What is in every question."""
    return frozenset(unit for word in _table()["weak"] for unit in _units(normalise(word)))


@cache
def _numbers() -> dict[str, str]:
    return {code_of(script): script for script in load_catalogue() if _is_sayable(script)}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "search_terms.toml").read_text("utf-8"))
