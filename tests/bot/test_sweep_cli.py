"""`huifang sweep` on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app

CONFIG = """
[shops.teahouse]
platform = "independent"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop with two late orders of three."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    now = datetime.now(UTC)
    lines = []
    for number, days in enumerate((1, 3, 4), 1):
        paid = (now - timedelta(days=days)).isoformat()
        line = {"type": "order", "id": str(number), "buyer": f"b{number}", "status": "paid", "total": "37.00"}
        lines.append(json.dumps(line | {"created_at": paid, "paid_at": paid, "tells_shipping": True}))
    (tmp_path / "orders.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert 0 == _run("import", "orders.jsonl").exit_code
    return tmp_path


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_sweep_tells_its_figures(folder: Path) -> None:
    """As one object; every late order stands in a column, and the sum is right."""
    told = json.loads(_run("sweep", "--json").stdout)
    assert (2, 2, 0, 2, True) == tuple(told[name] for name in ("found", "late", "stuck", "followed", "adds_up"))


def test_the_last_report_can_be_read_again(folder: Path) -> None:
    """The same words as when it was made, under its time; before the first sweep there is none."""
    assert "huifang sweep" in _run("sweep", "--last").stdout
    fresh = _run("sweep").stdout.strip()
    assert fresh in _run("sweep", "--last").stdout
    assert "2" in fresh


def test_the_report_is_a_task(folder: Path) -> None:
    """The agents find it among the rest."""
    _run("sweep")
    assert "清查结果" in _run("tasks").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--shop", "tea"), "--shop: expected one of teahouse, got tea"),
        (("--last", "--json"), "--json belongs to a new sweep"),
    ],
)
def test_a_mistake_is_one_sentence(folder: Path, words: tuple[str, ...], sentence: str) -> None:
    """Exit code 2 and no traceback."""
    result = _run("sweep", *words)
    assert 2 == result.exit_code
    assert sentence in result.stderr
