"""What the shop's people type at the desk, on a real database: who may, what is meant, and what they are answered."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.config import load
from followup.desk.codes import code_of
from followup.events import OrderChanged
from followup.evidence import Evidence, EvidenceState
from followup.model import Media, Status, Task
from handlers.order_changed import order_changed, wanted
from scheduler.clock import FakeClock
from store.store import SqlStore
from tests.bot.tea import ALWAYS_OPEN, a_refund, an_order, some_deps

PEOPLE = """
[agents.people.li]
name = "Li"
[agents.people.wang]
name = "Wang"
rank = "supervisor"
[agents.people.chen]
rank = "owner"
"""
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
THREAD = "tea/o1/pending_refund"
CALLED = f"{THREAD}/buyer_message/m1"
LATE = "tea/o2/pending_refund/buyer_message/m2"
Typed = tuple[int, str, str]
Huifang = Callable[..., Typed]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated_file: Path) -> Iterator[Huifang]:
    """Three people, two orders with a refund each, and a task about either; the second one's time has run out."""
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text(ALWAYS_OPEN + PEOPLE, encoding="utf-8")
    Path("var").mkdir()
    shutil.copy(migrated_file, "var/huifang.db")
    _fill()
    return _typed


def _typed(*words: str, typing: str = "") -> Typed:
    done = CliRunner().invoke(app, [*words], input=typing)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def _fill() -> None:
    store = SqlStore("sqlite:///var/huifang.db")
    deps = some_deps(load(Path("config.toml")), store, FakeClock(NOW))
    for number in (1, 2):
        event = a_refund(an_order(number, NOW - 3 * HOUR))
        store.run(lambda tx, event=event: order_changed(event, tx, deps, NOW - HOUR), wanted(event))  # type: ignore[misc]
    made = (NOW - HOUR, NOW - 10 * HOUR)
    texts = ((CALLED, "Please call Anna1."), (LATE, "Please call Anna2."))
    for (id_, text), at, due in zip(texts, made, (NOW + 5 * HOUR, NOW - HOUR), strict=True):
        task = Task(id_, "tea", id_.partition("/buyer")[0], "buyer_message", text, at, due_at=due)
        store.run(lambda tx, task=task: tx.save(task))  # type: ignore[misc]
    store.close()


def rows(question: str) -> list[tuple[object, ...]]:
    """What the database says."""
    with sqlite3.connect("var/huifang.db") as connection:
        return connection.execute(question).fetchall()


def notes() -> list[tuple[object, ...]]:
    return rows("SELECT who, text FROM notes ORDER BY seq")


class TestWho:
    def test_a_name_is_needed(self, shop: Huifang) -> None:
        """Where people are listed, nobody acts without one of their names, and nothing was changed."""
        code, _, err = shop("take", "o1")
        assert (2, "huifang: --by is needed: one of li (Li), wang (Wang), chen") == (code, err.strip())
        code, _, err = shop("done", "o1", "--by", "Bob")
        assert (2, True) == (code, "'Bob' is none of your people" in err)
        assert [] == notes()

    def test_what_was_done_is_noted_by_id(self, shop: Huifang) -> None:
        """Whoever is named by his name is remembered by his id, by commands old and new."""
        for words in (("note", "o1", "no answer"), ("act", "o1", "note", "--text", "again")):
            assert 0 == shop(*words, "--by", "Li")[0]
        assert ["li", "li"] == [who for who, _ in notes()]

    def test_the_story_calls_him_by_his_name(self, shop: Huifang) -> None:
        """Who noted, who promised and who did a task."""
        tomorrow = f"{NOW + timedelta(days=1):%Y-%m-%d} 12:00"
        for words in (("note", "o1", "no answer"), ("done", CALLED), ("promise", "o1", tomorrow, "we call")):
            assert 0 == shop(*words, "--by", "li")[0]
        _, out, _ = shop("why", "o1")
        told = [line for line in out.splitlines() if re.search(r"\b[Ll]i\b", line)]
        assert 5 == len(told)
        assert not [line for line in told if re.search(r"\bli\b", line)]

    def test_a_supervisor_by_rank(self, shop: Huifang) -> None:
        """What somebody else has taken, an agent is not given, a supervisor is."""
        shop("take", "o1", "--by", "wang")
        assert (2, 0) == (shop("take", "o1", "--by", "li")[0], shop("take", "o1", "--by", "chen")[0])


