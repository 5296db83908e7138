"""`huifang simulate` as it is typed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.orders.jsonl import dump
from bot.shop_month import timeline, write_export
from bot.simulate_cli import simulate_command
from bot.simulate_run import report_for

HEADER = "订单编号,总金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额"
GOOD = "1,37.00,浙江省,2020-02-01 10:00:00,,0"
BOTH = "refund_requested=24h,refund_settled=96h"
app = typer.Typer(pretty_exceptions_enable=False)
app.command()(simulate_command)


@pytest.fixture(autouse=True)
def _no_config_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("month") / "month.csv"
    write_export(path, 200, 7)
    return path


def _run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def _json(*args: object) -> dict[str, Any]:
    result = _run(*args, "--json")
    assert 0 == result.exit_code, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def _file(path: Path, *rows: str) -> Path:
    path.write_text("\n".join((HEADER, *rows)), "utf-8")
    return path


def test_json_is_the_only_output(export: Path, tmp_path: Path) -> None:
    """One object with the promised keys, whose verdicts are the ledger's."""
    told = _json(export, "--assume", BOTH, "--ledger", tmp_path / "l.jsonl")
    ledger = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text("utf-8").splitlines()]
    assert {"orders", "rejected", "threads", "verdicts", "assumed", "seconds"} <= set(told)
    assert (200, 0) == (told["orders"], told["rejected"])
    assert {"refund_requested": "24h", "refund_settled": "96h"} == told["assumed"]
    assert Counter(line["verdict"] for line in ledger) == Counter(told["verdicts"])
    assert {"opened", "settled", "given_up"} == set(told["threads"]["unpaid_order"])
    assert 200 == told["threads"]["unpaid_order"]["opened"]


def test_refunds_of_unknown_hours_are_told(export: Path) -> None:
    """Without an assumption they are counted, not followed."""
    told = _json(export)
    assert ({}, 0) == (told["assumed"], told["threads"]["pending_refund"]["opened"])
    assert _json(export, "--assume", BOTH)["assumed_refunds"] == told["unknown_refund_times"] > 0


def test_events_with_hours_of_their_own(tmp_path: Path) -> None:
    """JSON lines are replayed as they were seen."""
    path = tmp_path / "month.jsonl"
    path.write_text("\n".join(dump(event) for event in timeline(100, 7, shop="shop")), "utf-8")
    told = _json(path)
    assert (100, 0, 0) == (told["orders"], told["rejected"], told["unknown_refund_times"])
    assert told["threads"]["pending_refund"]["opened"] > 0


def test_from_and_to(tmp_path: Path) -> None:
    """Orders before --from are left out; at --to the clock stops, here before the first help is due."""
    path = _file(tmp_path / "o.csv", GOOD, "2,5.00,x,2020-02-03 10:00:00,,0")
    told = _json(path, "--from", "2020-02-02", "--to", "2020-02-03T10:15")
    assert (1, {}, 0) == (told["orders"], told["verdicts"], told["messages"])
    assert ("2020-02-01T16:00:00+00:00", "2020-02-03T02:15:00+00:00") == (told["from"], told["to"])


def test_bad_rows_are_reported_and_nothing_is_written(tmp_path: Path) -> None:
    """They are counted and named by file, line and column; no file appears beside the export."""
    path = _file(tmp_path / "o.csv", GOOD, "2,abc,x,2020-02-03 10:00:00,,0")
    assert 1 == _json(path)["rejected"]
    assert "o.csv:3 总金额" in _run(path).stdout
    assert ["o.csv"] == [file.name for file in tmp_path.iterdir()]


@pytest.mark.parametrize(("lang", "word"), [("zh-CN", "几段对话"), ("en", "Some conversations")])
def test_the_report_speaks_the_agents_language(export: Path, tmp_path: Path, lang: str, word: str) -> None:
    """One file, and the summary says where it lies."""
    report = tmp_path / "r.html"
    result = _run(export, "--report", report, "--lang", lang)
    assert (0, True) == (result.exit_code, str(report) in result.stdout)
    assert word in report.read_text("utf-8")


def test_the_figures_of_a_shop(tmp_path: Path) -> None:
    """A configuration with other quiet hours gives another past."""
    config = tmp_path / "c.toml"
    config.write_text('[shops.tea]\n[shops.tea.quiet_hours]\nopens = "11:00"\ncloses = "12:00"\n', "utf-8")
    told = _json(_file(tmp_path / "o.csv", GOOD), "-c", config, "--to", "2020-02-01T10:30")
    assert {"quiet_hours": 1} == told["verdicts"]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["missing.csv"], "missing.csv: No such file or directory"),
        (["nonsense.csv"], "neither an order list nor a refund export"),
        (["o.csv", "--assume", "refund=1h"], "--assume: 'refund' is unknown"),
        (["o.csv", "--from", "yesterday"], "--from: 'yesterday' is no day or time"),
        (["o.csv", "--from", "2020-02-02", "--to", "2020-02-01"], "--to must be later than --from"),
        (["o.csv", "--shop", "nobody"], "--shop: expected one of shop, got nobody"),
        (["o.csv", "--lang", "fr"], "--lang: expected one of zh-CN, en, got fr"),
        (["o.csv", "--report", "o.csv"], "o.csv: would overwrite"),
        (["o.csv", "--ledger", "nowhere/l.jsonl"], "nowhere/l.jsonl: cannot be written"),
        (["o.csv", "-c", "none.toml"], "none.toml: there is no such file"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, args: list[str], sentence: str) -> None:
    """Exit code 2, nothing on standard output, no traceback."""
    _file(tmp_path / "o.csv", GOOD)
    (tmp_path / "nonsense.csv").write_text("hello", "utf-8")
    result = _run(*args)
    assert (2, "", 1) == (result.exit_code, result.stdout, len(result.stderr.splitlines()))
    assert sentence in result.stderr


def test_a_report_for_the_demo(export: Path, tmp_path: Path) -> None:
    """One call from export to report, in the buyers' language."""
    summary = report_for(export, tmp_path / "r.html", {"refund_requested": "24h"}, "es")
    assert (200, True) == (summary.orders, "Hola" in (tmp_path / "r.html").read_text("utf-8"))
