"""The command line as a shop's people use it: what they type, what they read, and how it ends."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.shop_month import write_export
from followup.events import OrderChanged
from followup.model import ChannelState, Health, Rating, Review, Status
from store.store import SqlStore
from tests.bot.tea import ALWAYS_OPEN, a_refund, an_order, write_jsonl
from tests.store.makers import keep

COMMANDS = [*(each.name or "" for each in app.registered_commands if not each.hidden), "channels", "scripts"]
HEAVY = {"sqlalchemy", "jinja2", "pydantic", "apscheduler", "tinydb", "rich.table", "structlog", "asyncio", "alembic"}
NOW = datetime.now(UTC).replace(microsecond=0)


class Typed:
    """What came of a command."""

    def __init__(self, *words: str) -> None:
        done = CliRunner().invoke(app, [*words])
        self.code, self.out, self.err = done.exit_code, done.stdout, done.stderr
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception

    @property
    def lines(self) -> list[str]:
        """The lines on standard output."""
        return self.out.splitlines()


Huifang = Callable[..., Typed]


@pytest.fixture
def huifang(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Huifang:
    """Type a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Typed


@pytest.fixture
def shop(huifang: Huifang, migrated_file: Path) -> Huifang:
    """A configured shop whose buyers may be spoken to at any hour, with an empty database."""
    Path("config.toml").write_text(ALWAYS_OPEN, encoding="utf-8")
    Path("var").mkdir()
    shutil.copy(migrated_file, "var/huifang.db")
    return huifang


@pytest.fixture
def busy(shop: Huifang) -> Huifang:
    """An unpaid order, a refund and a bad review, an hour old; everything due is with the agents."""
    told = NOW - timedelta(hours=1)
    bought = replace(an_order(3, told), status=Status.FINISHED, paid_at=told)
    review = Review("tea", "v3", "o3", Rating.BAD, told, told, "Pilled after one wash")
    write_jsonl(Path("a.jsonl"), [an_order(1, told), a_refund(an_order(2, told)), OrderChanged(bought, (), (review,))])
    assert shop("import", "a.jsonl").code == 0
    assert shop("catchup").code == 0
    return shop


def codes(listed: Typed) -> dict[str, str]:
    """The code of each task by its order."""
    heads = [line for line in listed.lines if " · order " in line]
    return {line.split(" · order ")[1].split(" ")[0]: line.split()[0] for line in heads}


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_explains_itself(self, huifang: Huifang, command: str) -> None:
        """`--help` ends well and says what the command is for."""
        typed = huifang(command, "--help")
        assert (typed.code, len(typed.lines) > 5) == (0, True)

    def test_the_help_lists_every_command(self, huifang: Huifang) -> None:
        """On one screen."""
        listed = huifang("--help").out
        assert [command for command in COMMANDS if command not in listed] == []

    def test_help_is_light(self) -> None:
        """Nothing heavy is imported before a command runs, so that help is there at once."""
        code = f"import sys, bot.cli; print(sorted({HEAVY} & set(sys.modules)))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


