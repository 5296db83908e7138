"""Ten thousand made-up shops: the program on a clock, a channel and a schedule that a seed draws (docs/seeds.md)."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.run import Outcome, run

COUNT = 10_000
PORTION = 20
SHOWN = 20


@dataclass
class Tally:
    """What was lived through so far; `failing` are the seeds that broke a promise, each with the first sentence."""

    seeds: int = 0
    steps: int = 0
    messages: int = 0
    commits: int = 0
    weather: Counter[str] = field(default_factory=Counter)
    failing: dict[int, str] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """One more seed."""
        self.seeds += 1
        self.steps += outcome.done
        self.messages += outcome.messages
        self.commits += outcome.commits
        self.weather += outcome.weather
        if outcome.faults:
            self.failing[outcome.seed] = outcome.faults[0].splitlines()[0]


def lived(seeds: range) -> list[Outcome]:
    """The outcomes of some seeds, without their stories; one that breaks the simulation itself fails as well."""
    gc.disable()
    found = [_lived(seed) for seed in seeds]
    gc.enable()
    return found


def _lived(seed: int) -> Outcome:
    try:
        outcome = run(seed)
    except Exception as error:  # noqa: BLE001 - it is listed with its seed
        return Outcome(seed, (f"{type(error).__name__}: {error}",), 0, 0, 0, 0)
    return Outcome(
        seed, outcome.faults, outcome.done, outcome.planned, outcome.messages, outcome.commits, outcome.weather
    )


def survey(begin: int, count: int, processes: int) -> Iterator[Outcome]:
    """The outcomes of so many seeds from `begin` on, by several processes, in any order."""
    portions = [range(at, min(at + PORTION, begin + count)) for at in range(begin, begin + count, PORTION)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for outcomes in pool.imap_unordered(lived, portions):
            yield from outcomes


def bench(_folder: Path, begin: int = 0, count: int = COUNT, processes: int = os.cpu_count() or 1) -> dict[str, object]:
    """Live through the seeds and tell what there was to it; `broken` are those that fail."""
    began, tally = time.perf_counter(), Tally()
    for outcome in survey(begin, count, processes):
        tally.add(outcome)
    seconds = time.perf_counter() - began
    return {
        "seeds": tally.seeds,
        "from": begin,
        "processes": processes,
        "seconds": round(seconds, 1),
        "seeds_per_second": round(tally.seeds / seconds, 2),
        "steps": tally.steps,
        "messages": tally.messages,
        "commits": tally.commits,
        "faults": dict(sorted(tally.weather.items())),
        "broken": len(tally.failing),
        "failing": {seed: tally.failing[seed] for seed in sorted(tally.failing)[:SHOWN]},
        "wanted": "10,000 seeds, none broken; `python -m tests.simulation --seed N --shrink` tells the story of one",
    }


def main(arguments: list[str]) -> int:
    """What the command line asks for, as one line of JSON; 1 if a promise is broken."""
    parser = ArgumentParser(prog="python -m bench seeds", description=__doc__)
    parser.add_argument("--from", dest="begin", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=COUNT, help="how many (10,000)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="at a time (a processor each)")
    figures = bench(Path(), **vars(parser.parse_args(arguments)))
    sys.stdout.write(json.dumps({"seeds": figures}, ensure_ascii=False) + "\n")
    return int(bool(figures["broken"]))
