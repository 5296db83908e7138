"""Which words are chosen, and what happens to the facts on the way."""

import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.model import Segment
from followup.ports import Scripts, WordsExhausted
from scripts_library.facts import BadFact
from scripts_library.library import Library, UnknownScript
from scripts_library.templates import Variant

from .conftest import FACTS

LIBRARY = Library.load()


def say(script, lang="zh-CN", segment=Segment.NEW, said=(), seed="thread:1", library=LIBRARY, **facts):
    return library.render(script, lang, FACTS | facts, segment, said, seed)


def test_it_is_the_scripts_the_domain_asks_for(library):
    """`Library` can stand where the domain expects `Scripts`."""
    scripts: Scripts = library
    assert "zh-CN" == scripts.render("hint.stop", "zh-CN", {}, Segment.NEW, (), "x").lang


def test_the_same_seed_says_the_same_words():
    """Rendering again, after a crash or in a replay, gives the same words and digest."""
    assert say("unpaid.help") == say("unpaid.help")


def test_seeds_spread_over_the_variants():
    """Many threads do not all get the first variant."""
    texts = {say("unpaid.help", seed=f"thread:{number}").text for number in range(60)}
    assert 3 == len(texts)


def test_nothing_is_said_twice_until_the_words_run_out():
    """Rule 111: each variant once, then `WordsExhausted`."""
    said = []
    for _ in LIBRARY.variants("unpaid.help", "zh-CN", Segment.NEW):
        said.append(say("unpaid.help", said=said).digest)
    assert len(said) == len(set(said))
    with pytest.raises(WordsExhausted, match=r"unpaid\.help"):
        say("unpaid.help", said=said)


def test_the_digest_is_eight_hex_digits():
    """Digests are short enough to be stored by the dozen."""
    assert re.fullmatch(r"[0-9a-f]{8}", say("unpaid.help").digest)


def test_daily_updates_rotate_through_all_variants():
    """With one seed, consecutive days walk through the list and never repeat a neighbour."""
    count = len(LIBRARY.variants("refund.daily", "en", Segment.NEW))
    texts = [say("refund.daily", "en", day=day).text.replace(str(day), "N") for day in range(1, count + 1)]
    assert count == len(set(texts))


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("zh-CN", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("zh_Hant", "zh-CN"),
        ("es-MX", "es"),
        ("en-US", "en"),
        ("fr", "zh-CN"),
        ("", "zh-CN"),
    ],
)
def test_languages_fall_back(asked, given):
    """The exact language, else its primary subtag, else the shop's."""
    assert given == say("unpaid.help", asked).lang


def test_agents_words_fall_back_where_the_shops_language_has_none():
    """A Spanish shop's agents read English rather than nothing."""
    assert "en" == say("agent.unsure", "es", library=Library.load(default_lang="es")).lang


def test_returning_buyers_are_greeted_differently():
    """Rules 5 and 6: a returning buyer hears other, warmer words."""
    new = {variant.id for variant in LIBRARY.variants("unpaid.help", "en", Segment.NEW)}
    returning = {variant.id for variant in LIBRARY.variants("unpaid.help", "en", Segment.RETURNING)}
    assert set() == new & returning


def test_a_list_for_new_buyers_serves_all_when_there_is_no_other():
    """`stop.confirmed` is the same for everybody."""
    assert say("stop.confirmed") == say("stop.confirmed", segment=Segment.RETURNING)


def test_an_unknown_script_is_a_key_error_that_names_it():
    """A typing error in a script id is found at once."""
    with pytest.raises(UnknownScript, match=r"unpaid\.halp"):
        say("unpaid.halp")


@pytest.mark.parametrize(
    ("fact", "value", "message"),
    [
        ("order", None, "fact order .* is missing"),
        ("order", "", "fact order .* is missing"),
        ("order", 12, "fact order must be text, not int"),
        ("amount", "37", "fact amount must be Money, not str"),
        ("closes_at", datetime(2025, 2, 21), "aware datetime"),  # noqa: DTZ001
        ("buyer", b"x", "fact buyer must be text, not bytes"),
    ],
)
def test_a_bad_fact_names_script_fact_and_type(fact, value, message):
    """The error says which script wanted which fact as what."""
    with pytest.raises(BadFact, match=rf"script unpaid\.help.*{message}"):
        say("unpaid.help", **{fact: value})


def test_facts_beyond_the_catalogue_are_left_out():
    """A kind may hand the same facts to all its scripts."""
    assert say("hint.stop").text == say("hint.stop", secret="x").text


HOSTILE = ["{{7*7}}", "{% for x in [1] %}x{% endfor %}", "{{ buyer.__class__ }}", "{# gone #}", "{% raw %}"]


@pytest.mark.parametrize("value", HOSTILE)
def test_template_marks_in_a_fact_are_only_text(value):
    """What a buyer calls himself is never evaluated."""
    assert value[:30] in say("unpaid.dropped", "en", buyer=value, seed="thread:2").text + say_all(value)


def say_all(value):
    return " ".join(LIBRARY.readings("unpaid.help", "en", FACTS | {"buyer": value[:30]}, Segment.NEW))


def test_direction_marks_newlines_and_floods_are_cut():
    """A name cannot turn the line around, break it, or fill the screen."""
    text = say("unpaid.help", buyer="a\u202eb\u200b\n\r\x00c" + "x" * 10_000).text
    assert [] == [mark for mark in "\u202e\u200b\n\r\x00" if mark in text]
    assert len(text) < 200


@given(st.text(max_size=80), st.text(max_size=80), st.text(min_size=1, max_size=80), st.text(max_size=5))
def test_no_text_makes_rendering_raise_or_evaluate(buyer, goods, order, seed):
    """Whatever the texts are, the words come out on one line and hold the name as it was given, cleaned."""
    try:
        text = say("unpaid.help", "en", buyer=buyer, goods=goods, order=order, seed=seed).text
    except BadFact:
        return
    assert 1 == len(text.splitlines())
    assert text.isprintable()


@given(st.text(alphabet="{}%#7* _abc.()|", min_size=1, max_size=30))
def test_template_alphabet_never_evaluates(name):
    """Names made of template marks come out letter for letter."""
    shown = " ".join(name.split())
    texts = LIBRARY.readings("unpaid.dropped", "en", FACTS | {"buyer": name}, Segment.NEW)
    assert shown in texts[0]


def test_only_plain_placeholders_are_templates():
    """Loops, calls and filters are refused before they can do harm."""
    from scripts_library.templates import BadTemplate

    for source in [
        "{% for x in order %}x{% endfor %}",
        "{{ order.upper() }}",
        "{{ order|length }}",
        "{{ 7*7 }}",
        "{{ x",
    ]:
        with pytest.raises(BadTemplate):
            Variant(source).render({"order": "1"})
