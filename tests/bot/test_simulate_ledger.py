"""One line of JSON for every decision."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from bot.report.ledger import entries, write_ledger
from bot.simulate import simulate
from bot.simulate_facts import UNDATED
from followup.events import OrderChanged
from tests.bot.simulate_deps import deps
from tests.followup.makers import NOON, an_order, hours

NIGHT = OrderChanged(replace(an_order(NOON + hours(11)), observed_at=UNDATED))


def test_a_line_that_was_held_back() -> None:
    """It says when it was decided, for whom, why it was held, and from when it may go, in the buyer's zone."""
    line = next(entries(simulate([NIGHT], deps())))
    expected = {
        "at": "2026-03-05T23:15:00+08:00",
        "shop": "shop",
        "order_id": "1001",
        "buyer": "lin",
        "kind": "unpaid_order",
        "step": "unpaid.help",
        "role": "nudge",
        "channel": "manual",
        "lang": "zh-CN",
        "verdict": "quiet_hours",
        "reason": "quiet_hours: 09:00–20:30 Asia/Shanghai, allowed from 2026-03-06T09:00:00+08:00",
        "retry_at": "2026-03-06T09:00:00+08:00",
        "text": "",
        "thread": "shop/1001/unpaid_order",
        "key": "shop/1001/unpaid_order/unpaid.help",
    }
    assert expected == line


def test_a_line_that_was_said() -> None:
    """It carries the words and the figures that let it pass."""
    _, line, *_ = entries(simulate([NIGHT], deps()))
    expected = "sent: of use until 2026-03-08T23:00:00+08:00, 09:00–20:30 Asia/Shanghai, no earlier nudge"
    assert (expected, "sent", None) == (line["reason"], line["verdict"], line["retry_at"])
    assert "Lin" in line["text"]


def test_the_file_has_one_object_a_line(tmp_path: Path) -> None:
    """It can be read back line by line."""
    simulation = simulate([NIGHT], deps())
    count = write_ledger(tmp_path / "l.jsonl", simulation)
    lines = (tmp_path / "l.jsonl").read_text("utf-8").splitlines()
    assert list(entries(simulation)) == [json.loads(line) for line in lines]
    assert len(lines) == count
