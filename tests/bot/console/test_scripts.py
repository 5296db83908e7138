"""Scripts in the console: what is found, what may be saved, what is marked, and by whom it was changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Scripts
from bot.console import wording
from bot.console.desk import Desk
from bot.console.editor import in_words
from bot.console.labels import labels
from bot.console.marking import marked, pieces
from bot.console.tried import Tried, readings
from bot.console.wording import Draft
from followup.model import Segment
from scripts_library.catalogue import load_catalogue, subjects
from scripts_library.check import check_variant
from scripts_library.lint import rules
from scripts_library.overrides import Rejected
from scripts_library.templates import Variant
from tests.bot.console.conftest import Served

TEXT = "Hello{% if buyer %} {{ buyer }}{% endif %}, your order {{ order }} is with us. Is anything wrong with paying?"
BRIBES = {
    "en": "Leave us a five-star review for order {{ order }} and we give you a coupon.",
    "es": "Déjenos una reseña de cinco estrellas del pedido {{ order }} y le regalamos un cupón.",
    "zh-CN": "订单 {{ order }} 给个五星好评，我们返现给您。",
}


@pytest.fixture
def desk(serve: Callable[..., Served], tmp_path: Path) -> Iterator[Desk]:
    served = serve(scripts=Scripts(overrides=tmp_path / "scripts.json"))
    yield served.desk
    served.app.close()


def draft(text: str, lang: str = "en", replaces: str = "") -> Draft:
    return Draft("unpaid.help", lang, Segment.NEW, text, replaces)


def said(desk: Desk, lang: str = "en") -> list[str]:
    return [each.source for each in wording.library(desk).own("unpaid.help", lang, Segment.NEW)]


async def test_what_is_saved_is_in_force_at_once(desk: Desk) -> None:
    """The very next rendering may say it, and the history says who wrote it when."""
    await wording.save(desk, draft(TEXT), "chen")
    assert TEXT in said(desk)
    step = wording.overrides(desk).history("unpaid.help")[-1]
    assert ("added", "chen", desk.clock.now()) == (step.what, step.by, step.at)


@pytest.mark.parametrize("lang", BRIBES)
async def test_a_bribe_for_a_review_is_refused_in_each_language(desk: Desk, lang: str) -> None:
    """By whatever way it comes: nothing is written."""
    with pytest.raises(Rejected) as caught:
        await wording.save(desk, draft(BRIBES[lang], lang), "chen")
    assert "reward" in {each.rule for each in caught.value.findings}
    assert not desk.config.scripts.overrides.exists()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Last chance: order {{ order }} is gone in an hour!", "pressure"),
        ("Order {{ order }} will arrive on Friday, we promise.", "date_promise"),
        ("Order {{ order }} is with us, I'll write to you again tomorrow at ten.", "undeclared_promise"),
        ("Order {{ order }}: pay now and we refund 5 dollars.", "amount"),
        ("Order {{ order }} of {{ phone }}", "unknown_fact"),
        ("Order {{ order", "template"),
    ],
)
def test_what_the_shop_must_not_say_is_found_while_it_is_typed(desk: Desk, text: str, rule: str) -> None:
    """By the rule that it breaks, which has a name in the reader's language."""
    assert rule in {each.rule for each in wording.faults(desk, draft(text))}


def test_a_text_that_is_not_complete_yet_is_read_for_its_manners_too(desk: Desk) -> None:
    """Not only once its facts are there."""
    text = Draft("sales.shown", "en", Segment.NEW, "Leave a five-star review and you get a coupon.")
    found = {each.rule for each in wording.faults(desk, text)}
    assert {"missing_fact", "reward"} <= found


async def test_the_same_words_twice_are_found(desk: Desk) -> None:
    """Twins would be read as two different texts."""
    await wording.save(desk, draft(TEXT), "chen")
    assert ["identical"] == [each.rule for each in wording.faults(desk, draft(TEXT))]