class TestTargets:
    @pytest.mark.parametrize("target", ["o1", THREAD, code_of(CALLED), CALLED])
    def test_an_order_a_thread_or_a_task(self, shop: Huifang, target: str) -> None:
        """All of them lead to the matter."""
        assert 0 == shop("note", target, "no answer", "--by", "li")[0]
        assert [(THREAD,)] == rows("SELECT thread FROM notes")

    def test_a_task_alone(self, shop: Huifang) -> None:
        """Taken by its code, the others of the matter stay free."""
        shop("take", code_of(CALLED), "--by", "li")
        assert [("li",)] == rows(f"SELECT assignee FROM tasks WHERE id = '{CALLED}'")
        assert [("",)] == rows(f"SELECT agent FROM threads WHERE id = '{THREAD}'")

    def test_nothing_of_that_name(self, shop: Huifang) -> None:
        """One sentence says what could have been meant."""
        code, _, err = shop("take", "o9", "--by", "li")
        assert (2, True) == (code, err.startswith("huifang: there is no thread, order or open task 'o9'"))

    def test_an_order_with_several_matters(self, shop: Huifang) -> None:
        """Has to be named by one of them."""
        with sqlite3.connect("var/huifang.db") as connection:
            connection.execute(
                "INSERT INTO threads SELECT replace(id, 'pending_refund', 'stuck_parcel'), shop, order_id, "
                "'stuck_parcel', buyer, chat, state, opened_at, acted_at, segment, matter, outcome, closed_at, "
                f"touches, said, agent, flag, cause, active_at FROM threads WHERE id = '{THREAD}'"
            )
        code, _, err = shop("pause", "o1", "--by", "li")
        assert (2, True) == (code, "order o1 has several open threads, name one: tea/o1/" in err)


