"""One seed from beginning to end: the steps, the quiet days after them, and what must hold then."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random

from store.migrate import upgrade
from tests.simulation import ending
from tests.simulation.acts import ACTS, Act
from tests.simulation.logs import Logged, kept_logs
from tests.simulation.world import World

STEPS = (20, 32)
LOOKS = 20
DAY = timedelta(days=1)
SHM = Path("/dev/shm")


@dataclass(frozen=True)
class Outcome:
    """What became of a seed: the promises that were broken (none is the proof), and what there was to it."""

    seed: int
    faults: tuple[str, ...]
    done: int
    planned: int
    messages: int
    commits: int
    weather: Counter[str] = field(default_factory=Counter)
    transcript: tuple[str, ...] = ()
    digest: str = ""


def run(seed: int, steps: int | None = None, without: Collection[int] = ()) -> Outcome:
    """Live through a seed, or only its first `steps` steps, `without` some of them."""
    with a_folder() as folder, kept_logs() as logs:
        world = World(seed, folder)
        plan = [(at, act) for at, act in enumerate(planned(seed)[:steps]) if at not in without]
        try:
            done = _live(world, plan, logs)
            faults = _faults(world, logs) or ending.faults(world)
            digest = ending.digest(world)
        finally:
            world.closes()
    weather = world.faults + world.weather.faults
    said = len(world.said)
    return Outcome(seed, tuple(faults), done, len(plan), said, world.commits, weather, tuple(world.transcript), digest)


def planned(seed: int) -> list[Act]:
    """The acts of a seed; each draws the rest from a chance of its own, so that dropping one leaves the others."""
    chance = Random(-1 - seed)
    return chance.choices([*ACTS], [*ACTS.values()], k=chance.randint(*STEPS))


def _live(world: World, plan: list[tuple[int, Act]], logs: list[Logged]) -> int:
    world.starts(_chance(world, -1))
    for done, (at, act) in enumerate(plan, 1):
        chance = _chance(world, at)
        world.tells(f"{at}. {act.__name__}")
        act(world, chance)
        if chance.random() < 0.25:
            world.settles(chance)
        if _faults(world, logs):
            return done
    _rest(world)
    return len(plan)


def _rest(world: World) -> None:
    """Quiet days: nothing goes wrong any more and nobody writes; the program looks at noon, ever more seldom."""
    chance = _chance(world, -2)
    world.weather.calm()
    world.tells("quiet days")
    world.revives(chance)
    for look in range(LOOKS):
        due = world.next_due()
        if due is None and not world.is_at_work():
            break
        world.clock.set(world.noon_after(due) + look // 2 * DAY)
        world.settles(chance, rarely=0.0)
    if chance.random() < 0.1:
        world.finishes()


def _chance(world: World, step: int) -> Random:
    """The chance of one step, from which the weather in it is drawn as well."""
    chance = Random(world.seed * 1_000_003 + step)
    world.weather.chance = chance
    return chance


def _faults(world: World, logs: list[Logged]) -> list[str]:
    broke = [f"{each.event}: {each.error}\n{each.where}" for each in logs if each.is_complaint]
    return [*world.book.faults, *broke]


@contextmanager
def a_folder() -> Iterator[Path]:
    """The folder of this process, in memory if there is such a thing, with a fresh database and nothing else."""
    folder = _home()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    (folder / "shop.db").write_bytes(_fresh())
    yield folder


@cache
def _home() -> Path:
    """Always the same one, so that its engine and what that has compiled serve all seeds of the process."""
    folder = Path(tempfile.mkdtemp(prefix="huifang-seed-", dir=SHM if SHM.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _fresh() -> bytes:
    """A database with all tables."""
    folder = Path(tempfile.mkdtemp(prefix="huifang-seed-"))
    try:
        upgrade(f"sqlite:///{folder}/fresh.db")
        return (folder / "fresh.db").read_bytes()
    finally:
        shutil.rmtree(folder)
