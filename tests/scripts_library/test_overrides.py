"""The shop's own wording: laid over, linted, undone, and never lost."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from followup.model import Money, Segment
from scripts_library.library import Library
from scripts_library.overrides import Overrides, OverridesDamaged, Rejected
from scripts_library.templates import digest

NEW, RETURNING = Segment.NEW, Segment.RETURNING
TEXT = "您好，订单 {{ order }} 收到了，有什么要改的告诉我。"


@pytest.fixture
def overrides(tmp_path):
    return Overrides(tmp_path / "scripts.json")


def ids(overrides, segment=NEW, script="unpaid.help", lang="zh-CN"):
    return [variant.id for variant in Library.load(overrides).variants(script, lang, segment)]


def test_without_a_file_the_built_in_words_stand(overrides):
    """A shop that changed nothing has no file."""
    assert [] == overrides.entries()
    assert ids(overrides) == [variant.id for variant in Library.load().variants("unpaid.help", "zh-CN", NEW)]


def test_an_added_text_is_said(overrides):
    """The shop's own variant joins the built-in ones."""
    variant = overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    assert digest(TEXT) == variant
    assert variant == ids(overrides)[-1]


def test_a_first_text_for_returning_buyers_joins_the_shared_ones(overrides):
    """Returning buyers do not lose the words they had."""
    variant = overrides.set("stop.confirmed", "zh-CN", "好的，停了，不再打扰您。", RETURNING, "小周")
    assert [*ids(overrides, NEW, "stop.confirmed"), variant] == ids(overrides, RETURNING, "stop.confirmed")


def test_a_retired_text_is_no_longer_said(overrides):
    """Retiring works on built-in and own texts alike."""
    first = ids(overrides)[0]
    overrides.retire("unpaid.help", "zh-CN", first, "小周")
    assert first not in ids(overrides)


def test_undo_takes_back_the_last_change(overrides):
    """A change can be taken back."""
    before = ids(overrides)
    variant = overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    overrides.undo("unpaid.help", "zh-CN", variant)
    assert before == ids(overrides)
    with pytest.raises(Rejected, match="no change"):
        overrides.undo("unpaid.help", "zh-CN", variant)


def test_a_text_may_be_set_again_after_it_was_retired(overrides):
    """The changes are applied in their order."""
    variant = overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    overrides.retire("unpaid.help", "zh-CN", variant, "小周")
    overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    assert 1 == ids(overrides).count(variant)


@pytest.mark.parametrize(
    ("script", "lang", "text", "message"),
    [
        ("review.note", "zh-CN", "改成五 星好评返现5元，订单 {{ order }}", "review"),
        ("review.note", "es", "Cámbiela y le reembolsamos.", "review"),
        ("unpaid.last_call", "en", "Last chance, order {{ order }}!", "pressure"),
        ("unpaid.help", "zh-CN", "{{ phone }}", "no such fact"),
        ("unpaid.halp", "zh-CN", "您好", "no such script"),
        ("unpaid.help", "fr", "Bonjour", "only"),
        ("hint.stop", "zh-CN", "（我是自动助手。）", "stops"),
    ],
)
def test_a_bad_text_is_refused(overrides, script, lang, text, message):
    """The lint stands in front of the file: a bribe never gets in."""
    with pytest.raises(Rejected, match=message):
        overrides.set(script, lang, text, NEW, "小周")
    assert not overrides.path.exists()


def test_the_same_text_is_refused_twice(overrides):
    """Twins would be said as two different texts."""
    overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    with pytest.raises(Rejected, match="same"):
        overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")


def test_two_variants_must_remain(overrides):
    """Nobody can retire a script down to one text."""
    with pytest.raises(Rejected, match="fewer than 2"):
        overrides.retire("hint.stop", "zh-CN", ids(overrides, script="hint.stop")[0], "小周")


def test_an_unknown_variant_cannot_be_retired(overrides):
    """A mistyped id changes nothing."""
    with pytest.raises(Rejected, match="no such variant"):
        overrides.retire("unpaid.help", "zh-CN", "00000000", "小周")


def test_the_file_reads_and_diffs_well(overrides):
    """Characters as they are, keys in order, one field a line."""
    overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    text = overrides.path.read_text("utf-8")
    assert '"by": "小周",\n      "lang": "zh-CN",' in text
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"_default": {"1": 5}}', '{"_default": {"1": {"lang": "en"}}}', '{"_default": {"x": {}}}'],
)
def test_a_damaged_file_is_reported_and_left_alone(overrides, damage):
    """Neither reading nor writing touches a file we do not understand."""
    overrides.path.write_text(damage, "utf-8")
    with pytest.raises(OverridesDamaged, match=r"scripts\.json is damaged and was left alone"):
        Library.load(overrides)
    with pytest.raises(OverridesDamaged):
        overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    assert damage == overrides.path.read_text("utf-8")


