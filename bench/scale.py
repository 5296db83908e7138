"""One, two and four workers on a real PostgreSQL with fsync, beside its floor and beside Procrastinate alone.

`python -m bench scale` prints the figures; `python -m bench.scale` writes them into docs/scale.md as well.
With N=5000 in the environment it is quicker.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import floor_pg, scale_page
from bench.__main__ import machine
from bench.peers.contract import PEERS, Entry
from bench.peers.measured import Figures
from bench.peers.runner import Place, Run
from bench.pending import FUTURE
from bench.postgres import Server

COUNT = int(os.environ.get("N") or 20_000)
FEW = 2_000
"""So many for Procrastinate alone, which takes as long for a tenth."""
WORKERS = (1, 2, 4)
PENDING = (1_000, 1_000_000)
DOCS = Path(__file__).parents[1] / "docs" / "scale.md"
FILL = (
    "INSERT INTO reminders (id, thread, shop, buyer, step, due_at, expires_at, state, priority, error)"
    " SELECT 's/p' || i || '/unpaid_order/unpaid.help', 's/p' || i || '/unpaid_order', 's', 'p' || i, 'unpaid.help',"
    " %s + i, NULL, 'pending', 30, '' FROM generate_series(1, %s) AS i"
)
_ALONE = replace(PEERS["procrastinate"], ours=True)  # the same file, in our own environment


class Weighed(Run):
    """A run that notes what the server wrote for scheduling, and for telling; with some reminders of next year."""

    def __init__(self, server: Server, name: str, wanted: int, entry: Entry, pending: int = 0) -> None:
        folder = Path(tempfile.mkdtemp(dir=server.folder))
        place = Place(server.new(), folder / "told.txt")
        super().__init__(name, wanted, place, limit=120.0, per_second=entry.schedules, entry=entry)
        self._server, self._pending = server, pending
        self.wal: list[int] = []
        self.bytes_kept = self.connections = 0

    def prepare(self) -> None:
        """Its tables, filled."""
        super().prepare()
        if self._pending:
            with self._server.connect(self.place.where) as connection:
                connection.execute(FILL, (FUTURE, self._pending))
                connection.execute("ANALYZE")
        self._before = self._server.size(self.place.where)
        self.wal.append(self._server.wal())

    def _start(self, *what: object) -> None:
        self.wal.append(self._server.wal())
        super()._start(*what)

    def _note(self) -> None:
        super()._note()
        self.connections = self._server.connections(self.place.where)

    def weigh(self) -> None:
        """What it came to in the end."""
        self.wal.append(self._server.wal())
        self.bytes_kept = self._server.size(self.place.where) - self._before


def bench(folder: Path, count: int = COUNT) -> dict[str, object]:
    """Reminders fired and sent a second, what each worker used of a core, lateness, bytes, and memory."""
    with Server(folder) as server:
        url = server.new()
        floors = {"schedule": count / floor_pg.schedule(url, count), "fire": count / floor_pg.fire(url)}
        alone = Run("procrastinate", FEW, _place(server), 60.0, 1000.0, _ALONE).all_at_once()
        runs = {str(workers): _with_workers(server, workers, count) for workers in WORKERS}
        memory = {str(pending): _with_pending(server, pending) for pending in PENDING}
        facts = server.facts()
    one, two = runs["1"]["rate"], runs["2"]["rate"]
    return {
        "postgres": facts,
        "reminders": count,
        "floor": {name: round(rate) for name, rate in floors.items()},
        "procrastinate_alone": {"reminders": FEW, "rate": round(alone.fire_rate or 0, 1), "late_p99": alone.late_p99},
        "workers": runs,
        "memory_mb": memory,
        "ratio_to_floor": {name: round(run["rate"] / floors["fire"], 3) for name, run in runs.items()},
        "two_beside_one": round(two / one, 2),
        "wanted": "≥ 0.3 of the floor, ≥ 15 × Procrastinate alone, two ≥ 1.6 × one, memory + 10 % at most",
        "load_after": os.getloadavg(),
    }


def _place(server: Server) -> Place:
    return Place(server.new(), Path(tempfile.mkdtemp(dir=server.folder)) / "told.txt")


def _with_workers(server: Server, workers: int, count: int) -> dict[str, Any]:
    run = Weighed(server, "ours-pg-1", count, replace(PEERS["ours-pg-1"], workers=workers))
    figures = run.all_at_once()
    run.weigh()
    before, scheduled, told = run.wal
    return {
        **_rates(figures),
        "wal_bytes_to_schedule": round((scheduled - before) / figures.scheduled),
        "wal_bytes_to_tell": round((told - scheduled) / max(1, figures.told)),
        "connections": run.connections,
        "bytes_kept": round(run.bytes_kept / figures.scheduled),
    }


def _rates(figures: Figures) -> dict[str, Any]:
    rate = figures.fire_rate or 0.0
    seconds = figures.told / rate if rate else 0.0
    return {
        "rate": round(rate),
        "told": figures.told,
        "schedule_rate": round(figures.schedule_rate or 0),
        "late_p50": round(figures.late_p50 or 0, 2),
        "late_p99": round(figures.late_p99 or 0, 2),
        "start_up": round(figures.start_up or 0, 2),
        "cpu_seconds": [round(used, 1) for used in figures.cpu],
        "cores": [round(used / seconds, 2) if seconds else 0.0 for used in figures.cpu],
        "memory_mb": round(figures.memory or 0),
    }


def _with_pending(server: Server, pending: int) -> dict[str, float]:
    """One worker's weight, start and rate with so many reminders that are not due for a year."""
    figures = Weighed(server, "ours-pg-1", FEW, PEERS["ours-pg-1"], pending).all_at_once()
    start, rate = figures.start_up or 0, figures.fire_rate or 0
    return {"resident": round(figures.memory or 0, 1), "start_up": round(start, 2), "rate": round(rate)}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="huifang-scale-", dir=os.environ.get("BENCH_DIR")) as place:
        told = {"machine": machine(), "scale": bench(Path(place))}
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201
    scale_page.write(DOCS, told)
