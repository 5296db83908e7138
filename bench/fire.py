"""Due reminders: claim → policy → render → outbox → sending → channel → recorded."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from bench import floor
from bench.shop import NOW, NoChannel, a_deps, open_threads
from scheduler.clock import FakeClock
from scheduler.outbox import Outbox
from scheduler.reminders import fire_all_due
from store.migrate import upgrade
from store.store import SqlStore


def ours(folder: Path, count: int) -> tuple[float, float]:
    """Seconds to fire and seconds to send `count` reminders."""
    url = f"sqlite:///{folder}/fire.db"
    upgrade(url)
    store, deps = SqlStore(url), a_deps()
    open_threads(store, deps, count)
    seconds = asyncio.run(_run(store, deps))
    store.close()
    return seconds


async def _run(store: SqlStore, deps: object) -> tuple[float, float]:
    clock = FakeClock(NOW + timedelta(minutes=16))
    began = time.perf_counter()
    await fire_all_due(store, deps, clock)  # type: ignore[arg-type]
    fired = time.perf_counter()
    await Outbox(NoChannel(clock), store, deps, clock).drain()  # type: ignore[arg-type]
    return fired - began, time.perf_counter() - fired


def bench(folder: Path, count: int = 20_000) -> dict[str, object]:
    """The floor and ours, in reminders a second."""
    floor_rate = count / floor.fire(folder, count)
    fire, send = ours(folder, count)
    rate = count / (fire + send)
    return {
        "floor": round(floor_rate),
        "ours": round(rate),
        "ratio": round(rate / floor_rate, 3),
        "wanted": "≥ 0.35 of the floor",
        "raw": f"{count} reminders: fired {fire:.2f} s, sent {send:.2f} s",
    }
