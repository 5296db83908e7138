"""Compensations as a shop's people type them, on a real database."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.config import load
from followup.after_sales.branch import course
from followup.after_sales.model import Branch, Stage
from followup.events import OrderChanged
from followup.model import Status
from handlers.begin_after_sales import open_case
from handlers.order_changed import order_changed, wanted
from scheduler.clock import FakeClock
from store.store import SqlStore
from tests.bot.tea import ALWAYS_OPEN, an_order, some_deps

SUPERVISED = ALWAYS_OPEN.replace('lang = "en"\n', 'lang = "en"\nsupervisors = ["Chen", "Wu"]\n', 1)
NOW = datetime.now(UTC).replace(microsecond=0)
Typed = tuple[int, str, str]
Huifang = Callable[..., Typed]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated_file: Path) -> Iterator[Huifang]:
    """A shop with supervisors and two signed orders; the first has a case whose buyer has shown what is wrong."""
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text(SUPERVISED, encoding="utf-8")
    Path("var").mkdir()
    shutil.copy(migrated_file, "var/huifang.db")
    _open_case()
    return _typed


def _typed(*words: str) -> Typed:
    done = CliRunner().invoke(app, [*words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def _open_case() -> None:
    told = NOW - timedelta(hours=1)
    events = [OrderChanged(replace(an_order(n, told), status=Status.SIGNED, paid_at=told)) for n in (1, 2)]
    store = SqlStore("sqlite:///var/huifang.db")
    deps = some_deps(load(Path("config.toml")), store, FakeClock(NOW))

    def begin(tx: Any) -> None:
        for event in events:
            order_changed(event, tx, deps, NOW)
        facts = tx.facts("tea", "o1")
        thread = open_case(facts, course(Branch.QUALITY), told, tx, deps, NOW)
        tx.save(replace(tx.sale(thread.id), stage=Stage.SOOTHE))

    store.run(begin, wanted(events[0]))
    store.close()


def test_within_the_limit_it_is_granted(shop: Huifang) -> None:
    """Granted at once, and the buyer is told by the words that the agents paste."""
    code, out, err = shop("offer", "o1", "coupon", "--loss", "goodwill", "--amount", "5", "--by", "Mei")
    assert (0, "") == (code, err)
    assert "Granted: order o1, a coupon, ¥5.00 (goodwill)." in out
    assert 0 == shop("catchup")[0]
    assert "coupon" in shop("tasks")[1]


def test_above_it_a_supervisor_decides(shop: Huifang) -> None:
    """Asked, shown among the tasks by name, approved by another; `why` tells it all without codes."""
    offered = shop("offer", "o1", "red_packet", "--loss", "leak", "--amount", "10", "--by", "Chen", "--note", "lid")
    assert "Waits for a supervisor: order o1, a red packet, ¥10.00 (it leaked)." in offered[1]
    assert "compensation to approve" in shop("tasks")[1]
    assert (2, True) == _said(shop("approve", "o1", "--by", "Mei"), "Mei is no supervisor")
    assert (2, True) == _said(shop("approve", "o1", "--by", "Chen"), "another supervisor")
    assert (0, True) == _said(shop("approve", "o1", "--by", "Wu"), "Granted: order o1")
    told = shop("why", "tea/o1/after_sales")[1]
    assert "asked for a compensation: a red packet it leaked 10.00 CNY lid" in told
    assert ("approved the compensation:" in told, "offer_" in told) == (True, False)
    assert "compensation to approve" not in shop("tasks")[1]


def test_refused(shop: Huifang) -> None:
    """The agent finds a task with the reason; nothing waits for an answer any more."""
    shop("offer", "o1", "gift", "--loss", "leak", "--amount", "10", "--by", "Chen")
    assert (0, True) == _said(shop("refuse", "o1", "--by", "Wu", "--note", "send a seal"), "Not approved: order o1")
    assert "send a seal" in shop("tasks")[1]
    assert (2, True) == _said(shop("refuse", "o1", "--by", "Wu"), "nothing of its case waits")
    assert (2, True) == _said(shop("refuse", "tea/o1/after_sales/grant/1", "--by", "Wu"), "refused already")


def test_what_the_buyer_said_is_passed_on(shop: Huifang) -> None:
    """No: the next rung; yes: something to carry out."""
    shop("offer", "o1", "coupon", "--loss", "goodwill", "--amount", "5", "--by", "Mei")
    assert (0, True) == _said(shop("answered", "o1", "no", "--by", "Mei"), "would rather not")
    assert "a red packet" in shop("tasks")[1]
    shop("offer", "o1", "red_packet", "--loss", "goodwill", "--amount", "5", "--by", "Mei")
    assert (0, True) == _said(shop("answered", "o1", "yes", "--by", "Mei"), "Please carry it out")
    assert "compensation to carry out" in shop("tasks")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("o1", "cash", "--loss", "leak", "--amount", "1"), "remedy: expected one of coupon"),
        (("o1", "refund", "--loss", "leak", "--amount", "1"), "refund is no compensation"),
        (("o1", "coupon", "--loss", "mood", "--amount", "1"), "--loss: expected one of usable_damage"),
        (("o1", "coupon", "--loss", "leak", "--amount", "two"), "--amount: expected a number"),
        (("o1", "coupon", "--loss", "leak", "--amount", "1e40"), "--amount: expected a number"),
        (("o1", "coupon", "--loss", "leak", "--amount", "0"), "an amount is more than nothing"),
        (("o1", "coupon", "--loss", "leak", "--amount", "3"), "the cap for leak is 2.00 CNY"),
        (("o1", "coupon", "--loss", "leak", "--amount", "1", "--note", "for 5 stars"), "rules 77 and 95"),
        (("o2", "coupon", "--loss", "leak", "--amount", "1"), "has no after-sales case"),
        (("o9", "coupon", "--loss", "leak", "--amount", "1"), "has no after-sales case"),
    ],
)
def test_mistakes(shop: Huifang, words: tuple[str, ...], sentence: str) -> None:
    """One sentence and exit code 2; nothing is kept."""
    code, out, err = shop("offer", *words, "--by", "Mei")
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert sentence in err
    assert (2, True) == _said(shop("approve", "o1", "--by", "Wu"), "nothing of its case waits")


def test_an_answer_is_yes_or_no(shop: Huifang) -> None:
    """And needs an offer that is open, or an id that exists."""
    assert (2, True) == _said(shop("answered", "o1", "maybe", "--by", "Mei"), "expected yes or no")
    assert (2, True) == _said(shop("answered", "o1", "yes", "--by", "Mei"), "nothing of its case waits")
    unknown = shop("approve", "tea/o1/after_sales/grant/9", "--by", "Wu")
    assert (2, True) == _said(unknown, "there is no offer")


def _said(typed: Typed, sentence: str) -> tuple[int, bool]:
    code, out, err = typed
    return code, sentence in out + err
