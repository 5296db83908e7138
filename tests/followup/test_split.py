"""Over-long texts are cut where a reader would pause."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from followup.ports import Measure
from followup.split import length, split, storable

FAMILY = "👨\u200d👩\u200d👧"
_pieces = st.sampled_from(
    ["word", "词", " ", "\n", "\n\n", "\r\n", "\t", "。", ". ", "! ", "?", "،", "\u200f", "3.14", "𝒜", "각", "é"]
)
_pieces |= st.sampled_from([FAMILY, "👍🏽", "🇨🇳", "e\u0301", "https://shop.example/a?b=c.d"])
_texts = st.lists(_pieces, max_size=60).map("".join) | st.text(max_size=120)


def bare(text: str) -> str:
    return "".join(text.split())


@given(_texts, st.integers(4, 50), st.sampled_from(Measure))
@example(FAMILY * 9, 8, Measure.UTF16)
def test_nothing_is_lost_and_every_part_fits(text: str, longest: int, measure: Measure) -> None:
    """Only white space at the cuts falls away, and no part is longer than the channel takes."""
    parts = split(text, longest, measure)
    assert bare(text) == bare("".join(parts))
    assert all(length(part, measure) <= longest for part in parts)


@given(_texts, st.integers(4, 50), st.sampled_from(Measure))
def test_a_short_text_is_left_alone(text: str, longest: int, measure: Measure) -> None:
    """What fits is one part, with its white space."""
    if length(text, measure) <= longest:
        assert [text] == split(text, longest, measure)


@given(st.lists(st.sampled_from([FAMILY, "👍🏽", "🇨🇳", "e\u0301", "नि", "词", " "]), min_size=1, max_size=40))
def test_no_character_as_readers_see_it_is_cut(pieces: list[str]) -> None:
    """Families, skin tones, flags, accents and vowel signs stay whole."""
    parts = split("".join(pieces), 40, Measure.BYTES)
    for part in parts:
        assert not unicodedata.category(part[:1] or "x").startswith("M")
        assert part[:1] not in ("\u200d", "🏽")
        assert not part.endswith("\u200d")
        assert part.count("👍") == part.count("🏽")
        assert 0 == sum("\U0001f1e6" <= char <= "\U0001f1ff" for char in part) % 2


@pytest.mark.parametrize(
    ("text", "longest", "parts"),
    [
        ("One two.\n\nThree four. Five\nsix", 19, ["One two.", "Three four. Five", "six"]),
        ("First line\nsecond line. And more", 24, ["First line", "second line. And more"]),
        ("第一句话。第二句话！第三句话", 11, ["第一句话。第二句话！", "第三句话"]),
        ("He said “no.” And then he left for good", 20, ["He said “no.”", "And then he left for", "good"]),
        ("It costs 3.14 in all, not more", 14, ["It costs 3.14", "in all, not", "more"]),
        ("see https://shop.example/o/1", 26, ["see", "https://shop.example/o/1"]),
        ("看https://shop.example/o/1吧", 25, ["看", "https://shop.example/o/1吧"]),
        ("a" * 10, 4, ["aaaa", "aaaa", "aa"]),
        ("  \n ", 4, ["  \n "]),
        (" " * 9, 4, [""]),
    ],
)
def test_where_it_is_cut(text: str, longest: int, parts: list[str]) -> None:
    """At paragraphs, else lines, else sentences, else words; an address of the web stays whole if it can."""
    assert parts == split(text, longest)


@pytest.mark.parametrize(("measure", "units"), [("characters", 3), ("utf16", 4), ("bytes", 8)])
def test_each_channel_counts_in_its_own_way(measure: str, units: int) -> None:
    """An emoji is one character, two UTF-16 units, four bytes."""
    assert units == length("a词😀", Measure(measure))


@pytest.mark.parametrize("measure", Measure)
def test_a_hundred_kilobytes_are_cut_quickly(measure: Measure) -> None:
    """No text makes the cut go back and forth without end."""
    for text in ("a" * 100_000, " " * 99_999 + "a", "e" + "\u0301" * 100_000, "https://a.b/" + "c." * 50_000):
        assert bare(text) == bare("".join(split(text, 2048, measure)))


def test_what_cannot_be_stored_is_shown_as_such() -> None:
    """NUL and halves of characters become the replacement character; all else stays."""
    assert "a\ufffdb\ufffdc\u202e😀" == storable("a\0b\ud800c\u202e😀")