class TestCheck:
    @pytest.fixture(autouse=True)
    def quick_words(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Linting all words takes a second, and has tests of its own."""
        monkeypatch.setattr("scripts_library.check.check", lambda _library: [])

    def test_a_channel_that_is_logged_out_shows_what_to_scan(
        self, huifang: Huifang, tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A picture of the code stands below the table, with the link itself, and the exit code asks for care."""
        monkeypatch.setenv("HUIFANG_CHANNELS_WX_TOKEN", "x")
        config = '[shops.tea]\nplatform = "independent"\nchannel = "wx"\n[channels.wx]\ntype = "wechaty"\n'
        (tmp_path / "config.toml").write_text(config, encoding="utf-8")
        (tmp_path / "var").mkdir()
        shutil.copy(migrated_file, tmp_path / "var" / "huifang.db")
        store = SqlStore(f"sqlite:///{tmp_path}/var/huifang.db")
        keep(store, ChannelState("wx", Health.LOGIN, NOW, "https://login.example/abc"))
        store.close()
        typed = huifang("check")
        assert (typed.code, typed.out.count("CARE"), typed.lines[-1]) == (1, 1, "https://login.example/abc")
        assert len([line for line in typed.lines if line.startswith("██")]) > 10

    def test_a_fresh_folder_is_well(self, huifang: Huifang) -> None:
        """Every part is shown, and nothing is made."""
        typed = huifang("check")
        assert (typed.code, typed.out.count(" ok ")) == (0, 9)
        assert list(Path().iterdir()) == []

    def test_what_needs_care_ends_with_1(self, shop: Huifang) -> None:
        """All parts are shown whole, also when one is broken."""
        Path("var/huifang.db").write_text("my notes", encoding="utf-8")
        typed = shop("check")
        assert (typed.code, typed.out.count(" ok "), typed.out.count(" CARE ")) == (1, 8, 1)
        assert "is not a SQLite database: name another file, or move this one away" in typed.out


class TestImport:
    def test_an_export_is_imported_and_then_known(self, shop: Huifang) -> None:
        """A Taobao export: first everything is new, then nothing."""
        write_export(Path("ExportOrderList.csv"), orders=200, seed=5)
        assert shop("import", "ExportOrderList.csv").lines == ["ExportOrderList.csv: 200 rows: 200 new, 0 rejected"]
        assert shop("import", "ExportOrderList.csv").lines == ["ExportOrderList.csv: 200 rows: 200 same, 0 rejected"]

    def test_a_newer_one_shows_what_changed(self, shop: Huifang) -> None:
        """How many orders are new, changed and the same."""
        write_jsonl(Path("a.jsonl"), [an_order(1), an_order(2)])
        write_jsonl(Path("b.jsonl"), [an_order(1), an_order(2, status=Status.PAID, paid_at=NOW), an_order(3)])
        shop("import", "a.jsonl")
        assert shop("import", "b.jsonl").lines == ["b.jsonl: 3 rows: 1 changed, 1 new, 1 same, 0 rejected"]

    def test_bad_rows_are_named_and_put_aside(self, shop: Huifang) -> None:
        """By line and column, the first ten on the screen and all in a file; the rest is imported."""
        write_jsonl(Path("a.jsonl"), [an_order(1)], *['{"type": "order", "id": ""}'] * 12)
        typed = shop("import", "a.jsonl")
        assert (typed.code, typed.lines[0]) == (0, "a.jsonl: 13 rows: 1 new, 12 rejected")
        assert typed.lines[1].startswith("  line 2, ")
        assert typed.lines[-2:] == ["  and 2 more", "  rejected rows are in a.jsonl.rejected.csv"]
        assert len(Path("a.jsonl.rejected.csv").read_text(encoding="utf-8-sig").splitlines()) == 13

    def test_one_unreadable_file_does_not_keep_out_the_others(self, shop: Huifang) -> None:
        """Each is imported or named; the exit code says that one was not."""
        Path("notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
        write_jsonl(Path("b.jsonl"), [an_order(1)])
        typed = shop("import", "missing.csv", "notes.csv", "b.jsonl")
        assert (typed.code, typed.lines) == (2, ["b.jsonl: 1 rows: 1 new, 0 rejected"])
        assert ["huifang: missing.csv: No such file or directory", "huifang: notes.csv is neither"] == [
            line[:47].split(" an ")[0] for line in typed.err.splitlines()
        ]

    def test_the_first_import_makes_the_database(self, huifang: Huifang) -> None:
        """Without a configuration, in an empty folder."""
        write_jsonl(Path("a.jsonl"), [replace(an_order(1), shop="shop")])
        assert huifang("import", "a.jsonl").code == 0
        assert Path("var/huifang.db").exists()


class TestTasks:
    def test_nothing_to_do(self, shop: Huifang) -> None:
        """It says so."""
        assert shop("tasks").lines == ["Nothing to do."]

    def test_words_to_paste_stand_whole_under_their_heading(self, busy: Huifang) -> None:
        """Code, reason, order, buyer's name, and until when; then nothing but the words."""
        listed = busy("tasks")
        head = next(at for at, line in enumerate(listed.lines) if " · order o1 · " in line)
        assert listed.lines[head].split()[1] == "paste"
        assert " · order o1 · Anna1 · " in listed.lines[head]
        assert " · valid until " in listed.lines[head]
        assert "Anna1" in listed.lines[head + 1]
        assert listed.lines[head + 1][0] != " "
        words = listed.lines[head + 1 : listed.lines.index("", head)]
        assert [line for line in words if line[0] in "12345"] == words[2:7]
        assert words[7:] == [line for line in words if line.startswith("(")]
        assert listed.lines[-1] == "3 open. Done: huifang done CODE; could not: huifang failed CODE --text WHY"

    def test_words_that_came_too_late_are_not_shown(self, busy: Huifang) -> None:
        """So that nobody pastes them; the heading says it."""
        with sqlite3.connect("var/huifang.db") as connection:
            connection.execute("UPDATE tasks SET expires_at = 1 WHERE reason = 'paste' AND thread LIKE '%o1%'")
        listed = busy("tasks")
        head = next(at for at, line in enumerate(listed.lines) if " · order o1 · " in line)
        assert " · too late since 01-01 00:00: do not send" in listed.lines[head]
        assert "Anna1" not in listed.lines[head + 1]

    def test_more_than_asked_for_are_counted(self, busy: Huifang) -> None:
        """With a limit the rest is not forgotten."""
        assert "2 more are not shown (--limit)." in busy("tasks", "--limit", "1").lines

    def test_done_and_failed_by_code(self, busy: Huifang) -> None:
        """Five letters are enough; what was answered is gone from the list, and the story tells who did it."""
        code = codes(busy("tasks"))
        assert busy("done", code["o1"], "--by", "Mia").lines == [f"{code['o1']}: done"]
        assert busy("failed", code["o2"].upper(), "--by", "Mia", "--text", "chat closed").lines == [
            f"{code['o2']}: not done"
        ]
        assert list(codes(busy("tasks"))) == ["o3"]
        assert "done by Mia" in busy("why", "o1").out
        assert "chat closed" in busy("why", "o2").out

    def test_a_task_is_answered_once(self, busy: Huifang) -> None:
        """The second answer is told that there is nothing to answer."""
        code = codes(busy("tasks"))["o1"]
        busy("done", code)
        typed = busy("failed", code)
        assert (typed.code, typed.err) == (2, f"huifang: there is no open task '{code}'; `huifang tasks` lists them\n")

    def test_a_task_may_be_named_by_the_end_of_its_id(self, busy: Huifang) -> None:
        """By whole parts of it, and if no other ends like it."""
        assert busy("done", "o1/unpaid_order/unpaid.help").code == 0
        assert (busy("done", "3").code, busy("done", "v3").code) == (2, 0)


class TestThreads:
    def test_the_open_ones_are_listed_whole(self, busy: Huifang) -> None:
        """With kind, state and how much was said; no id is cut."""
        listed = busy("threads").out
        for thread in ("tea/o1/unpaid_order", "tea/o2/pending_refund", "tea/o3/review_revision"):
            assert thread in listed

    def test_closed_ones_on_demand(self, busy: Huifang) -> None:
        """`--all` shows them too."""
        busy("act", "o1", "close")
        assert "tea/o1/" not in busy("threads").out
        assert "tea/o1/" in busy("threads", "--all").out

    def test_none_is_told(self, shop: Huifang) -> None:
        """An empty shop says so."""
        assert shop("threads").lines == ["Nothing was followed up."]


class TestWhy:
    def test_the_story_of_an_order(self, busy: Huifang) -> None:
        """By its number: what was said, on which figures, what is planned."""
        story = busy("why", "o1").out
        assert story.startswith("tea/o1/unpaid_order: still open\n(times in UTC)\n")
        for words in (
            "opened: Unpaid order",
            "said Help after ordering on manual",
            "checked: ",
            "planned",
        ):
            assert words in story

    def test_in_the_agents_language(self, busy: Huifang) -> None:
        """`agents.lang` chooses it."""
        Path("config.toml").write_text(ALWAYS_OPEN.replace('"en"', '"zh-CN"', 1), encoding="utf-8")
        story = busy("why", "o1").out
        assert "开始跟进：未付款订单" in story
        assert "看过：事情还没了结；买家没有退订" in story

    def test_a_shop_that_is_no_longer_configured_can_still_be_read(self, busy: Huifang) -> None:
        """Its story and its tasks are told, in UTC."""
        Path("config.toml").write_text('[agents]\nlang = "en"\n[shops.cups]\n', encoding="utf-8")
        assert [busy(*words).code for words in (["why", "o1"], ["tasks"], ["threads"], ["audit"])] == [0, 0, 0, 0]


class TestAct:
    def test_from_a_bad_review_to_one_note(self, busy: Huifang) -> None:
        """Only after the agent said solved and the buyer confirmed is the review mentioned."""
        assert busy("act", "o3", "solved", "--by", "Mia").lines == ["tea/o3/review_revision: solved"]
        assert busy("catchup").lines[-1] == "done: 0 reminders and messages"
        assert busy("act", "tea/o3/review_revision", "confirmed").code == 0
        assert busy("catchup").lines[-1] == "done: 2 reminders and messages"
        assert "Mia: marked it solved" in busy("why", "o3").out

    def test_an_order_with_several_threads_must_be_named(self, shop: Huifang) -> None:
        """It lists them."""
        told = NOW - timedelta(hours=1)
        both = replace(a_refund(an_order(1, told)), reviews=(Review("tea", "v", "o1", Rating.BAD, told, told, "bad"),))
        write_jsonl(Path("a.jsonl"), [both])
        shop("import", "a.jsonl")
        typed = shop("act", "o1", "close")
        assert (typed.code, "tea/o1/pending_refund" in typed.err, "tea/o1/review_revision" in typed.err) == (
            2,
            True,
            True,
        )


class TestAudit:
    def test_a_ledger_that_proves(self, busy: Huifang) -> None:
        """In words and as JSON."""
        assert busy("audit").lines[0] == "2 sent, 0 unsure, 0 findings"
        assert json.loads(busy("audit", "--json").out)["ok"] is True

    def test_a_ledger_that_was_tampered_with(self, busy: Huifang) -> None:
        """A second sending in a history is found, and the exit code is 1."""
        with sqlite3.connect("var/huifang.db") as connection:
            connection.execute(
                "UPDATE outbox SET history = history || ' started@1 accepted@1' WHERE step LIKE 'unpaid%'"
            )
        typed = busy("audit")
        assert (typed.code, "sent_twice" in typed.out, typed.lines[-1]) == (1, True, "the proof failed")
        assert busy("audit", "--json").code == 1


class TestCatchup:
    def test_a_dry_run_changes_nothing(self, shop: Huifang) -> None:
        """It lists what would be done, again and again; then it is done."""
        write_jsonl(Path("a.jsonl"), [an_order(1, NOW - timedelta(hours=1))])
        shop("import", "a.jsonl")
        first, second = shop("catchup", "--dry-run"), shop("catchup", "--dry-run")
        assert (first.out, first.lines[-1]) == (second.out, "1 overdue")
        assert "tea/o1/unpaid_order/unpaid.help" in first.out
        assert shop("catchup").lines[-1] == "done: 2 reminders and messages"
        assert shop("catchup", "--dry-run").lines == ["0 overdue"]


class TestScripts:
    def test_a_preview_speaks_of_a_real_order(self, busy: Huifang) -> None:
        """With its buyer, goods and amount; what an order does not say is made up."""
        shown = busy("scripts", "preview", "unpaid.help", "--order", "o1", "--lang", "en").out
        assert "Anna1" in shown
        assert "wool scarf" in shown
        assert busy("scripts", "preview", "--all", "--order", "o2", "--lang", "en").code == 0

    def test_an_order_that_is_not_known(self, busy: Huifang) -> None:
        """A sentence, exit code 2."""
        typed = busy("scripts", "preview", "unpaid.help", "--order", "999")
        assert (typed.code, typed.err) == (2, "there is no order 999; `huifang import` brings orders in\n")

    def test_the_configured_file_of_words_is_used(self, shop: Huifang) -> None:
        """What is set goes where the program looks."""
        Path("config.toml").write_text(ALWAYS_OPEN + '\n[scripts]\noverrides = "ours.json"\n', encoding="utf-8")
        text = "Hi! Is anything in the way of paying{% if goods %} for {{ goods }}{% endif %}?"
        assert shop("scripts", "set", "unpaid.help", "--lang", "en", "--text", text).code == 0
        assert Path("ours.json").exists()


class TestMistakes:
    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (["import", "missing.csv"], "missing.csv: No such file or directory"),
            (["import", "."], "Is a directory"),
            (["import", "a.csv", "--shop", "cups"], "--shop: expected one of tea, got cups"),
            (["why", "999"], "there is no thread of '999'"),
            (["act", "999", "solved"], "there is no thread or order '999'"),
            (["act", "o1", "dance"], "action: expected one of solved, confirmed, benefit, opt_out, close, note"),
            (["done", "zzzzz"], "there is no open task 'zzzzz'"),
            (["failed", ""], "there is no open task ''"),
            (["demo", "--lang", "fr"], "--lang: expected one of zh-CN, en, es, got 'fr'"),
            (["check", "-c", "missing.toml"], "missing.toml: there is no such file"),
            (["simulate", "missing.csv"], "missing.csv: No such file or directory"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, shop: Huifang, words: list[str], sentence: str) -> None:
        """On standard error, with exit code 2."""
        typed = shop(*words)
        assert (typed.code, typed.out, len(typed.err.splitlines())) == (2, "", 1)
        assert sentence in typed.err

    @pytest.mark.parametrize("command", [["tasks"], ["threads"], ["why", "1"], ["audit"], ["catchup"], ["done", "x"]])
    def test_reading_makes_no_database(self, huifang: Huifang, command: list[str]) -> None:
        """In the wrong folder one is told so, instead of being shown an empty shop."""
        typed = huifang(*command)
        assert (typed.code, list(Path().iterdir())) == (2, [])
        assert "there is no database var/huifang.db yet" in typed.err

    @pytest.mark.parametrize(
        ("config", "sentence"),
        [
            ("x = = 1", "this is not TOML"),
            ('[shops.tea]\nchannels = "x"', 'there is no such option; did you mean "channel"?'),
            ('[shops.tea]\nplatform = "independent"\nchannel = "pigeon"', "there is no channel 'pigeon'"),
            ('[scripts]\noverrides = "broken.json"', "broken.json is damaged and was left alone"),
            ('[database]\nurl = "sqlite:///notes.db"', "notes.db is not a SQLite database"),
            ('[database]\nurl = "sqlite:///torn.db"', "torn.db is damaged"),
            ('[database]\nurl = "postgresql://nobody@127.0.0.1:1/none"', "does not answer: is PostgreSQL running"),
        ],
    )
    @pytest.mark.parametrize("command", [["tasks"], ["run"], ["import", "a.jsonl"]])
    def test_what_cannot_be_used_is_told_and_left_alone(
        self, shop: Huifang, command: list[str], config: str, sentence: str
    ) -> None:
        """A bad configuration, damaged words, a file that is no database, a torn one, one that does not answer."""
        Path("broken.json").write_text("{", encoding="utf-8")
        Path("notes.db").write_text("my notes", encoding="utf-8")
        whole = Path("var/huifang.db").read_bytes()
        Path("torn.db").write_bytes(whole[:4096] + bytes(255 - byte for byte in whole[4096:]))
        write_jsonl(Path("a.jsonl"), [an_order(1)])
        Path("config.toml").write_text(config, encoding="utf-8")
        before = {path: path.read_bytes() for path in Path().iterdir() if path.is_file()}
        typed = shop(*command)
        assert (typed.code, sentence in typed.err, "Traceback" in typed.err) == (2, True, False)
        assert {path: path.read_bytes() for path in before} == before
