"""A look at 10,000 open clocks: when none is due, and when 100 are (half of them at risk, half breached)."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from bench.shop import NOW, a_deps, open_threads
from followup.desk.deadlines import Deadline, Due
from followup.events import thread_id
from followup.model import Instant, Task
from handlers.deps import Deps
from handlers.desk.giving import give
from scheduler.clock import FakeClock
from scheduler.clocks import check_clocks
from store.migrate import upgrade
from store.store import SqlStore
from store.tx import Tx

DUE, ROUNDS = 100, 9
MINUTE = timedelta(minutes=1)
LATER = timedelta(days=30)


def bench(folder: Path, count: int = 10_000) -> dict[str, object]:
    """Milliseconds for one look, the middle of several."""
    url = f"sqlite:///{folder}/clocks.db"
    upgrade(url)
    store, deps = SqlStore(url), a_deps()
    open_threads(store, deps, count)
    _start(store, deps, count)
    idle, busy = asyncio.run(_looks(store, deps))
    store.close()
    return {
        "open": count,
        "none_due_ms": round(median(idle), 2),
        "due": DUE,
        "some_due_ms": round(median(busy), 1),
        "wanted": "≤ 50 ms",
        "raw": f"none due {_shown(idle)} ms; {DUE} due {_shown(busy)} ms",
    }


async def _looks(store: SqlStore, deps: Deps) -> tuple[list[float], list[float]]:
    """Each round looks once in vain, and once when another hundred is due."""
    idle, busy = [], []
    for number in range(ROUNDS):
        now = NOW + number * MINUTE
        idle.append(await _look(store, deps, now - timedelta(seconds=30), 0))
        busy.append(await _look(store, deps, now, DUE))
    return idle, busy


async def _look(store: SqlStore, deps: Deps, now: Instant, expected: int) -> float:
    began = time.perf_counter()
    found = await check_clocks(store, deps, FakeClock(now))
    took = (time.perf_counter() - began) * 1000
    assert found == expected, f"{found} clocks were due, not {expected}"
    return took


def _start(store: SqlStore, deps: Deps, count: int) -> None:
    """Every buyer waits for an answer: those of the first hundreds soon, all others as if for long."""
    for start in range(0, count, 1000):

        def keep(tx: Tx, start: int = start) -> None:
            for n in range(start, min(start + 1000, count)):
                clock = _clock(n)
                tx.save(clock)
                task = Task(f"{clock.thread}/buyer_message", "s", clock.thread, "buyer_message", "在吗", NOW)
                give(task, tx, deps)

        store.run(keep)


def _clock(n: int) -> Deadline:
    """The hundreds are due a minute after each other: of each every other clock is at risk, the others breached."""
    hundred, is_soon = n // DUE, n < DUE * ROUNDS
    next_at = NOW + (hundred * MINUTE if is_soon else LATER)
    risk, due = (next_at, next_at + LATER) if n % 2 else (next_at - MINUTE, next_at)
    thread = thread_id("s", f"o{n}", "unpaid_order")
    return Deadline(f"{thread}/first_reply@{n}", thread, "s", Due.FIRST_REPLY, NOW - LATER, risk, due, next_at)


def _shown(times: list[float]) -> str:
    return " ".join(f"{each:.1f}" for each in times)
