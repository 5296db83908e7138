"""The process that `bench.pending` measures: start on a full database, then fire."""

from __future__ import annotations

import time

BEGAN = time.perf_counter()

import asyncio  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
from datetime import timedelta  # noqa: E402
from pathlib import Path  # noqa: E402

from bench.shop import NOW, NoChannel, a_deps, open_threads  # noqa: E402
from scheduler.clock import FakeClock  # noqa: E402
from scheduler.outbox import Outbox, recover  # noqa: E402
from scheduler.reminders import fire_all_due, next_reminder  # noqa: E402
from store.migrate import upgrade  # noqa: E402
from store.store import SqlStore  # noqa: E402


def resident_mb() -> float:
    """The most memory this process has had, in megabytes; `getrusage` would count its parent's too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(peak.split()[1]) / 1024, 1)


async def main(url: str, fire: int) -> dict[str, float]:
    """Start as the program does, tell when the next reminder is known, then fire `fire` of them."""
    clock = FakeClock(NOW + timedelta(minutes=16))
    upgrade(url)
    store, deps = SqlStore(url), a_deps()
    await recover(store, deps, clock)
    assert await next_reminder(store) is not None
    started = time.perf_counter() - BEGAN
    await asyncio.to_thread(open_threads, store, deps, fire)
    looked = time.perf_counter()
    assert await next_reminder(store) is not None
    found = time.perf_counter() - looked
    began = time.perf_counter()
    await fire_all_due(store, deps, clock)
    await Outbox(NoChannel(clock), store, deps, clock).drain()
    rate = fire / (time.perf_counter() - began)
    store.close()
    return {
        "start_seconds": round(started, 2),
        "resident_mb": resident_mb(),
        "due_found_ms": round(found * 1000, 2),
        "rate": round(rate),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], int(sys.argv[2])))))  # noqa: T201
