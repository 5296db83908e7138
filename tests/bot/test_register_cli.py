"""`huifang register export`, `losses`, `handover` and `digest`, typed by the shop's people."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from bot.cli import app

CONFIG = (
    '[agents]\nlang = "{lang}"\n[agents.people.li]\nname = "小李"\n[shops.tea]\nplatform = "independent"\nlang = "en"\n'
)
CONFIG += '[shops.tea.quiet_hours]\nopens = "00:00"\ncloses = "23:59:59"\n'
CONFIG += '[shops.tea.shifts.day]\nopens = "00:00"\ncloses = "00:00"\n'

Typed = Callable[..., Result]


@pytest.fixture(params=["en"])
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Typed:
    """A shop with two cases: wrong goods, and damage on the way; type what comes after `huifang`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG.format(lang=request.param), "utf-8")
    paid = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    order = {"type": "order", "status": "signed", "total": "89", "goods": "teapot", "created_at": paid, "paid_at": paid}
    lines = [order | {"id": str(n), "buyer": f"=b{n}", "buyer_name": "Anna"} for n in (410000000000000001, 9002)]
    (tmp_path / "orders.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")

    def type_(*words: str) -> Result:
        done = CliRunner().invoke(app, list(words))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    for words in (
        ("import", "orders.jsonl"),
        ("case", "open", "410000000000000001", "wrong_goods", "--by", "li"),
        ("case", "cause", "410000000000000001", "warehouse", "--by", "li"),
        ("case", "open", "9002", "damaged_signed", "--by", "li"),
    ):
        assert 0 == type_(*words).exit_code
    return type_


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


class TestRegister:
    def test_it_is_printed_as_csv(self, typed: Typed) -> None:
        """A row for each case, in the names of the agents' language; a buyer's name is no formula."""
        first, second = rows_of(typed("register", "export").stdout)
        assert ("410000000000000001", "'=b410000000000000001", "wrong goods", "warehouse") == (
            first["Order"],
            first["Buyer's account"],
            first["Branch"],
            first["Cause"],
        )
        assert ("9002", "", "0.0") == (second["Order"], second["Cause"], second["Days"])

    def test_it_is_written_for_excel(self, typed: Typed) -> None:
        """Numbers of orders stay whole; the file says how many rows it has, and is not overwritten unasked."""
        assert "a.xlsx: 2" in typed("register", "export", "--out", "a.xlsx").stdout
        sheet = load_workbook("a.xlsx").worksheets[0]
        assert ["410000000000000001", "9002"] == [cell.value for cell in sheet["A"]][1:]
        again = typed("register", "export", "--out", "a.xlsx")
        assert (2, True) == (again.exit_code, "a.xlsx is there already" in again.stderr)
        assert 0 == typed("register", "export", "--out", "a.xlsx", "--force").exit_code

    def test_days_without_any_say_so(self, typed: Typed) -> None:
        """On standard error, so that a table stays a table; a file has its heads."""
        done = typed("register", "export", "--from", "2020-01-01", "--to", "2020-01-31")
        assert (0, "", True) == (done.exit_code, done.stdout, "Nothing to register" in done.stderr)
        typed("register", "export", "--from", "2020-01-01", "--to", "2020-01-31", "--out", "a.csv")
        assert Path("a.csv").read_text("utf-8-sig").startswith("Order,Opened")

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("--from", "soon"), "--from: expected a day such as 2026-10-01, got 'soon'"),
            (("--from", "2026-03-02", "--to", "2026-03-01"), "--to: 2026-03-01 is before 2026-03-02"),
            (("--out", "a.pdf"), "a.pdf: expected a name that ends in .csv or .xlsx"),
            (("--shop", "x"), "--shop: expected one of tea, got x"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, typed: Typed, words: tuple[str, ...], sentence: str) -> None:
        """Exit code 2 and no traceback."""
        done = typed("register", "export", *words)
        assert (2, True) == (done.exit_code, sentence in done.stderr)


class TestLosses:
    def test_a_month_of_losses(self, typed: Typed) -> None:
        """The courier's with the state of the claim, and wrong goods of the shop's own."""
        found = {row["Order"]: (row["Loss"], row["Claim task"]) for row in rows_of(typed("losses").stdout)}
        assert {"410000000000000001": ("wrong goods", ""), "9002": ("damaged on the way", "no task")} == found

    def test_another_month_has_none(self, typed: Typed) -> None:
        """One sentence."""
        assert "No courier losses and no wrong goods" in typed("losses", "--month", "2020-01").stderr

    def test_a_month_has_to_be_one(self, typed: Typed) -> None:
        """Exit code 2."""
        done = typed("losses", "--month", "2026-13")
        assert (2, True) == (done.exit_code, "expected a month such as 2026-10" in done.stderr)


class TestDocuments:
    def test_the_handover_as_it_would_be_now(self, typed: Typed) -> None:
        """Printed, neither posted nor kept."""
        typed("say", "9002", "I will tell you tomorrow at 3 pm", "--by", "li")
        done = typed("handover")
        assert ("# Handover: tea" in done.stdout, "**9002**" in done.stdout, "小李" in done.stdout) == (
            True,
            True,
            True,
        )
        assert (False, True) == (
            Path("var/reports").exists(),
            "nothing was handed over yet" in typed("handover", "--last").stdout,
        )

    def test_the_digest_of_a_week(self, typed: Typed) -> None:
        """Causes with their orders; another week has none."""
        assert "## warehouse, After-sales: 1 (before 0, +1)" in typed("digest").stdout
        empty = typed("digest", "--from", "2020-01-01", "--to", "2020-01-07").stdout
        assert "Nothing new in this time" in empty

    @pytest.mark.parametrize("typed", ["zh-CN"], indirect=True)
    def test_chinese_agents_read_chinese(self, typed: Typed) -> None:
        """The language is that of `[agents] lang`."""
        heads = typed("register", "export").stdout.splitlines()[0]
        assert ("订单编号" in heads, "# 交接：tea" in typed("handover").stdout) == (True, True)
