"""`huifang review`: the brief on a terminal, and what else may be typed there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

CONFIG = '[agents]\nlang = "en"\n[shops.tea]\nplatform = "independent"\nlang = "en"\n[database]\nurl = "sqlite:///{}"\n'
PAID = {"type": "order", "status": "finished", "buyer": "anna", "total": "89", "buyer_name": "Anna"}
PAID |= {"created_at": "2026-03-01T10:00:00+08:00", "paid_at": "2026-03-01T10:05:00+08:00"}
BAD = {"id": "V1", "rating": "bad", "created_at": "2026-03-10T10:00:00+08:00", "text": "Leaks, cheaply made"}


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A shop with an order that got a bad review, one with a good one, and one with none."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(tmp_path / "huifang.db"), "utf-8")
    good = {**BAD, "id": "V2", "rating": "good"}
    lines = [
        {**PAID, "id": "9001", "reviews": [BAD]},
        {**PAID, "id": "9002", "reviews": [good]},
        {**PAID, "id": "9003"},
    ]
    orders = tmp_path / "orders.jsonl"
    orders.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert 0 == CliRunner().invoke(app, ["import", str(orders), "-c", str(path)]).exit_code
    return str(path)


def test_the_brief_is_made_afresh(config: str) -> None:
    """Cause, advice, history and three replies, from what the database holds now, other orders included."""
    result = CliRunner().invoke(app, ["review", "9001", "-c", config])
    assert 0 == result.exit_code
    assert all(word in result.output for word in ("Leaks, cheaply made", "the quality", "paid orders 3", "1. ", "3. "))


@pytest.mark.parametrize(
    ("order", "sentence"),
    [("1", "there is no order '1'"), ("9003", "order 9003 has no review"), ("9002", "needs no answer: it is good")],
)
def test_what_cannot_be_briefed_is_said_in_a_sentence(config: str, order: str, sentence: str) -> None:
    """A wrong number is a user's mistake: exit code 2 and no traceback."""
    result = CliRunner().invoke(app, ["review", order, "-c", config])
    assert 2 == result.exit_code
    assert sentence in result.output
