"""kill -9 at random moments: nothing lost, nothing doubled, what is uncertain is shown."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

from scheduler.outbox import WINDOW
from tests.crash.shop import open_shop

REMINDERS = 5000
KILLS = 24
ROOT = Path(__file__).parents[2]


def run_until(child: subprocess.Popen[bytes], lines: int) -> None:
    """Let the child work until it has told so many lines or is done, then kill it."""
    assert child.stdout is not None
    for _ in range(lines):
        if child.stdout.readline() == b"done\n":
            break
    child.kill()
    child.wait()


def run_for(child: subprocess.Popen[bytes], seconds: float) -> None:
    """Let the child work for a moment after it started, whatever it is at then, and kill it."""
    assert child.stdout is not None
    assert child.stdout.readline() == b"started\n"
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def in_state(database: Path, state: str) -> set[str]:
    """The ids of the messages in a state."""
    with sqlite3.connect(database) as connection:
        return {id_ for (id_,) in connection.execute("SELECT id FROM outbox WHERE state = ?", (state,))}


def test_nothing_is_lost_or_doubled_over_kills(tmp_path: Path) -> None:
    """Of 5,000 reminders each is sent exactly once, or listed as unsure: at most a window for each kill."""
    database, sent = tmp_path / "shop.db", tmp_path / "sent.txt"
    open_shop(f"sqlite:///{database}", REMINDERS)
    chance = random.Random(20260302)
    kills, most_in_flight = 0, 0
    while True:
        command = [sys.executable, "-m", "tests.crash.child", f"sqlite:///{database}", str(sent)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
            if kills >= KILLS:
                run_until(child, 2 * REMINDERS)
                break
            if kills % 2:
                run_until(child, chance.randint(1, 2 * REMINDERS // KILLS))
            else:
                run_for(child, chance.uniform(0.0, 0.25))
        kills += 1
        most_in_flight = max(most_in_flight, len(in_state(database, "sending")))
    told = Counter(sent.read_text().splitlines())
    unsure, certain = in_state(database, "unsure"), in_state(database, "sent")
    print(f"\nkills {kills}, sent {len(certain)}, unsure {len(unsure)}, most in flight {most_in_flight}")  # noqa: T201
    assert kills >= 20
    assert set() == {id_ for id_, times in told.items() if times > 1}
    assert {f"s/o{n}/unpaid_order/unpaid.help" for n in range(REMINDERS)} == certain | unsure
    assert certain <= set(told)
    assert set(told) <= certain | unsure
    assert most_in_flight <= WINDOW
    assert len(unsure) <= WINDOW * kills
