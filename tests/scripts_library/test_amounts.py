"""Money in words of one's own: caught in each way of writing it, and not where it only looks like it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from followup.model import Role, Segment
from scripts_library.catalogue import Spec, load_catalogue
from scripts_library.check import check_change, check_variant
from scripts_library.facts import fact
from scripts_library.library import Library
from scripts_library.lint import review_in
from scripts_library.overrides import Entry
from scripts_library.templates import Variant, digest

TABLE = tomllib.loads(Path(__file__).with_name("amounts.toml").read_text("utf-8"))
BAD = [(lang, text) for lang, table in TABLE.items() for text in table["bad"]]
GOOD = [(lang, text) for lang, table in TABLE.items() for text in table["good"]]
FACTS = (fact("amount", "money"), fact("day", "count"))


def rules_broken(lang: str, text: str, grants: str = "") -> set[str]:
    """What is wrong with such a text of a script for buyers."""
    spec = Spec("x", Role.REPLY, "buyer", (75,), 400, FACTS, (), "", grants=grants)
    return {finding.rule for finding in check_variant(spec, lang, Variant(text))}


@pytest.mark.parametrize(("lang", "text"), BAD)
def test_sums_are_caught(lang: str, text: str) -> None:
    """Also where a number that is no money stands before the name of a coin, and also in a script that may offer."""
    assert "amount" in rules_broken(lang, text)
    assert "amount" in rules_broken(lang, text, "amount")


@pytest.mark.parametrize(("lang", "text"), GOOD)
def test_other_numbers_are_not(lang: str, text: str) -> None:
    """Days, sizes, weights, percents of cotton; and money as a fact."""
    assert "amount" not in rules_broken(lang, text)


def test_no_built_in_words_name_a_sum() -> None:
    """Every text of every script for buyers."""
    library = Library.load()
    buyers = [spec for spec in load_catalogue().values() if spec.audience == "buyer"]
    variants = (
        (spec, lang, variant)
        for spec in buyers
        for lang in spec.langs
        for segment in Segment
        for variant in library.own(spec.id, lang, segment)
    )
    found = [str(each) for args in variants for each in check_variant(*args) if each.rule == "amount"]
    assert [] == found


def test_a_shops_own_words_cannot_name_one() -> None:
    """Whoever writes them is told what to do in their place, before they are in use."""
    text = "给您一张 5 元的优惠券，相当于 {{ amount }}。您看可以吗？"
    entry = Entry("offer.coupon", "zh-CN", Segment.NEW, digest(text), "mei", text)
    found = check_change([], [entry], entry)
    assert ["amount"] == [finding.rule for finding in found]
    assert "only a fact may, such as {{ amount }}" in found[0].message


def test_something_of_value_is_offered_by_offers_only() -> None:
    """The same words are a bribe's cousin elsewhere; where a grant covers them they are an offer."""
    words = "给您补一张 {{ amount }} 的优惠券。"
    assert ({"benefit"}, set()) == (rules_broken("zh-CN", words), rules_broken("zh-CN", words, "amount"))


def test_an_offer_for_a_review_is_a_bribe_all_the_same() -> None:
    """A grant covers money, not what it is given for (rules 77, 95)."""
    assert "reward" in rules_broken("en", "A coupon for {{ amount }} once you change your review.", "amount")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("改成好评就给", True),
        ("他说会删差评", True),
        ("for 5 stars", True),
        ("if she takes it down we send a gift after the review", True),
        ("截图领红包", True),
        ("si cambia su valoración", True),
        ("盖子漏水，第二次了", False),
        ("the cap leaks", False),
        ("llegó roto", False),
        ("", False),
    ],
)
def test_a_note_that_speaks_of_a_review(text: str, found: bool) -> None:
    """In any language, whatever the offer is."""
    assert found is bool(review_in(text))
