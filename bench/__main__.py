"""Runs every bench, or those named, and prints the machine, the raw figures and the ratios."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sqlite3
import sys
import tempfile
from pathlib import Path

BENCHES = (
    "fire",
    "inbound",
    "clocks",
    "imports",
    "pending",
    "commands",
    "report",
    "intents",
    "telegram",
    "wechaty",
    "wecom",
    "webchat",
    "console",
    "scale",
)


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    cpu = Path("/proc/cpuinfo")
    model = [line.split(":", 1)[1].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": model[0] if model else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.platform(),
        "load": os.getloadavg(),
    }


def main(names: list[str]) -> None:
    """Print one JSON object a line: the machine, then each bench; `seeds` is run alone, and has options of its own."""
    if names[:1] == ["seeds"]:
        from bench.seeds import main as live_through

        print(json.dumps({"machine": machine()}), flush=True)  # noqa: T201
        sys.exit(live_through(names[1:]))
    unknown = set(names) - set(BENCHES)
    if unknown:
        sys.exit(f"bench: expected some of {', '.join(BENCHES)}, got {', '.join(sorted(unknown))}")
    print(json.dumps({"machine": machine()}))  # noqa: T201
    for name in names or BENCHES:
        with tempfile.TemporaryDirectory(prefix="huifang-bench-", dir=os.environ.get("BENCH_DIR")) as folder:
            figures = importlib.import_module(f"bench.{name}").bench(Path(folder))
        print(json.dumps({name: figures}, ensure_ascii=False), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
