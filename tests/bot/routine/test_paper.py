"""The documents of the routine: whole in both languages, quiet about codes, and plain in a chat."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.routine.names import names
from bot.routine.paper import Paper, md, plain
from followup.after_sales.model import Branch, Payer
from followup.causes import Cause
from followup.desk.digest import Digest, Line
from followup.desk.flags import Flag
from followup.desk.handover import Clearing, Counts, Handing, Matter, Urgency, Word
from followup.desk.people import Person, Roster
from followup.desk.records import Handover
from followup.desk.register import What
from followup.model import Money, Task, TaskState
from followup.promises import Promise
from handlers.deps import Deps
from handlers.understand import understand
from scripts_library.library import Library
from tests.followup.makers import NOON, POLICY, SHOP, a_case, hours

THREAD = replace(a_case("after_sales").thread, agent="li", flag="blue")
MATTER = Matter(
    THREAD,
    "A*nna_",
    tasks=(Task("t", SHOP, THREAD.id, "case_late", "", NOON, due_at=NOON + hours(2)),),
    promises=(Promise("p", THREAD.id, SHOP, "li", "I'll tell you by six", NOON, NOON + hours(6)),),
    heard=Word(NOON - hours(1), "where\nis my <b>scarf</b>? " * 5),
    said=Word(NOON, "we look into it"),
)
LEFT = Handover("h", SHOP, "night", NOON - hours(9), ("a", "b", THREAD.id))
TOLD = Handing(
    SHOP,
    "day",
    NOON - hours(9),
    NOON,
    NOON,
    ((Urgency.BREACHED, MATTER), (Urgency.WAITING, replace(MATTER, thread=replace(THREAD, order_id="", agent="")))),
    Counts(4, 3, 2, 1),
    Clearing(LEFT, 1, 1, (THREAD,)),
)
LINE = Line("product", "after_sales", 3, 2, (Money(Decimal(7)),), hours(5), (("scarf", 2),), ("1001", "1002"), 1)
DIGEST = Digest(SHOP, NOON, NOON + hours(168), (LINE, replace(LINE, cause="", matters=0, before=2)), 3, 3)


def paper(folder: Path, lang: str = "en") -> Paper:
    roster = Roster({"li": Person("li", "小李")})
    return Paper(folder, Deps(Library.load(), {SHOP: POLICY}, understand, agent_lang=lang, roster=roster))


class TestHandover:
    def test_it_tells_everything_of_a_matter(self, tmp_path: Path) -> None:
        """Order, kind, buyer, who has it, flag; last words, promise, next step."""
        text = paper(tmp_path).handover(TOLD).text
        section = text.partition("## Too late already (1)")[2].partition("\n## ")[0].splitlines()
        assert [
            "- **1001** After-sales, buyer A\\*nna\\_, 小李, blue flag",
            "  - buyer, 03-05 11:00: where is my \\<b\\>scarf\\</b\\>? where is my \\<…",
            "  - we, 03-05 12:00: we look into it",
            "  - promised: word by 03-05 18:00 (I'll tell you by six)",
            "  - next: answer is due (by 03-05 14:00)",
        ] == [line for line in section if line]

    def test_the_shift_before_is_told_of(self, tmp_path: Path) -> None:
        """What became of what it left."""
        line = "The shift before (03-05 03:00) left 3: 1 closed, 1 taken, 1 not touched (1001)."
        assert line in paper(tmp_path).handover(TOLD).text

    def test_figures_stand_at_the_end(self, tmp_path: Path) -> None:
        """What began, ended and was answered; what the bot has."""
        text = paper(tmp_path).handover(TOLD).text
        assert "in this shift 4 began, 3 ended, 2 tasks were answered" in text
        assert "2 wait for people; 1 more the bot looks after by itself" in text

    def test_a_chat_shows_no_marks(self, tmp_path: Path) -> None:
        """No escapes, no headings, no bold."""
        posted = paper(tmp_path).handover(TOLD).posted
        assert [] == [mark for mark in ("\\", "**", "##") if mark in posted]
        assert "A*nna_" in posted

    def test_a_long_list_is_cut_in_a_chat_only(self, tmp_path: Path) -> None:
        """The file has all of it."""
        matters = tuple((Urgency.WAITING, replace(MATTER, thread=replace(THREAD, id=str(n)))) for n in range(40))
        document = paper(tmp_path).handover(replace(TOLD, matters=matters))
        assert (40, 15) == (document.text.count("**1001**"), document.posted.count("- 1001 "))
        assert "25 more, see the file" in document.posted


class TestDigest:
    def test_it_tells_causes_with_examples(self, tmp_path: Path) -> None:
        """Numbers, money, time, goods, orders; what is gone has only its number."""
        text = paper(tmp_path).digest(DIGEST).text
        assert "## product, After-sales: 3 (before 1, +2)" in text
        assert "- 2 orders, ¥7.00 granted, half of them settled within 5 h" in text
        assert ("goods: scarf ×2" in text, "typical: 1001, 1002" in text) == (True, True)
        assert "## cause not registered, After-sales: 0 (before 2, -2)" in text

    def test_nothing_says_so(self, tmp_path: Path) -> None:
        """An empty time is told in a sentence."""
        empty = replace(DIGEST, lines=(), matters=0, before=0)
        assert "Nothing new in this time" in paper(tmp_path).digest(empty).text


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_no_code_is_shown(lang: str, tmp_path: Path) -> None:
    """Every urgency, flag, cause, loss, branch, payer and state of a claim has a name in each language."""
    own = names(lang)
    tables = {"urgency": Urgency, "flags": Flag, "causes": Cause, "loss": What, "claim": TaskState}
    unnamed = [
        (table, each.value) for table, of in tables.items() for each in of if each and each not in own.own[table]
    ]
    families = {"branch": Branch, "payer": Payer}
    unnamed += [(f, each.value) for f, of in families.items() for each in of if each and own.called(f, each) == each]
    assert [] == unnamed
    written = paper(tmp_path, lang)
    assert [] == [word for word in ("case_late", "breached", "after_sales") if word in written.handover(TOLD).text]
    assert written.digest(DIGEST).text.startswith("# ")


def test_the_two_languages_have_the_same_names() -> None:
    """None is forgotten in one of them."""
    chinese, english = names("zh-CN").own, names("en").own
    assert {k: set(v) if isinstance(v, dict) else None for k, v in chinese.items()} == {
        k: set(v) if isinstance(v, dict) else None for k, v in english.items()
    }


def test_marks_come_and_go() -> None:
    """What is escaped for Markdown reads the same in a chat."""
    assert "*_[a](b) <c> #1" == plain(md("*_[a](b)\n<c> #1"))


def test_a_document_is_written_anew_whole(tmp_path: Path) -> None:
    """The same name twice leaves one file, with the newest words."""
    for text in ("one", "two"):
        path = paper(tmp_path).keep(SHOP, "a.md", text)
    assert ("two", ["a.md"]) == (path.read_text("utf-8"), [each.name for each in (tmp_path / SHOP).iterdir()])