def test_two_writers_take_turns(overrides):
    """Changes made through two objects both stay."""
    overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    Overrides(overrides.path).set("unpaid.help", "en", "Order {{ order }} is saved.", NEW, "Ann")
    assert ["zh-CN", "en"] == [entry.lang for entry in overrides.entries()]
    assert 2 == len(json.loads(overrides.path.read_text("utf-8"))["_default"])


def test_a_button_has_one_text_the_newest(overrides):
    """The shop's own label stands instead of the built-in one, and undoing it brings that back."""
    seen = [ids(overrides, script="choice.later", lang="en")]
    for label in ("Not today", "Some other day"):
        variant = overrides.set("choice.later", "en", label, NEW, "Ann")
        seen.append(ids(overrides, script="choice.later", lang="en"))
    overrides.undo("choice.later", "en", variant)
    seen.append(ids(overrides, script="choice.later", lang="en"))
    assert seen == [[digest(text)] for text in ("I'll pay later", "Not today", "Some other day", "Not today")]


@pytest.mark.parametrize("label", ["Not before the end of the month", "Something else", "4", "Pay now or never"])
def test_a_bad_label_is_refused(overrides, label):
    """Too long for a button, the same as another, no word at all, or pressure."""
    with pytest.raises(Rejected):
        overrides.set("choice.later", "en", label, NEW, "Ann")


SALE = "您好，订单 {{ order }} 收到了，活动期间发货会晚一点，有事叫我。"
OVER = datetime(2026, 11, 12, tzinfo=UTC)


def in_november(overrides, day):
    """Whether the words of the sale are said on that day of November, to whatever thread."""
    library = Library.load(overrides, now=lambda: datetime(2026, 11, day, 12, tzinfo=UTC))
    facts = {"order": "1001", "amount": Money(Decimal(9))}
    texts = [library.render("unpaid.help", "zh-CN", facts, NEW, (), str(n)).text for n in range(20)]
    return {"活动期间" in text for text in texts}


def test_words_of_a_season_are_said_first_and_then_no_more(overrides):
    """Until their end they come first; from it on they are left out, without a restart (rule 107)."""
    overrides.set("unpaid.help", "zh-CN", SALE, NEW, "小周", OVER)
    assert ({True}, {False}) == (in_november(overrides, 11), in_november(overrides, 12))


def test_the_end_is_kept_in_the_file(overrides):
    """As it was given; texts for good have none."""
    overrides.set("unpaid.help", "zh-CN", SALE, NEW, "小周", OVER)
    overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    assert [OVER, None] == [entry.until for entry in overrides.entries()]
    assert {"2026-11-12T00:00:00+00:00"} == set(re.findall(r'"until": "(.+)"', overrides.path.read_text("utf-8")))


def test_words_of_a_season_do_not_count_among_those_that_stay(overrides):
    """Else none would be left when it is over."""
    first, *others = ids(overrides, script="stop.confirmed")
    overrides.set("stop.confirmed", "zh-CN", "好的，停了，不再打扰您。", NEW, "小周", OVER)
    with pytest.raises(Rejected, match="fewer than 2 variants that stay"):
        overrides.retire("stop.confirmed", "zh-CN", first, "小周")
    assert [first, *others] == ids(overrides, script="stop.confirmed")[: len(others) + 1]


def test_a_button_has_no_season(overrides):
    """What stands on it was shown to buyers and must still be understood."""
    with pytest.raises(Rejected, match="a button keeps its text"):
        overrides.set("choice.later", "zh-CN", "回头再说吧", NEW, "小周", OVER)


def history(overrides, script=""):
    return [(step.what, step.by, step.in_force) for step in overrides.history(script)]


def test_the_history_tells_every_change_and_every_undoing(overrides):
    """Who changed what when, also what is in force no more."""
    clock = iter(datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 10))
    told = Overrides(overrides.path, lambda: next(clock))
    variant = told.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    told.undo("unpaid.help", "zh-CN", variant, "老陈")
    assert [("added", "小周", False), ("undone", "老陈", True)] == history(overrides)
    assert [1, 2] == [step.at.day for step in told.history()]
    assert TEXT == told.history()[-1].entries[0].text


def test_an_undoing_can_be_undone(overrides):
    """Then the change is made again."""
    variant = overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    overrides.undo_step(overrides.history()[0].id, "老陈")
    overrides.undo_step(overrides.history()[1].id, "小周")
    assert variant in ids(overrides)
    assert [("added", "小周", False), ("undone", "老陈", False), ("added", "小周", True)] == history(overrides)


