"""Checks a whole library: every script in every language, complete, decent, tidy and short enough."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from followup.model import Segment
from scripts_library import samples
from scripts_library.catalogue import Spec, load_catalogue
from scripts_library.facts import spoken
from scripts_library.library import Library, built_in_texts
from scripts_library.lint import Finding, lint_source, lint_text, means_stop
from scripts_library.normalise import normalise
from scripts_library.overrides import Entry, lay_over
from scripts_library.templates import BadTemplate, Variant
from scripts_library.words import languages

Problem = tuple[str, str, str]
_UNTIDY = re.compile(
    r" {2}| [，。！？；：）,.;:!?)]|[（(¿¡] |[，、,;；]{2}|[，,：:;；][。.]|^[\s，,.。]|[ ,，]$|\bNone\b|\(\)|（）|“”"
)
_LABEL = re.compile(r".*[^\W\d_].*")
_SOME = "AMOUNT"
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


def check(library: Library, longest: int | None = None) -> list[Finding]:
    """Everything wrong with the library. `longest` is the shortest limit of the shop's channels, in characters."""
    written = library.written()
    scripts = dict.fromkeys([*library.catalogue, *(script for script, _, _ in written)])
    langs = dict.fromkeys([*languages("buyer"), *(lang for _, lang, _ in written)])
    return [finding for script in scripts for lang in langs for finding in check_script(library, script, lang, longest)]


def check_change(before: list[Entry], after: list[Entry], change: Entry) -> list[Finding]:
    """What a change of the shop's words would make worse; what was wrong already does not stand in its way."""
    old, new = (Library(lay_over(built_in_texts(), entries)) for entries in (before, after))
    known = check_script(old, change.script, change.lang)
    problems = check_script(new, change.script, change.lang)
    found = [finding for finding in problems if finding not in known or finding.rule == "off_catalogue"]
    if not found and _sources(old, change) == _sources(new, change):
        return [Finding(change.script, change.lang, change.variant, "no_variant", "no such variant is in use")]
    return found


def check_script(library: Library, script: str, lang: str, longest: int | None = None) -> list[Finding]:
    """Everything wrong with one script in one language."""
    spec = load_catalogue().get(script)
    if spec is None:
        return [Finding(script, lang, "", "off_catalogue", "there is no such script")]
    lists = [library.own(script, lang, segment) for segment in Segment]
    if lang not in spec.langs:
        stray = Finding(script, lang, "", "off_catalogue", f"this script is written in {', '.join(spec.langs)} only")
        return [stray] if any(lists) else []
    found = [Finding(script, lang, "", *problem) for variants in lists for problem in _list_problems(spec, variants)]
    if not library.own(script, lang, Segment.NEW):
        found.append(Finding(script, lang, "", "missing_language", "there are no words in this language"))
    found += [Finding(script, lang, "", *problem) for problem in _twin_labels(library, spec, lang)]
    distinct = {variant.id: variant for variants in lists for variant in variants}
    return found + [finding for variant in distinct.values() for finding in check_variant(spec, lang, variant, longest)]


def check_variant(spec: Spec, lang: str, variant: Variant, longest: int | None = None) -> list[Finding]:
    """Everything wrong with one text: its facts, its length, its tidiness and, towards buyers, its manners."""
    return [Finding(spec.id, lang, variant.id, *problem) for problem in _problems(spec, lang, variant.source, longest)]


@lru_cache(maxsize=10_000)
def _problems(spec: Spec, lang: str, source: str, longest: int | None) -> tuple[Problem, ...]:
    """The first problem of each kind; a text that stays the same is not read again."""
    variant = Variant(source)
    try:
        problems = list(_fact_problems(spec, variant)) or list(_text_problems(spec, lang, variant, longest))
    except BadTemplate as error:
        problems = [("template", str(error), "")]
    first = {problem[0]: problem for problem in reversed(problems)}
    return tuple(reversed(first.values()))


