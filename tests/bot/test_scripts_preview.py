"""All words in one sitting: read as different buyers would, and well formed whatever is known of them."""

from __future__ import annotations

import re

import pytest

from bot.scripts_preview import Subject, as_markdown, as_page, as_text, preview
from scripts_library.catalogue import load_catalogue
from scripts_library.library import Library

LANGS = ("zh-CN", "en", "es")
STRAY = re.compile(r"  | [,.;:!?，。；：]|[,，;；:：][,.，。;；]|\(\s*\)|（\s*）|“\s*”|«\s*»|^[\s,.;:，。；：]| $")
SMALL = re.compile(r"^¿?[a-záéíóúñ]|[.!?] [a-záéíóúñ]")


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load()


@pytest.mark.parametrize("lang", LANGS)
def test_every_script_is_read_once(library: Library, lang: str) -> None:
    """Each under its subject, with a reading for every variant; labels stand under their messages."""
    found = [entry.id for subject in preview(library, lang) for entry in subject.entries]
    assert sorted(spec.id for spec in load_catalogue().values() if not spec.label) == sorted(found)
    buyers = {entry.id for subject in preview(library, lang, agents=False) for entry in subject.entries}
    assert {"buyer"} == {load_catalogue()[id_].audience for id_ in buyers}


@pytest.mark.parametrize("lang", LANGS)
def test_every_reading_is_well_formed(library: Library, lang: str) -> None:
    """With all facts and with the fewest: no stray marks where a fact is missing, no sentence begins small."""
    odd = [
        f"{entry.id} ({reading.to}): {reading.text}"
        for subject in preview(library, lang)
        for entry in subject.entries
        for reading in entry.readings
        if STRAY.search(reading.text)
        or (lang != "zh-CN" and load_catalogue()[entry.id].audience == "buyer" and SMALL.search(reading.text))
    ]
    assert [] == odd


def one(found: list[Subject], id_: str) -> str:
    """One script as text."""
    only = [Subject(each.name, tuple(entry for entry in each.entries if entry.id == id_)) for each in found]
    return as_text([each for each in only if each.entries])


def test_different_people_read_the_variants(library: Library) -> None:
    """By name, without a name, and as a returning buyer; the answers stand below as numbered lines."""
    text = one(preview(library, "en"), "unpaid.help")
    for told in (
        "Anna",
        "Mr. Okafor",
        "Li Wei",
        "(without name and goods)",
        "(to a returning buyer)",
        "      1. Payment",
    ):
        assert told in text


def test_what_is_promised_is_small(library: Library) -> None:
    """A compensation is shown with a sum that a shop would grant, and the sums of a partial refund add up."""
    text = one(preview(library, "zh-CN"), "offer.enter_refund")
    assert ("¥12.00" in text, "¥89.00" in text, "¥77.00" in text) == (True, True, True)


def test_given_facts_take_the_place_of_made_up_ones(library: Library) -> None:
    """Those of an order, for instance; nothing is invented beside them."""
    (subject,) = preview(library, "en", ["unpaid.dropped"], given={"order": "9", "buyer": "Zoe"})
    text = as_text([subject])
    assert ("Zoe" in text, "Anna" in text) == (True, False)


def test_forms_escape_what_they_must(library: Library) -> None:
    """Words may hold any sign; the page shows it, and the headings are the same in every form."""
    found = preview(library, "en", ["unpaid.dropped"], given={"order": "9", "buyer": "<b>Zoe</b>"})
    assert "&lt;b&gt;Zoe" in as_page(found, "en")
    assert "# unpaid_order" in as_markdown(found)
