"""Importing 100,000 rows of an export with their decisions."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bench import floor
from bench.shop import a_deps
from bot.importing import import_file
from bot.orders.sources import open_source
from bot.shop_month import START, write_export
from scheduler.clock import FakeClock
from store.migrate import upgrade
from store.store import SqlStore


def bench(folder: Path, count: int = 100_000) -> dict[str, object]:
    """The floor and ours, in rows a second."""
    export = folder / "orders.csv"
    write_export(export, orders=count, seed=1)
    rows, floor_seconds = floor.import_rows(folder, export)
    url = f"sqlite:///{folder}/import.db"
    upgrade(url)
    store, deps = SqlStore(url), a_deps()
    began = time.perf_counter()
    imported = asyncio.run(import_file(export, open_source(export, "s"), store, deps, FakeClock(START)))
    seconds = time.perf_counter() - began
    store.close()
    assert imported.total == rows
    assert not imported.rejected
    floor_rate, rate = rows / floor_seconds, rows / seconds
    return {
        "floor": round(floor_rate),
        "ours": round(rate),
        "ratio": round(rate / floor_rate, 3),
        "wanted": "≥ 0.3 of the floor",
        "raw": f"{rows} rows: floor {floor_seconds:.2f} s, ours {seconds:.2f} s",
    }
