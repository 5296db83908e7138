"""A million pending reminders: how long a start takes, what it weighs, and whether firing still is as fast."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from bench.shop import NOW
from store.codec import to_micros
from store.migrate import upgrade
from store.store import SqlStore

FUTURE = to_micros(NOW) + 365 * 86_400_000_000
FILL = text(
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :count - 1)"
    " INSERT INTO reminders (id, thread, shop, buyer, step, due_at, expires_at, state, priority, error)"
    " SELECT 's/p' || i || '/unpaid_order/unpaid.help', 's/p' || i || '/unpaid_order', 's', 'p' || i, 'unpaid.help',"
    " :due + i, NULL, 'pending', 30, '' FROM n"
)


def prepare(folder: Path, pending: int) -> str:
    """A database with so many reminders of next year, and its address."""
    url = f"sqlite:///{folder}/pending-{pending}.db"
    upgrade(url)
    store = SqlStore(url)
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(FILL, {"count": pending, "due": FUTURE})
    store.close()
    return url


def measure(url: str, fire: int) -> dict[str, float]:
    """What a process of its own says of a start on that database and of firing `fire` due ones."""
    command = [sys.executable, "-m", "bench.pending_child", url, str(fire)]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    told: dict[str, float] = json.loads(done.stdout)
    told["process_seconds"] = round(time.perf_counter() - began, 2)
    return told


def bench(folder: Path, fire: int = 5000) -> dict[str, object]:
    """Start, weight, look-up and firing rate with a million pending, beside ten thousand."""
    few = measure(prepare(folder, 10_000), fire)
    many = measure(prepare(folder, 1_000_000), fire)
    return {
        "start_seconds": many["start_seconds"],
        "resident_mb": many["resident_mb"],
        "due_found_ms": many["due_found_ms"],
        "ratio": round(many["rate"] / few["rate"], 3),
        "wanted": "start ≤ 2 s, < 200 MB, found ≤ 50 ms, rate ≥ 0.8 of that with 10,000",
        "raw": {"10_000": few, "1_000_000": many},
    }