class TestCommands:
    def test_take_and_give(self, shop: Huifang) -> None:
        """The thread and its tasks change hands."""
        assert 0 == shop("take", "o1", "--by", "li")[0]
        assert 0 == shop("give", "o1", "Wang", "--by", "li", "--note", "speaks Spanish")[0]
        assert [("wang",)] == rows(f"SELECT agent FROM threads WHERE id = '{THREAD}'")
        assert [("wang",)] == rows(f"SELECT assignee FROM tasks WHERE id = '{CALLED}'")

    def test_flag(self, shop: Huifang) -> None:
        """The line for the order's page is printed, with its writer (rules 98, 99)."""
        code, out, _ = shop("flag", "o1", "green", "agreed", "--by", "li")
        assert (0, True) == (code, "agreed · Li" in out)
        assert [("green",)] == rows(f"SELECT flag FROM threads WHERE id = '{THREAD}'")
        assert 2 == shop("flag", "o1", "pink", "--by", "li")[0]
        assert 0 == shop("flag", "o1", "黄", "--by", "li")[0]
        assert [("yellow",)] == rows(f"SELECT flag FROM threads WHERE id = '{THREAD}'")

    def test_what_suits_a_matter(self, shop: Huifang) -> None:
        """A search without words is for the matter that is named."""
        code, out, _ = shop("s", "--for", "o1", "--by", "li")
        assert (0, True) == (code, "[" in out)

    def test_later(self, shop: Huifang) -> None:
        """One task is heard of again at that time, and no other."""
        assert 0 == shop("later", code_of(CALLED), "30m", "--by", "li")[0]
        (((at,),), ((other,),)) = (rows(f"SELECT alert_at FROM tasks WHERE id = '{id_}'") for id_ in (CALLED, LATE))
        assert (True, None) == (isinstance(at, int) and at > NOW.timestamp() * 1_000_000, other)

    def test_promise(self, shop: Huifang) -> None:
        """Its clock runs, beside `huifang promises`, which lists it."""
        assert 0 == shop("promise", "o1", "2h", "We will call you.", "--by", "li")[0]
        assert "We will call you." in shop("promises")[1]

    def test_resolve_and_reopen(self, shop: Huifang) -> None:
        """A cause has to be named (rule 47); its tasks are done with it."""
        assert 2 == shop("resolve", "o1", "whatever", "--by", "li")[0]
        assert 0 == shop("resolve", "o1", "courier", "--by", "li")[0]
        assert [("solved", "courier")] == rows(f"SELECT state, cause FROM threads WHERE id = '{THREAD}'")
        assert [("done",)] == rows(f"SELECT state FROM tasks WHERE id = '{CALLED}'")
        assert 0 == shop("reopen", "o1", "--by", "li")[0]
        assert [("with_agent",)] == rows(f"SELECT state FROM threads WHERE id = '{THREAD}'")

    def test_pause_and_resume(self, shop: Huifang) -> None:
        """The bot is silent towards this buyer, and goes on."""
        assert 0 == shop("pause", "o1", "--by", "li")[0]
        assert [(True,)] == rows("SELECT paused_at IS NOT NULL FROM buyers WHERE id = 'b1'")
        assert 0 == shop("resume", "o1", "--by", "li")[0]
        assert [(False,)] == rows("SELECT paused_at IS NOT NULL FROM buyers WHERE id = 'b1'")

    def test_search_and_send(self, shop: Huifang) -> None:
        """Scripts are found by words; one is said to the buyer by its id."""
        code, out, _ = shop("s", "refund", "under", "way", "--for", "o1", "--by", "li")
        assert (0, True) == (code, "wool scarf" in out)
        code, out, _ = shop("send", "o1", "desk.refund_under_way", "--by", "li")
        assert (0, True) == (code, "wool scarf" in out)
        assert [("says",)] == rows("SELECT step FROM outbox")

    def test_what_is_planned(self, shop: Huifang) -> None:
        """Moved, sent now and skipped, by the name or the id of its step; what is not planned is told with code 2."""
        day = (NOW + timedelta(days=9)).date()
        code, out, _ = shop("move", "o1", f"{day} 15:30", "refund.acknowledge", "--by", "li")
        assert (0, True) == (code, "15:30" in out)
        assert 0 == shop("skip", "o1", "Refund request received", "--by", "li", "--note", "called her")[0]
        planned = f"SELECT state FROM reminders WHERE step = 'refund.acknowledge' AND thread = '{THREAD}'"
        assert [("cancelled",)] == rows(planned)
        assert ("li", "skip refund.acknowledge called her") in notes()
        assert 0 == shop("now", "o1", "--by", "li")[0]
        assert 2 == shop("now", "o1", "unpaid.help", "--by", "li")[0]

    @pytest.mark.parametrize(
        ("time", "why"),
        [("blah", "60 days; expected 30m, 2h"), ("2020-01-02", "is no time within"), ("2026-13-45", "is no time")],
    )
    def test_a_time_that_is_none(self, shop: Huifang, time: str, why: str) -> None:
        """Is answered with examples, and nothing is put off."""
        code, _, err = shop("later", code_of(CALLED), time, "--by", "li")
        assert (2, True) == (code, why in err)

    def test_a_date_is_read_as_it_is_written(self, shop: Huifang) -> None:
        """In the shop's own zone, whatever stands beside it."""
        day = (NOW + timedelta(days=9)).date()
        assert 0 == shop("snooze", "o1", f"{day} 15:30", "--by", "li")[0]
        until = datetime(day.year, day.month, day.day, 15, 30, tzinfo=UTC)
        assert [(int(until.timestamp()) * 1_000_000,)] == rows(f"SELECT alert_at FROM tasks WHERE id = '{CALLED}'")


