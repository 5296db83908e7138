"""Every word that comes with the program, read in every way it can be said."""

from itertools import product

import pytest

from followup.model import Segment
from scripts_library import samples
from scripts_library.catalogue import load_catalogue
from scripts_library.check import check
from scripts_library.lint import lint_text
from scripts_library.normalise import normalise
from scripts_library.words import built_in

CATALOGUE = load_catalogue()
SPOKEN = [(spec, lang, segment) for spec in CATALOGUE.values() for lang in spec.langs for segment in Segment]
TO_BUYERS = [case for case in SPOKEN if case[0].audience == "buyer"]


def name(case):
    return f"{case[0].id}-{case[1]}-{case[2]}"


def readings(library, case):
    """Every text of a script, with every choice of empty facts."""
    spec, lang, segment = case
    optional = [fact.name for fact in spec.facts if fact.optional]
    for empty in product((False, True), repeat=min(len(optional), 4)):
        gone = {fact for fact, is_empty in zip(optional, empty, strict=False) if is_empty}
        facts = {fact: value for fact, value in samples.full(spec, lang).items() if fact not in gone}
        yield from library.readings(spec.id, lang, facts, segment)


def test_the_library_is_in_order(library):
    """`huifang scripts check` has nothing to say about the words we ship."""
    assert [] == check(library)


def test_a_short_channel_is_noticed(library):
    """A channel whose limit is shorter than a text gives a finding for that text."""
    assert {"too_long"} == {finding.rule for finding in check(library, longest=80)}


@pytest.mark.parametrize("case", SPOKEN, ids=name)
def test_texts_are_tidy_and_short_whatever_is_empty(library, case):
    """No leftover punctuation, double space or None, and never longer than the catalogue allows."""
    for text in readings(library, case):
        bad = [
            wrong for wrong in ("None", "  ", " ，", " 。", " ,", " .", "（）", "()", "，。", "，，") if wrong in text
        ]
        assert [] == bad, text
        assert text.strip() == text
        assert text[0] not in "，。,.、"
        assert len(text) <= case[0].longest


@pytest.mark.parametrize("case", TO_BUYERS, ids=name)
def test_texts_to_buyers_pass_the_lint_whatever_is_empty(library, case):
    """Nothing we say to a buyer breaks a rule of manner; only what a grant covers offers something."""
    covered = {"benefit"} if case[0].grants else set()
    for text in readings(library, case):
        assert [] == [finding for finding in lint_text(text, case[1]) if finding.rule not in covered], text


@pytest.mark.parametrize("case", TO_BUYERS, ids=name)
def test_one_question_at_a_time(library, case):
    """A message asks one thing; the buyer has one answer to give."""
    for text in readings(library, case):
        assert normalise(text).count("?") <= 1, text


def test_there_are_enough_daily_updates(library):
    """Rule 43 sends up to fifteen: at least eight sentences, each saying which day it is."""
    spec = CATALOGUE["refund.daily"]
    for lang in spec.langs:
        assert len(library.variants(spec.id, lang, Segment.NEW)) >= 8


def test_variants_of_a_list_do_not_share_their_middle():
    """Two variants are two sentences, not one sentence with a word changed."""
    for key, sources in built_in().items():
        halves = [source[len(source) // 3 : len(source) // 2 + len(source) // 3] for source in sources]
        assert len(halves) == len(set(halves)), key


@pytest.mark.parametrize("lang", ["en", "es"])
def test_dates_stand_in_a_sentence(library, facts, lang):
    """A closing time is read in the buyer's zone and language."""
    expected = {"en": "Feb 21, 23:54", "es": "21 de febrero a las 23:54"}[lang]
    assert all(expected in text for text in library.readings("later.noted_closing", lang, facts, Segment.NEW))
