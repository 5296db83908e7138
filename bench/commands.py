"""What a person waits for: `huifang --help`, and a month of a real shop in `huifang simulate`."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bot.shop_month import write_export

REAL = Path("../shared/data/tmall_orders_a.csv")
HUIFANG = (str(Path(sys.executable).with_name("huifang")),)


def help_seconds() -> list[float]:
    """Seconds that `huifang --help` takes, seven times."""
    return [_seconds("--help") for _ in range(7)]


def _seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([*HUIFANG, *arguments], check=True, capture_output=True)  # noqa: S603
    return round(time.perf_counter() - began, 3)


def simulate(folder: Path) -> dict[str, object]:
    """Seconds that a month takes: the real one if it is there, else a generated one of the same size."""
    export = REAL
    if not export.exists():
        export = folder / "month.csv"
        write_export(export, orders=14_013, seed=1)
    told = ("--assume", "refund_requested=24h,refund_settled=96h", "--ledger", str(folder / "ledger.jsonl"), "--json")
    done = subprocess.run([*HUIFANG, "simulate", str(export), *told], check=True, capture_output=True)  # noqa: S603
    said = json.loads(done.stdout)
    return {"file": export.name, "orders": said["orders"], "seconds": said["seconds"], "messages": said["messages"]}


def bench(folder: Path) -> dict[str, object]:
    """Both."""
    raw = help_seconds()
    return {
        "help_seconds": statistics.median(raw),
        "simulate": simulate(folder),
        "wanted": "--help ≤ 0.4 s, simulate of 14,013 orders ≤ 8 s",
        "raw": {"help_seconds": raw},
    }