class TestTasks:
    def test_whose_and_by_when(self, shop: Huifang) -> None:
        """What is late stands first; who has a task stands beside it."""
        shop("take", "o1", "--by", "li")
        shop("give", "o2", "wang", "--by", "li")
        _, out, _ = shop("tasks")
        first, second = (line for line in out.splitlines() if "order o" in line)
        assert ("late since", "given to Wang") == tuple(w for w in ("late since", "given to Wang") if w in first)
        assert ("due ", "Li has it") == tuple(w for w in ("due ", "Li has it") if w in second)

    def test_due_soon(self, shop: Huifang) -> None:
        """Most of its time has gone."""
        with sqlite3.connect("var/huifang.db") as connection:
            soon = int((datetime.now(UTC) + timedelta(minutes=8)).timestamp()) * 1_000_000
            connection.execute(f"UPDATE tasks SET due_at = {soon} WHERE id = '{CALLED}'")
        assert "due soon: " in shop("tasks")[1]

    def test_where_nobody_is_told_of_them(self, shop: Huifang) -> None:
        """Without a group and a service one has to look; with either nothing is said."""
        assert "tea: there is neither an agents' group nor an alert service" in shop("tasks")[1]
        with Path("config.toml").open("a", encoding="utf-8") as file:
            file.write('[alerts.ops]\ntype = "wecom_robot"\n')
        assert "neither an agents' group" not in shop("tasks")[1]

    def test_only_mine(self, shop: Huifang) -> None:
        """By --mine or --by; who has none is told so."""
        shop("take", "o1", "--by", "li")
        mine = shop("tasks", "--mine", "--by", "li")[1]
        assert (True, False) == ("order o1" in mine, "order o2" in mine)
        assert "Nothing waits for Wang." in shop("tasks", "--by", "wang")[1]

    def test_all(self, shop: Huifang) -> None:
        """A limit says how many are left out; --all has none."""
        assert "order o1" not in shop("tasks", "--limit", "1")[1]
        assert "order o1" in shop("tasks", "--limit", "1", "--all")[1]

    def test_heads_are_in_the_agents_language(self, shop: Huifang) -> None:
        """So are those of other tables."""
        text = Path("config.toml").read_text("utf-8").replace('lang = "en"\n', 'lang = "zh-CN"\n', 1)
        Path("config.toml").write_text(text, "utf-8")
        assert ("跟进" in shop("threads")[1], "已超时" in shop("tasks")[1]) == (True, True)


