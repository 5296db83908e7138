"""A scenario: what is done to the program, and what came of it."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from followup.model import Instant
from tests.chaos.postgres import Server
from tests.chaos.processes import Program
from tests.chaos.world import World

SHOWN = 20
LOST = ("lost", "unheard", "astray")


@dataclass
class Run:
    """One run of a scenario: where it works, its chance, and what it counts. `short` is the form for `make test`,
    `lent` a server that several share."""

    folder: Path
    seed: int
    short: bool = False
    lent: Server | None = None
    kills: int = 0
    faults: int = 0
    told: int = 0
    states: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    after: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def world(self, name: str = "shop", url: str = "", **plan: Any) -> World:
        """A shop that has just opened; at the end it is let go of."""
        plan.setdefault("seed", self.seed)
        world = World(self.folder / name, url, **plan)
        world.found()
        self.after.callback(world.close)
        return world

    def server(self) -> Server:
        """A PostgreSQL; at the end it is gone, unless it is lent."""
        if self.lent is not None:
            return self.lent
        server = Server()
        self.after.callback(server.end)
        return server

    def program(self, world: World, number: int = 0) -> Program:
        """A process of the program, which does not outlive the scenario."""
        program = world.program(number)
        self.after.callback(program.kill)
        return program

    def must(self, true: object, sentence: str) -> None:
        """A promise of this scenario alone."""
        if not true:
            self.broken.append(f"scenario: {sentence}")

    def prove(self, world: World, by: Instant | None = None) -> None:
        """All promises, on everything that the world has seen."""
        self.broken += world.broken(by)
        self.told += len(world.told())
        self.states.update(world.states())


Scenario = Callable[[Run], None]


@dataclass(frozen=True)
class Report:
    """What came of one scenario, for machines and people."""

    name: str
    seed: int
    ok: bool
    seconds: float
    kills: int
    faults: int
    sent: int
    told: int
    unsure: int
    lost: int
    doubled: int
    disordered: int
    broken: list[str]
    figures: dict[str, Any]


def carry_out(
    name: str, scenario: Scenario, folder: Path, seed: int, short: bool = False, lent: Server | None = None
) -> Report:
    """Run a scenario in a folder of its own, and clean up after it."""
    run, began = Run(folder / name, seed, short, lent), time.monotonic()
    shutil.rmtree(run.folder, ignore_errors=True)
    run.folder.mkdir(parents=True)
    try:
        with run.after:
            scenario(run)
    except Exception as error:  # noqa: BLE001 - it is a finding like any other
        run.broken.append(f"scenario: it ended with {type(error).__name__}: {error}")
    if not run.broken:
        shutil.rmtree(run.folder, ignore_errors=True)
    return _report(name, run, time.monotonic() - began)


def _report(name: str, run: Run, seconds: float) -> Report:
    kinds = Counter(sentence.partition(":")[0] for sentence in run.broken)
    sent, unsure = run.states["sent"], run.states["unsure"]
    lost = sum(kinds[kind] for kind in LOST)
    return Report(
        name,
        run.seed,
        not run.broken,
        round(seconds, 1),
        run.kills,
        run.faults,
        sent,
        run.told,
        unsure,
        lost,
        kinds["doubled"],
        kinds["disordered"],
        run.broken[:SHOWN],
        run.figures,
    )
