"""The linter against its own table of sentences."""

import tomllib
from pathlib import Path
from time import perf_counter

import pytest

from scripts_library.lint import lint_text, means_stop, offers_benefit

FILES = [tomllib.loads(path.read_text("utf-8")) for path in sorted(Path(__file__).parent.glob("lint_*.toml"))]
GOOD = [(lang, text) for file in FILES for lang, table in file.items() for text in table["good"]]
BAD = [(lang, rule, text) for file in FILES for lang, table in file.items() for rule, text in table["bad"]]


@pytest.mark.parametrize(("lang", "text"), GOOD)
def test_decent_sentences_pass(lang, text):
    """A sentence that a good agent would write gives no finding."""
    assert [] == lint_text(text, lang)


@pytest.mark.parametrize(("lang", "rule", "text"), BAD)
def test_indecent_sentences_are_caught(lang, rule, text):
    """A sentence that breaks a rule is caught under that rule."""
    assert rule in {finding.rule for finding in lint_text(text, lang)}


@pytest.mark.parametrize("lang", ["zh", "en", "es"])
def test_the_table_is_large_enough(lang):
    """At least forty good and forty bad sentences a language."""
    assert min(sum(case[0] == lang for case in GOOD), sum(case[0] == lang for case in BAD)) >= 40


def test_a_foreign_bribe_is_a_bribe():
    """The language that is claimed does not matter."""
    assert "reward" in {finding.rule for finding in lint_text("Leave us 5 stars and get 10% off", "zh-CN")}


def test_a_finding_names_the_words():
    """Whoever reads a finding sees what to change."""
    finding = lint_text("好评返现", "zh-CN")[0]
    assert ("reward", "好评 … 返现") == (finding.rule, finding.words)
    assert "rules 13, 77, 86, 95" in str(finding)


@pytest.mark.parametrize(
    ("text", "expected"), [("补您一张10元券", True), ("I'll send a voucher", True), ("退款办好了", False)]
)
def test_offers_benefit(text, expected):
    """The review firewall hears of anything of value."""
    assert expected is offers_benefit(text, "zh-CN")


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("zh-CN", "回复“退订”", True),
        ("en", "reply STOP", True),
        ("en", "nonstop", False),
        ("es", "responda BAJA", True),
        ("fr", "STOP", False),
    ],
)
def test_means_stop(lang, text, expected):
    """The hint has to hold the stop word of its language."""
    assert expected is means_stop(text, lang)


@pytest.mark.parametrize("flood", ["5 ", "评价", "a ", "一二", "5月"])
def test_a_flood_does_not_stall_the_linter(flood):
    """No pattern runs away on a long, silly text (one of digits once took half a minute)."""
    begun = perf_counter()
    lint_text(flood * (4000 // len(flood)), "en")
    assert perf_counter() - begun < 5