def test_any_step_can_be_undone_and_none_twice(overrides):
    """Not the last one alone; the others stay."""
    first = overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    second = overrides.set("unpaid.help", "zh-CN", SALE, NEW, "小周")
    step = overrides.history()[0].id
    overrides.undo_step(step, "老陈")
    assert (False, True) == (first in ids(overrides), second in ids(overrides))
    with pytest.raises(Rejected, match="undone already"):
        overrides.undo_step(step, "老陈")


def test_undoing_is_refused_where_too_few_words_would_be_left(overrides):
    """What the lint refuses is refused on the way back, too."""
    step, builtin = 1, ids(overrides, script="hint.stop")
    own = overrides.set("hint.stop", "zh-CN", "（我是店里的自动助手，不想收到提醒就回“退订”。）", NEW, "小周")
    for each in builtin[: len(builtin) - 1]:
        overrides.retire("hint.stop", "zh-CN", each, "小周")
    with pytest.raises(Rejected, match="fewer than 2"):
        overrides.undo_step(step, "小周")
    assert own in ids(overrides, script="hint.stop")


def test_a_replaced_text_is_one_step(overrides):
    """The old one goes and the new one comes at once, and so back: a script of two texts can be reworded."""
    before = ids(overrides, script="hint.stop")
    new = overrides.replace("hint.stop", "zh-CN", before[0], "（我是店里的自动助手，不想收到提醒就回“退订”。）", "小周")
    assert [*before[1:], new] == ids(overrides, script="hint.stop")
    assert [("replaced", "小周", True)] == history(overrides)
    overrides.undo("hint.stop", "zh-CN", new, "小周")
    assert before == ids(overrides, script="hint.stop")


def test_a_text_is_replaced_wherever_it_is_said(overrides):
    """Words for new and for returning buyers alike."""
    first = ids(overrides, script="stop.confirmed")[0]
    overrides.set("stop.confirmed", "zh-CN", "好的，停了，不再打扰您。", RETURNING, "小周")
    new = overrides.replace("stop.confirmed", "zh-CN", first, "好，之后不会再有提醒了，您放心。", "小周")
    for segment in Segment:
        found = ids(overrides, segment, "stop.confirmed")
        assert (False, True) == (first in found, new in found)


def test_the_season_of_a_text_can_be_changed(overrides):
    """The same words, for good."""
    sale = overrides.set("unpaid.help", "zh-CN", SALE, NEW, "小周", OVER)
    overrides.replace("unpaid.help", "zh-CN", sale, SALE, "小周")
    assert [None] == [
        each.until for each in Library.load(overrides).own("unpaid.help", "zh-CN", NEW) if each.id == sale
    ]


def test_what_is_not_there_cannot_be_replaced(overrides):
    """A mistyped id changes nothing."""
    with pytest.raises(Rejected, match="no variant 00000000"):
        overrides.replace("unpaid.help", "zh-CN", "00000000", TEXT, "小周")
    assert not overrides.path.exists()


def test_a_file_without_history_is_read_and_goes_on(overrides):
    """As an older program wrote it: its changes have no time, and can be undone like any."""
    variant = overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    tables = json.loads(overrides.path.read_text("utf-8"))
    del tables["history"]
    overrides.path.write_text(json.dumps(tables), "utf-8")
    assert [("added", "小周", True)] == history(overrides)
    assert [None] == [step.at for step in overrides.history()]
    overrides.set("unpaid.help", "zh-CN", SALE, NEW, "老陈")
    overrides.undo_step(overrides.history()[0].id, "老陈")
    assert variant not in ids(overrides)
    assert [("added", "小周", False), ("added", "老陈", True), ("undone", "老陈", True)] == history(overrides)


def test_what_an_older_program_took_back_is_in_force_no_more(overrides):
    """It knows the changes alone, and not their history."""
    overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    tables = json.loads(overrides.path.read_text("utf-8"))
    tables["_default"] = {}
    overrides.path.write_text(json.dumps(tables), "utf-8")
    assert [("added", "小周", False)] == history(overrides)


def test_the_history_of_one_script(overrides):
    """Nothing of others."""
    overrides.set("unpaid.help", "zh-CN", TEXT, NEW, "小周")
    overrides.set("stop.confirmed", "zh-CN", "好的，停了，不再打扰您。", NEW, "小周")
    assert ["stop.confirmed"] == [step.script for step in overrides.history("stop.confirmed")]


def test_two_threads_that_change_at_once_lose_nothing(overrides):
    """Each change is made to what the other has left."""
    texts = [f"您好，订单 {{{{ order }}}} 收到了，有什么要改的告诉我，我是{name}。" for name in "甲乙丙丁"]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: overrides.set("unpaid.help", "zh-CN", text, NEW, "小周"), texts))
    assert set(found) < set(ids(overrides))
    assert [1, 2, 3, 4] == [step.id for step in overrides.history()]
