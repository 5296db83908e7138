"""`python -m tests.chaos [NAME …] [--seed N] [--out FILE]`: do everything that may happen to it, and see what holds."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.chaos.scenario import Report, carry_out
from tests.chaos.scenarios import SCENARIOS

SEED = 20260302
WIDE = 150
COLUMNS = ("kills", "faults", "sent", "told", "unsure", "lost", "doubled", "disordered", "seconds")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; 1 if a promise was broken."""
    asked = _parser().parse_args(arguments)
    if unknown := [name for name in asked.names if name not in SCENARIOS]:
        sys.stderr.write(f"there is no scenario {unknown[0]!r}; here are {', '.join(SCENARIOS)}\n")
        return 2
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="huifang-chaos-"))
    folder.chmod(0o711)
    reports = []
    for name in asked.names or SCENARIOS:
        console.print(f"{name} …", end=" ")
        reports.append(carry_out(name, SCENARIOS[name], folder, asked.seed, asked.short))
        _tell(reports[-1], console)
    result = {"machine": machine(), "seed": asked.seed, "seconds": round(time.monotonic() - began, 1)}
    result |= {"ok": all(one.ok for one in reports), "scenarios": [asdict(one) for one in reports]}
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=1) + "\n")
    console.print(_table(reports), f"{result['seconds']} s on {result['machine']}; the report is {asked.out}")
    if result["ok"]:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if result["ok"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Does to the program what may happen to it, and checks its promises (docs/chaos.md).",
        epilog="\n".join(["scenarios:", *(f"  {name:18} {one.__doc__}" for name, one in SCENARIOS.items())]),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these scenarios")
    parser.add_argument("--seed", type=int, default=SEED, help="what chance hangs on (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("var/chaos.json"), help="the report (default: %(default)s)")
    parser.add_argument("--short", action="store_true", help="the short form, as in `make test`")
    return parser


def _tell(report: Report, console: Console) -> None:
    console.print(f"{'ok' if report.ok else 'BROKEN'} after {report.seconds} s  {report.figures}")
    for sentence in report.broken:
        console.print(f"  {sentence}", style="red")


def _table(reports: Sequence[Report]) -> Table:
    table = Table(title="make chaos")
    table.add_column("scenario", no_wrap=True)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    table.add_column("ok")
    for one in reports:
        table.add_row(one.name, *(str(getattr(one, name)) for name in COLUMNS), "yes" if one.ok else "NO")
    sums = [round(sum(getattr(one, name) for one in reports), 1) for name in COLUMNS]
    table.add_section()
    table.add_row("all", *map(str, sums), "yes" if all(one.ok for one in reports) else "NO")
    return table


def machine() -> dict[str, Any]:
    """What it ran on."""
    return {
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "system": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
    }


if __name__ == "__main__":
    raise SystemExit(main())
