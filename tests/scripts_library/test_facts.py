"""Facts are checked, cleaned and capped."""

from datetime import timedelta

import pytest

from scripts_library.facts import LONGEST, BadFact, clean, fact, spoken


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("林晓", "林晓"),
        ("  a  b ", "a b"),
        ("a\tb\nc", "a b c"),
        ("\u202eabc\u202c", "abc"),
        ("\ud800x", "x"),
        ("\u200b\u2066", ""),
        ("好" * 99, "好" * 9 + "…"),
        ("José 🧣", "José 🧣"),
    ],
)
def test_clean(value, expected):
    """One short visible line."""
    assert expected == clean(value, 10)


def test_quoted_words_keep_their_lines():
    """A message to paste keeps its paragraphs, and nothing else that is invisible."""
    said = spoken("x", (fact("text", "words"),), {"text": "one\n\ntwo\u202e\r\nthree\n"}, "en")
    assert {"text": "one\n\ntwo\nthree"} == said


def test_quoted_words_are_capped():
    """A flood in a chat does not flood the agents."""
    said = spoken("x", (fact("text", "words"),), {"text": "x" * 100_000}, "en")
    assert LONGEST["words"] == len(said["text"])


@pytest.mark.parametrize(
    ("type_", "value"), [("count", True), ("count", 1.5), ("duration", 5), ("words", 1), ("moment", "x")]
)
def test_wrong_types_are_refused(type_, value):
    """Each type accepts only its own values."""
    with pytest.raises(BadFact, match="script x: fact f must be"):
        spoken("x", (fact("f", type_),), {"f": value}, "en")


def test_optional_facts_may_be_missing_or_none():
    """An empty optional fact is an empty text."""
    declared = (fact("a", "name?"), fact("b", "moment?"), fact("c", "duration"))
    assert {"a": "", "b": "", "c": "1 hour"} == spoken("x", declared, {"b": None, "c": timedelta(hours=1)}, "en")
