"""A full disk: SQLite on a small tmpfs (mounted as root; else RLIMIT_FSIZE stands for it) that is filled and freed."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from tests.chaos.processes import Program, until
from tests.chaos.scenario import Run
from tests.chaos.world import World

MB = 1024 * 1024
SIZE = 48 * MB
SAID = "the disk is full"


def disk_full(run: Run) -> None:
    """the disk of the database is filled up while the program runs, and freed again; once it is killed meanwhile"""
    disk = run.folder / "disk"
    disk.mkdir()
    mounted = _mount(disk, run)
    run.figures["disk"] = f"tmpfs of {SIZE // MB} MB" if mounted else "RLIMIT_FSIZE"
    world = run.world(url=f"sqlite:///{disk}/shop.db")
    program = run.program(world)
    program.start()
    log, before = world.folder / "log", world.folder / "acknowledged"
    for number in range(1 if run.short else 6):
        _load(world, run)
        free = _fill(disk) if mounted else _limit(program, disk)
        _load(world, run)
        _load(world, run)
        until(partial(_has_said, log, number + 1), what="it says that the disk is full")
        at = before.read_bytes()
        time.sleep(run.chance.uniform(0.2, 1.5))
        run.must(before.read_bytes() == at, "an event was acknowledged that cannot have been kept")
        if number % 3 == 2:
            program.kill()
            run.kills += 1
        free()
        if not program.is_alive:
            program.start()
        took = world.settle()
        run.figures.setdefault("seconds to go on", []).append(round(took, 2))
        run.faults += 1
    run.must("Traceback" not in log.read_text(), "the log holds a traceback")
    run.must(program.stop() == 0, "the program did not end in peace")
    run.prove(world)


def _has_said(log: Path, times: int) -> bool:
    return log.read_text().count(SAID) >= times


def _load(world: World, run: Run) -> None:
    world.drop(run.chance.randint(30, 60))
    world.say(f"c{run.chance.randint(0, 9)}", count=5)


def _mount(disk: Path, run: Run) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(disk)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    run.after.callback(subprocess.run, ["umount", "--lazy", str(disk)], check=False)
    return True


def _fill(disk: Path) -> Callable[[], object]:
    """Take all the room there is; returns what gives it back."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 65536):
            pass
        while file.write(b"\0"):
            pass
    return filler.unlink


def _limit(program: Program, disk: Path) -> Callable[[], object]:
    """No file of this process may grow any more."""
    largest = max(path.stat().st_size for path in disk.iterdir())
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    return lambda: resource.prlimit(program.pid, resource.RLIMIT_FSIZE, free) if program.is_alive else os.sync()
