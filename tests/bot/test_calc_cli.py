"""`huifang calc refund` as an agent types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def typed(*words: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    done = CliRunner().invoke(app, ["calc", "refund", *words])
    return done.exit_code, done.stdout, done.stderr


def test_paid_100_refund_10() -> None:
    """One sentence: what to enter, and that the seller keeps 90 (rule 63)."""
    code, out, _ = typed("--paid", "100", "--refund", "10")
    assert (0, True) == (code, all(sum_ in out for sum_ in ("10.00", "100.00", "90.00")))


def test_a_mixed_order() -> None:
    """Each item with its share of coupons and freight; the faulty one goes back (rule 80)."""
    items = ("--item", "围巾=60", "--item", "帽子=20x2!faulty")
    code, out, _ = typed("--paid", "90", "--freight", "10", *items)
    assert (0, True) == (code, all(sum_ in out for sum_ in ("围巾", "帽子", "32.00", "4.00", "36.00", "54.00")))


def test_json() -> None:
    """Amounts are text, so that no cent is lost on the way."""
    items = ("--item", "a=60", "--item", "b=40!坏")
    code, out, _ = typed("--paid", "90", "--freight", "10", *items, "--json")
    told = json.loads(out)
    assert (0, "90.00", "36.00", "54.00") == (code, told["paid"], told["refund"], told["kept"])
    assert ["0.00", "36.00"] == [item["refund"] for item in told["items"]]
    assert json.loads(typed("--paid", "100", "--refund", "10", "--json")[1]) == {
        "paid": "100.00",
        "refund": "10.00",
        "kept": "90.00",
        "items": [],
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--paid", "100"), "give either --refund, or the items"),
        (("--paid", "100", "--refund", "1", "--item", "a=1"), "give either"),
        (("--paid", "100", "--refund", "101"), "more than was paid"),
        (("--paid", "hundred", "--refund", "1"), "--paid: expected a number"),
        (("--paid", "100", "--refund", "1.001"), "two decimals"),
        (("--paid", "100", "--item", "a=100"), "no item is marked as faulty"),
        (("--paid", "100", "--item", "scarf"), "--item: expected NAME=PRICE"),
        (("--paid", "100", "--item", "a=1x0!faulty"), "at least one"),
        (("--paid", "100", "--item", "a=1!faulty"), "an item or the freight is missing"),
        (("--paid", "NaN", "--refund", "1"), "paid"),
        (("--paid", "-5", "--refund", "1"), "paid: an amount is not negative"),
        (("--paid", "1e30", "--refund", "1"), "paid: expected a number such as 5 or 2.50"),
        (("--paid", "100", "--refund", "1e500"), "refund: expected a number such as 5 or 2.50"),
    ],
)
def test_mistakes(words: tuple[str, ...], sentence: str) -> None:
    """One sentence and exit code 2."""
    code, out, err = typed(*words)
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert sentence in err
