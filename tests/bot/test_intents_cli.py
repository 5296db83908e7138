"""`huifang intents` on the command line."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.intents_eval import ZONE

RUNNER = CliRunner()


def run(*args: object) -> tuple[int, str]:
    result = RUNNER.invoke(app, ["intents", *map(str, args)])
    return result.exit_code, result.output


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "messages.csv"
    file.write_text("text,label,alt_label\n什么时候发货,shipping,\n我已经付款了,paid,\n我在湖北,other,\n", "utf-8")
    return file


@pytest.fixture
def names(tmp_path: Path) -> Path:
    file = tmp_path / "map.csv"
    file.write_text("theirs,ours\nshipping,delivery promise asked|ship faster\n", "utf-8")
    return file


def test_eval_prints_one_object(table: Path, names: Path) -> None:
    """With --json the figures are one object of known keys."""
    code, out = run("eval", table, "--map", names, "--json")
    figures = json.loads(out)

    assert 0 == code
    assert {"n", "accuracy", "top3", "precision", "coverage", "by_intent"} == set(figures)
    assert (3, 1.0, 1.0) == (figures["n"], figures["accuracy"], figures["top3"])


def test_eval_prints_a_table(table: Path, names: Path) -> None:
    """Without it a person reads the figures and what was mistaken for what."""
    code, out = run("eval", table, "--map", names)

    assert 0 == code
    assert all(word in out for word in ("accuracy", "precision", "coverage", "mistaken for", "delivery_promise"))


def test_eval_reports_rows_put_aside(table: Path) -> None:
    """A label that is not mapped is told with its line, and the rest is scored."""
    code, out = run("eval", table)

    assert (0, True) == (code, "line 2" in out and "shipping" in out)


@pytest.mark.parametrize("content", ["nothing,here\n1,2\n", "text,label\n"])
def test_eval_refuses_a_bad_file(tmp_path: Path, content: str) -> None:
    """A file that cannot be scored is one clear sentence and exit code 2."""
    file = tmp_path / "bad.csv"
    file.write_text(content)
    code, out = run("eval", file)

    assert (2, True) == (code, out.startswith("huifang: ") and len(out.strip().splitlines()) == 1)


def test_eval_refuses_a_missing_file(tmp_path: Path) -> None:
    """So is a file that is not there."""
    assert 2 == run("eval", tmp_path / "none.csv")[0]


def test_explain_says_why() -> None:
    """The explanation names language, candidates and what was taken out of the text."""
    code, out = run("explain", "订单号2038475610293847 退我20块")

    assert 0 == code
    assert all(word in out for word in ("zh-CN", "2038475610293847", "20 CNY", "candidates"))


def test_learns_lists_exports_and_unlearns(tmp_path: Path) -> None:
    """A phrase that is taught counts at once, is listed and exported, and can be taken back."""
    file, csv = tmp_path / "var" / "intents.json", tmp_path / "learnt.csv"
    before = run("explain", "小蓝瓶老样子", "--learnt", file)[1]
    taught = run("learn", "小蓝瓶老样子", "product question", "--by", "Mei", "--learnt", file)

    assert 0 == taught[0]
    assert "product_question" in run("explain", "小蓝瓶老样子", "--learnt", file)[1].splitlines()[3]
    assert all(word in run("learnt", "--learnt", file)[1] for word in ("小蓝瓶老样子", "product_question", "Mei"))
    assert 0 == run("export", csv, "--learnt", file)[0]
    assert 1.0 == json.loads(run("eval", csv, "--json", "--learnt", file)[1])["accuracy"]
    assert 0 == run("unlearn", 1, "--learnt", file)[0]
    assert before == run("explain", "小蓝瓶老样子", "--learnt", file)[1]


@pytest.mark.parametrize("args", [("learn", "x", "nonsense"), ("learn", " ", "paid"), ("unlearn", 7)])
def test_refuses_what_cannot_be_learnt(tmp_path: Path, args: tuple[object, ...]) -> None:
    """An unknown intent, an empty text, an id that is not there: a sentence and exit code 2."""
    assert 2 == run(*args, "--learnt", tmp_path / "intents.json")[0]


def test_a_damaged_file_is_left_alone(tmp_path: Path) -> None:
    """A file that is not ours is neither read nor written."""
    file = tmp_path / "intents.json"
    file.write_text("not json")

    assert (2, "not json") == (run("learn", "x y", "paid", "--learnt", file)[0], file.read_text())


def test_explain_reads_times_by_the_clock() -> None:
    """Tomorrow is the day after today, and a weight is shown in grams."""
    today = datetime.now(ZONE).date()
    code, out = run("explain", "明天中午联系我，秤出来只有450克")
    tomorrows = {today + timedelta(days=1), datetime.now(ZONE).date() + timedelta(days=1)}

    assert (0, True) == (code, any(f"{day:%Y-%m-%d} 1" in out for day in tomorrows))
    assert "450 g" in out


def test_explain_wants_words() -> None:
    """An empty message is a mistake, with one sentence."""
    for text in ("", "  "):
        code, out = run("explain", text)
        assert (2, True) == (code, "the message is empty" in out)
