"""`huifang vip`: the list of buyers who agreed to a word once a month (rule 106)."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import app
from bot.shop_month import write_export

CONFIG = '[shops.teahouse]\nplatform = "taobao"\n[agents]\nlang = "en"\n'
BUYER = "慢慢的鲸鱼1"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop with a month of orders."""
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text(CONFIG, encoding="utf-8")
    write_export(Path("ExportOrderList.csv"), orders=60, seed=3)
    assert 0 == huifang("import", "ExportOrderList.csv").exit_code
    return tmp_path


def huifang(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_buyer_is_added_listed_and_removed(folder: Path) -> None:
    """With his name, since when, and the next visit in a month; afterwards nobody is left."""
    assert "Nobody is visited" in huifang("vip", "list").stdout
    assert "agreed to a word once a month" in huifang("vip", "add", BUYER, "--by", "mei").stdout
    assert "on the list already" in huifang("vip", "add", BUYER, "--by", "mei").stdout
    shown = huifang("vip", "list").stdout
    assert all(word in shown for word in (BUYER, "陈鲸", "teahouse"))
    assert "visited no more" in huifang("vip", "remove", BUYER, "--by", "mei").stdout
    assert "Nobody is visited" in huifang("vip", "list").stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "nobody"), "there is no buyer 'nobody'"),
        (("remove", BUYER), "is not visited"),
        (("add", BUYER, "--shop", "other"), "--shop: expected one of teahouse, got other"),
    ],
)
def test_a_mistake_is_one_sentence(folder: Path, words: tuple[str, ...], why: str) -> None:
    """And exit code 2, without a traceback."""
    result = huifang("vip", *words, "--by", "mei")
    assert (2, True) == (result.exit_code, why in result.stderr)
    assert "Traceback" not in result.output


def test_what_happened_is_told(folder: Path) -> None:
    """`huifang why` names the visits in plain words: no raw code is shown to people."""
    huifang("vip", "add", BUYER, "--by", "mei")
    told = huifang("why", f"teahouse/@{BUYER}/vip_visit").stdout
    assert all(word in told for word in ("Monthly visit", "monthly visits agreed", "Is a visit due?"))
