"""Measures Huifang beside its peers and fills docs/benchmarks.md; N=1000,10000 or names of peers give a quick look.

`python -m bench.peers [PEER …]`, at most a quarter of an hour on two cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench import floor, floor_pg, pending
from bench.__main__ import machine
from bench.peers import aims, table
from bench.peers.contract import PEERS
from bench.peers.measured import Figures
from bench.peers.process import ROOT, THEIRS, Broken, ask
from bench.peers.runner import LIMIT, Place, Run
from bench.postgres import Server

SIZES = (1_000, 10_000, 100_000)
FLOOR, FEW = 20_000, 50
TO_SCHEDULE = 30.0  # seconds; a size that would take longer to schedule is not tried
THEIR_LIMIT = 30.0  # seconds within which a peer has to tell all
A_GLANCE = 15.0  # seconds given to a size that cannot be told within the limit
KILLED, BRIEF = 10_000, 15.0  # the largest size that is run again with kills, and how long telling it may take then
TIME = 13 * 60.0  # seconds after which nothing new is begun
OUT = ROOT / "bench" / "peers" / "out"
DOCS, PLOT = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "images" / "peers.svg"


def floors(folder: Path, server: Server) -> dict[str, float]:
    """The raw limits, in reminders a second: the same records in hand-written SQL."""
    url = server.new()
    return {
        "sqlite_schedule": FLOOR / floor.schedule(folder, FLOOR),
        "sqlite_fire": FLOOR / floor.fire(folder, FLOOR),
        "postgres_schedule": FLOOR / floor_pg.schedule(url, FLOOR),
        "postgres_fire": FLOOR / floor_pg.fire(url),
    }


def measure(names: list[str], sizes: tuple[int, ...], server: Server) -> Iterator[Figures]:
    """Each peer at each size, as far as it can go; the small sizes first, in case time runs out."""
    ends, last = time.monotonic() + TIME, {name: Figures(name, 0) for name in names}
    for wanted in sizes:
        for name in names:
            if reason := _too_much(last[name], wanted, time.monotonic() > ends):
                figures = Figures(name, wanted, note=reason)
                last[name] = replace(last[name], note=reason)
            else:
                figures = last[name] = _one(name, wanted, last[name], server)
            yield figures


def _too_much(last: Figures, wanted: int, late: bool) -> str:
    if last.note or late:
        return "not tried"
    if last.schedule_rate and wanted / last.schedule_rate > TO_SCHEDULE:
        return f"not tried: scheduling would take {wanted / last.schedule_rate:,.0f} s"
    return ""


def _one(name: str, wanted: int, last: Figures, server: Server) -> Figures:
    most = LIMIT if PEERS[name].ours else THEIR_LIMIT
    slow = last.fire_rate is not None and wanted / last.fire_rate > most
    try:
        figures = _run(name, wanted, last, server, A_GLANCE if slow else LIMIT).all_at_once()
        if figures.scheduled < wanted:
            figures.note = f"{figures.scheduled:,} scheduled in time"
        elif figures.told < wanted:
            figures.note = f"{figures.told:,} told" if slow else f"not finished in {LIMIT:.0f} s"
        if not last.wanted or _is_killed_again(figures, last):
            _and_killed(figures, _run(name, wanted, figures, server, LIMIT).killed())
    except Broken as error:
        return Figures(name, wanted, note=f"broke: {error}")
    return figures


def _is_killed_again(figures: Figures, last: Figures) -> bool:
    brief = figures.wanted / (figures.fire_rate or 1) < BRIEF
    return figures.wanted <= KILLED and brief and not figures.note and not last.lost


def _run(name: str, wanted: int, last: Figures, server: Server, limit: float) -> Run:
    folder = Path(tempfile.mkdtemp(dir=server.folder))
    where = server.new() if PEERS[name].postgres else str(folder)
    pace = last.schedule_rate or PEERS[name].schedules or _tried(name, server)
    return Run(name, wanted, Place(where, folder / "told.txt"), limit, pace)


def _tried(name: str, server: Server) -> float:
    """How many a second it schedules, to begin with: found with a few, in a place of their own."""
    where = server.new() if PEERS[name].postgres else tempfile.mkdtemp(dir=server.folder)
    ask(PEERS[name], where, "prepare")
    told = ask(PEERS[name], where, "schedule", FEW, 30, 60)
    return float(told["scheduled"] / told["seconds"])


def _and_killed(figures: Figures, killed: Figures) -> None:
    figures.kills, figures.recovery, figures.broke = killed.kills, killed.recovery, killed.broke
    figures.lost, figures.doubled, figures.listed = killed.lost, killed.doubled, killed.listed


def memory(folder: Path) -> dict[str, float]:
    """What one process of ours weighs with few and with a million reminders pending, in MB."""
    return {str(n): pending.measure(pending.prepare(folder, n), 1000)["resident_mb"] for n in (1_000, 1_000_000)}


def versions() -> dict[str, str]:
    """What the peers' environment holds."""
    code = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
    done = subprocess.run([str(THEIRS), "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    all_of_them: dict[str, str] = json.loads(done.stdout)
    wanted = ("APScheduler", "python-telegram-bot", "procrastinate", "dbos", "huey", "tinydb", "SQLAlchemy", "psycopg")
    return {name: version for name, version in sorted(all_of_them.items()) if name in wanted}


def main(names: list[str]) -> None:
    """Measure, print as it goes, keep the raw figures, and write the table unless this was a quick look."""
    quick = bool(names or os.environ.get("N"))
    sizes = tuple(int(n) for n in os.environ.get("N", "").replace("_", "").split(",") if n) or SIZES
    with tempfile.TemporaryDirectory(prefix="huifang-peers-", dir=os.environ.get("BENCH_DIR")) as folder:
        result = measure_all(names or list(PEERS), sizes, Path(folder), quick)
    OUT.mkdir(exist_ok=True)
    (OUT / "peers.json").write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
    write(result, None if quick else DOCS)


def measure_all(names: list[str], sizes: tuple[int, ...], folder: Path, quick: bool) -> dict[str, Any]:
    """Everything, as it stands in the file of raw figures."""
    result: dict[str, Any] = {"machine": machine(), "versions": versions(), "figures": []}
    with Server(folder) as server:
        result["postgres"], before = server.facts(), floors(folder, server)
        for figures in measure(names, sizes, server):
            print(json.dumps(asdict(figures)), flush=True)  # noqa: T201
            result["figures"].append(asdict(figures))
        (folder / "after").mkdir()
        result["floors"] = [before, floors(folder / "after", server)]
    result["memory"] = {} if quick else memory(folder)
    result["load_after"] = os.getloadavg()
    return result


def write(result: dict[str, Any], docs: Path | None) -> None:
    """The table and the aims: printed, and put into the page between its markers, with the plot."""
    text = table.markdown(result) + "\n" + aims.markdown(result)
    print(text)  # noqa: T201
    if docs is not None:
        table.put_into(docs, text)
        command = [str(THEIRS), "-m", "bench.peers.plot", str(OUT / "peers.json"), str(PLOT)]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write(json.loads((OUT / "peers.json").read_text(encoding="utf-8")), DOCS)
    else:
        main(sys.argv[1:])