class TestForget:
    def test_only_an_owner(self, shop: Huifang) -> None:
        """Anybody else is told so, and nothing is gone."""
        code, _, err = shop("forget", "o1", "--by", "wang", "--yes")
        assert (2, True) == (code, "wang is no owner" in err)
        assert [("Anna1",)] == rows("SELECT buyer_name FROM orders WHERE id = 'o1'")

    def test_he_is_asked_first(self, shop: Huifang) -> None:
        """Whose data goes is shown; whoever does not say yes has changed nothing."""
        code, out, err = shop("forget", "o1", "--by", "chen", typing="n\n")
        assert (2, True, True) == (code, "The buyer to erase: Anna1. Orders: 1" in out, "nothing was erased" in err)
        assert [("Anna1",)] == rows("SELECT buyer_name FROM orders WHERE id = 'o1'")

    @pytest.mark.parametrize("target", ["o1", "b1", THREAD, code_of(CALLED)])
    def test_gone_for_good(self, shop: Huifang, target: str) -> None:
        """By an order, the buyer's id, a thread or a task; what has to be deleted by hand is named."""
        code, out, err = shop("forget", target, "--by", "chen", typing="y\n")
        assert (0, True, True) == (code, "Erased: 1 orders" in out, "Please delete by hand" in out)
        assert "buyer_erased" not in out + err
        assert [("", "")] == rows("SELECT buyer_name, region FROM orders WHERE id = 'o1'")
        assert [("Anna2",)] == rows("SELECT buyer_name FROM orders WHERE id = 'o2'")
        code, _, err = shop("forget", "o1", "--by", "chen")
        assert (2, True) == (code, "was erased already" in err)

    def test_documents_that_name_him_are_deleted(self, shop: Huifang) -> None:
        """Each is named; those about others, and other shops' stay."""
        for of, text in (("tea", "- **o1** refund, Anna1"), ("tea/old", "Anna1"), ("jade", "o1")):
            Path("var/reports", of).mkdir(parents=True, exist_ok=True)
            Path("var/reports", of, "digest-2026-03-02.md").write_text(text, "utf-8")
        Path("var/reports/tea/digest-2026-03-09.md").write_text("- o2, Anna2", "utf-8")
        out = shop("forget", "o1", "--by", "chen", "--yes")[1]
        named = [line.removeprefix("deleted ") for line in out.splitlines() if "reports" in line]
        assert [f"var/reports/tea/{each}digest-2026-03-02.md" for each in ("", "old/")] == named
        left = {path.as_posix() for path in Path("var/reports").rglob("*") if path.is_file()}
        assert {"var/reports/jade/digest-2026-03-02.md", "var/reports/tea/digest-2026-03-09.md"} == left

    def test_a_workbook_that_cannot_be_opened_is_left_to_a_person(self, shop: Huifang) -> None:
        """Nobody knows whom it names: torn, or with a part that would fill the memory."""
        folder = Path("inbox/tea/unreadable")
        folder.mkdir(parents=True)
        (folder / "torn.xlsx").write_bytes(b"PK\x03\x04 torn")
        with ZipFile(folder / "bomb.xlsx", "w") as book:
            book.writestr("a.xml", bytes(2000))
        with patch("bot.forgetting.WORKBOOK_MOST", 1000):
            out = shop("forget", "o1", "--by", "chen", "--yes")[1]
        named = [line.rpartition("/")[2] for line in out.splitlines() if "cannot be searched" in line]
        assert (["bomb.xlsx", "torn.xlsx"], 2) == (named, len(list(folder.iterdir())))

    def test_a_file_that_cannot_be_cleaned_keeps_him_findable(self, shop: Huifang) -> None:
        """Nothing is gone from the database before every file is clean: saying it once more does the rest."""
        report = Path("var/reports/tea/digest-2026-03-02.md")
        report.parent.mkdir(parents=True)
        report.write_text("- **o1** refund, Anna1", "utf-8")
        with patch.object(Path, "unlink", side_effect=OSError(13, "Permission denied", str(report))):
            code, _, err = shop("forget", "o1", "--by", "chen", "--yes")
        assert (2, True, [("Anna1",)]) == (
            code,
            "say it once more" in err,
            rows("SELECT buyer_name FROM orders LIMIT 1"),
        )
        assert (0, False) == (shop("forget", "o1", "--by", "chen", "--yes")[0], report.exists())

    def test_what_a_restore_moved_aside_is_named(self, shop: Huifang) -> None:
        """The old database still holds him; the former name of the command does the same."""
        aside = Path("var/huifang.db.before-restore-20260302T040000Z")
        aside.touch()
        assert f"once you need it no more: {aside}" in shop("erase", "o1", "--by", "chen", "--yes")[1]

    def test_files_are_named(self, shop: Huifang) -> None:
        """Each that was deleted; the audit still holds."""
        folder = Path("var/evidence/tea")
        folder.mkdir(parents=True)
        (folder / "a.jpg").write_bytes(b"x")
        store = SqlStore("sqlite:///var/huifang.db")
        of = ("e1", THREAD, "tea", "tea/manual/b1", "manual", "m1", NOW, Media.PHOTO, "ref")
        photo = Evidence(*of, state=EvidenceState.KEPT, path="tea/a.jpg")
        store.run(lambda tx: tx.save(photo))
        store.close()
        out = shop("forget", "o1", "--by", "chen", "--yes")[1]
        assert (True, False) == ("deleted var/evidence/tea/a.jpg" in out, folder.exists())
        assert 0 == shop("audit")[0]

    def test_an_order_that_was_never_followed_up(self, shop: Huifang) -> None:
        """Its buyer can be erased too."""
        store = SqlStore("sqlite:///var/huifang.db")
        done = replace(an_order(7, NOW), status=Status.FINISHED, paid_at=NOW)
        store.run(lambda tx: tx.save(OrderChanged(done).order))
        store.close()
        assert 0 == shop("forget", "o7", "--by", "chen", "--yes")[0]
        assert [("",)] == rows("SELECT buyer_name FROM orders WHERE id = 'o7'")
        code, _, err = shop("forget", "o8", "--by", "chen")
        assert (2, True) == (code, "there is no thread" in err)