def _list_problems(spec: Spec, variants: tuple[Variant, ...]) -> Iterator[Problem]:
    if variants and sum(variant.until is None for variant in variants) < spec.fewest:
        yield "few_variants", f"fewer than {spec.fewest} variants that stay", ""
    if spec.label and any(variant.until for variant in variants):
        yield "label", "a button keeps its text: it cannot be for a while only", ""
    plain = [normalise(variant.source) for variant in variants]
    if len(set(plain)) < len(plain):
        twin = next(text for text in plain if plain.count(text) > 1)
        yield "identical", "two variants are the same", twin[:30]


def _twin_labels(library: Library, spec: Spec, lang: str) -> Iterator[Problem]:
    """Two buttons that say the same: whoever types the words could mean either. Agents have none."""
    own = set() if spec.audience == "agent" else _plain_sources(library, spec, lang)
    for other in library.catalogue.values():
        if spec.label and other.label and other is not spec and (same := own & _plain_sources(library, other, lang)):
            yield "identical", f"{other.id} says the same", same.pop()


def _plain_sources(library: Library, spec: Spec, lang: str) -> set[str]:
    return {_plain(variant.source) for segment in Segment for variant in library.own(spec.id, lang, segment)[-1:]}


@lru_cache(maxsize=10_000)
def _plain(source: str) -> str:
    """Every button is compared with every other one."""
    return normalise(source)


def _fact_problems(spec: Spec, variant: Variant) -> Iterator[Problem]:
    used, declared = variant.names(), {fact.name for fact in spec.facts}
    if used - declared:
        yield "unknown_fact", "the script has no such fact", ", ".join(sorted(used - declared))
    if set(spec.says) - used:
        yield "missing_fact", "the text must hold this fact", ", ".join(sorted(set(spec.says) - used))


def _text_problems(spec: Spec, lang: str, variant: Variant, longest: int | None) -> Iterator[Problem]:
    kinds = (samples.full, samples.bare, samples.longest)
    texts = [variant.render(spoken(spec.id, spec.facts, sample(spec, lang), lang)) for sample in kinds]
    limit = min(spec.longest, longest or spec.longest)
    if len(texts[-1]) > limit:
        yield "too_long", f"{len(texts[-1])} characters with the longest facts, at most {limit}", ""
    for text in texts:
        if untidy := _UNTIDY.search(text):
            yield "untidy", "spacing or punctuation is left over when a fact is empty", untidy[0]
    if spec.label and not _LABEL.fullmatch(texts[0]):
        yield "label", "a button holds one line with a word on it", texts[0][:30]
    if spec.audience == "buyer":
        yield from _manners(spec, lang, list(dict.fromkeys((*texts, _TAG.sub("", variant.source)))))
        yield from _money(spec, lang, variant)


def _manners(spec: Spec, lang: str, texts: list[str]) -> Iterator[Problem]:
    for text in texts:
        for finding in lint_text(text, lang):
            if not (spec.grants and finding.rule == "benefit"):
                yield finding.rule, finding.message, finding.words
    if spec.id == "hint.stop" and not means_stop(texts[0], lang):
        yield "stop_hint", "the hint must hold the word that stops the messages", ""


def _money(spec: Spec, lang: str, variant: Variant) -> Iterator[Problem]:
    """Money is named by facts of money alone: those are what a grant is held against."""
    facts = spoken(spec.id, spec.facts, samples.full(spec, lang), lang)
    named = {fact.name: _SOME if fact.type == "money" else facts[fact.name] for fact in spec.facts}
    for text in (_TAG.sub("", variant.source), variant.render(named)):
        for finding in lint_source(text, lang):
            yield finding.rule, finding.message, finding.words


def _sources(library: Library, change: Entry) -> list[tuple[str, datetime | None]]:
    lists = (library.own(change.script, change.lang, segment) for segment in Segment)
    return [(variant.id, variant.until) for variants in lists for variant in variants]