async def test_a_text_is_replaced_and_comes_back(desk: Desk) -> None:
    """In one step, undone in one."""
    before = said(desk)
    first = wording.library(desk).own("unpaid.help", "en", Segment.NEW)[0]
    await wording.save(desk, draft(TEXT, replaces=first.id), "chen")
    assert sorted((*before[1:], TEXT)) == sorted(said(desk))
    steps = wording.overrides(desk).history("unpaid.help")
    gone = [(entry.variant, text) for entry, _, text in wording.retired(wording.library(desk), steps)]
    assert [(first.id, first.source)] == gone
    await wording.undo(desk, steps[0].id, "wang")
    assert before == said(desk)
    assert set() == wording.changed(wording.overrides(desk).history())


async def test_a_change_has_findings_where_an_older_program_let_it_in(desk: Desk) -> None:
    """The page shows them at the text."""
    await wording.save(desk, draft(TEXT), "chen")
    path = desk.config.scripts.overrides
    path.write_text(path.read_text("utf-8").replace("Is anything wrong with paying?", "Hurry up!"), "utf-8")
    desk.deps.scripts.look()  # type: ignore[attr-defined]
    assert "pressure" in {each.rule for each in wording.findings_in(wording.library(desk), "unpaid.help")}


async def test_texts_are_read_with_facts_and_gaps(desk: Desk) -> None:
    """What the order does not have is named in its place."""
    spec = load_catalogue()["unpaid.help"]
    found = await readings(desk, spec, Tried({"buyer": "Zoe"}, "7001", "Zoe"), {"order": "[the order]"})
    english = next(each for each in found if (each.lang, each.segment) == ("en", Segment.NEW))
    assert "Zoe" in english.reads.text
    assert "[the order]" in english.reads.text
    assert "order" in english.reads.lacks
    assert {"en", "es", "zh-CN"} == {each.lang for each in found}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_rule_subject_and_fact_has_a_name(lang: str) -> None:
    """Nobody reads a code."""
    table = labels("scripts", lang).table
    assert set() == {rule.name for rule in rules()} - table["rules"].keys()
    assert set() == set(subjects()) - table["subjects"].keys()
    buyers = {fact.name for spec in load_catalogue().values() if spec.audience == "buyer" for fact in spec.facts}
    assert set() == buyers - table["fact"].keys()
    assert (
        set() == {fact.type for spec in load_catalogue().values() for fact in spec.facts} - table["fact_types"].keys()
    )
    assert set() == {spec.role.value for spec in load_catalogue().values()} - table["roles"].keys()


def test_a_finding_names_the_rule_and_its_numbers() -> None:
    """In the language of who reads it."""
    spec = load_catalogue()["unpaid.help"]
    found = check_variant(spec, "zh-CN", Variant(BRIBES["zh-CN"]))
    words = in_words(next(each for each in found if each.rule == "reward"), labels("scripts", "zh-CN"))
    assert words.startswith("评价不能换好处")
    assert "对应规矩 13, 77, 86, 95" in words


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Please leave a Five-Star review!", "five-star", ["Five-Star"]),
        ("给个五 星 好·评，返现", "五星好评", ["五 星 好·评"]),
        ("Una reseña, por favor", "resena", ["reseña"]),
        ("give 5 stars and get a coupon", "5 stars … coupon", ["5 stars", "coupon"]),
        ("nothing of it", "elsewhere", []),
    ],
)
def test_the_words_of_a_finding_are_marked_where_they_stand(text: str, words: str, found: list[str]) -> None:
    """However they were spelt."""
    assert found == [text[start:end] for start, end in marked(text, words)]


@given(st.text(max_size=60), st.text(max_size=20))
def test_pieces_are_the_text_whatever_is_marked(text: str, words: str) -> None:
    """Nothing is lost and nothing said twice."""
    assert text == "".join(piece for piece, _ in pieces(text, marked(text, words)))


async def test_the_list_waits_with_words(served: Served) -> None:
    """The page is there before its scripts are read, and says that they come."""
    text = (await (await served.logged_in()).get("/console/scripts")).text
    assert labels("scripts", "en")("loading") in text or labels("scripts", "zh-CN")("loading") in text
