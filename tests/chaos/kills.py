"""kill -9 at random moments: of the one process on SQLite, while it hears, imports and tells."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from tests.chaos.channel import Behaviour
from tests.chaos.processes import Program
from tests.chaos.scenario import Run
from tests.chaos.world import World

KILLS, SHORT = 110, 4
LONGEST = 1.0


def kill_sqlite(run: Run) -> None:
    """kill -9 of the one process on SQLite, at random moments and in the middle of hearing, importing and telling"""
    world = run.world(behaviour=Behaviour(slow=0.005))
    program, moments = run.program(world), Counter[str]()
    for number in range(SHORT if run.short else KILLS):
        world.drop(run.chance.randint(20, 80))
        for _ in range(run.chance.randint(5, 15)):
            world.say(f"c{run.chance.randint(0, 9)}", count=run.chance.randint(1, 3))
        program.start(wait=False)
        _wait(world, program, run, number)
        program.kill()
        run.kills += 1
        sending, waiting, importing = world.at_work()
        moments.update({"telling": sending, "hearing": waiting, "importing": importing})
    program.start()
    run.figures["killed while"] = {name: int(count) for name, count in moments.items()}
    run.figures["seconds to settle"] = round(world.settle(), 2)
    run.must(program.stop() == 0, "the program did not end in peace")
    run.must(all(moments.values()) or run.short, f"no kill fell while {moments}")
    run.figures["orders"], run.figures["messages heard"] = len(world.orders), len(world.messages)
    run.prove(world)


def _wait(world: World, program: Program, run: Run, number: int) -> None:
    """Until a random moment from the first on, or until it is in the middle of something."""
    middle = _MIDDLES[number % 4](world, run)
    if number % 4 == 0:
        time.sleep(run.chance.uniform(0.0, 1.2))
        return
    last = 0.0
    while program.is_alive and not middle() and (not last or time.monotonic() < last):
        if not last and program.has_spoken:  # it has started, and may have nothing left to do
            last = time.monotonic() + LONGEST
        time.sleep(0.001)
    time.sleep(run.chance.uniform(0.0, 0.03))


def _told(world: World, run: Run) -> Callable[[], bool]:
    path, more = world.folder / "told", run.chance.randint(1, 1500)
    before = path.stat().st_size if path.exists() else 0
    return lambda: path.exists() and path.stat().st_size > before + more


def _heard(world: World, run: Run) -> Callable[[], bool]:
    path = world.folder / "acknowledged"
    before = path.stat().st_size if path.exists() else 0
    return lambda: path.exists() and path.stat().st_size > before


def _imported(world: World, run: Run) -> Callable[[], bool]:
    wal = world.folder / "shop.db-wal"
    before = wal.stat().st_size if wal.exists() else 0
    return lambda: wal.exists() and wal.stat().st_size != before


def _whenever(_world: World, _run: Run) -> Callable[[], bool]:
    return lambda: False


_MIDDLES = (_whenever, _told, _heard, _imported)
