"""`huifang report` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.bot.figures.some import a_shop

PERIOD = ("--from", "2026-03-02", "--to", "2026-03-08")


def typed(config: Path, *words: str) -> Result:
    """What `huifang report` says."""
    done = CliRunner().invoke(app, ["report", *words, "-c", str(config)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", ["Key figures · s · 2026-03-02 – 2026-03-08", "│ paid after a reminder", "50.0%", "¥25.50", "5 min"]),
        ("zh-CN", ["数据报告 · s", "提醒后付款率", "50.0%", "¥25.50", "5 分"]),
    ],
    ids=["en", "zh-CN"],
)
def test_a_table_in_the_agents_language(tmp_path: Path, lang: str, expected: list[str]) -> None:
    """Figures with their total and their days; no id of ours among them."""
    done = typed(a_shop(tmp_path, lang), *PERIOD)
    assert 0 == done.exit_code
    assert [] == [text for text in expected if text not in done.stdout]
    assert "unpaid_recovered" not in done.stdout


def test_by_agent_people_have_their_names(tmp_path: Path) -> None:
    """小李 is a column, and so is nobody."""
    done = typed(a_shop(tmp_path), *PERIOD, "--by", "agent")
    assert {"小李", "nobody"} <= set(done.stdout.split())


def test_the_default_is_the_last_seven_days(tmp_path: Path) -> None:
    """Today and the six days before."""
    told = json.loads(typed(a_shop(tmp_path), "--json").stdout)
    assert ("day", 7) == (told["by"], len(told["parts"]))


def test_json_is_all_there_is_on_standard_output(tmp_path: Path) -> None:
    """Also with a page written beside it."""
    done = typed(a_shop(tmp_path), *PERIOD, "--json", "--html", str(tmp_path / "r.html"))
    assert "2026-03-02" == json.loads(done.stdout)["parts"][0]
    assert "<svg" in (tmp_path / "r.html").read_text("utf-8")


def test_a_page_a_workbook_and_a_picture(tmp_path: Path) -> None:
    """Each is written where it was asked for, and named; the line under the picture is told."""
    page, sheet, picture = (tmp_path / name for name in ("r.html", "r.xlsx", "r.png"))
    files = ("--html", str(page), "--xlsx", str(sheet), "--picture", str(picture))
    done = typed(a_shop(tmp_path), "--from", "2026-03-02", "--to", "2026-03-02", *files)
    written = [f"written to {path}" for path in (picture, sheet, page)]
    assert (0, written) == (done.exit_code, done.stdout.splitlines())
    assert "2 new matters" in done.stderr
    assert ["day"] == openpyxl.load_workbook(sheet).sheetnames
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--from", "March"), "--from: expected a day such as 2026-10-01, got 'March'"),
        (("--from", "2026-03-09", "--to", "2026-03-02"), "--to: 2026-03-02 is before 2026-03-09"),
        (("--from", "2020-01-01"), "--from: at most 400 days at once"),
        (("--by", "moon"), "--by: expected one of day, week, agent, kind, got 'moon'"),
        (("--shop", "tea"), "--shop: expected one of s, got tea"),
        (("--html", "nowhere/r.html"), "nowhere/r.html: cannot be written; it must be a file in a folder that exists"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    """Exit code 2, nothing on standard output, no traceback."""
    done = typed(a_shop(tmp_path), *words)
    assert (2, "", f"huifang: {sentence}\n") == (done.exit_code, done.stdout, done.stderr)


def test_a_shop_in_which_nothing_happened(tmp_path: Path) -> None:
    """Noughts and dashes, and no error."""
    done = typed(a_shop(tmp_path), "--from", "2020-03-02", "--to", "2020-03-04")
    assert 0 == done.exit_code
    assert "–" in done.stdout
