"""A database file that is locked by somebody else, or damaged: a clear sentence, and nothing overwritten."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.chaos.scenario import Run
from tests.chaos.world import World

ROOT = Path(__file__).parents[2]
PAGE = 4096
LOCKED_FOR, SHORT = 45.0, 2.0
COMMANDS = ("run", "audit")
PATIENCE = 120.0


def locked(run: Run) -> None:
    """another process holds the write lock of the file, longer than anybody waits for it"""
    world = run.world()
    program = run.program(world)
    program.start()
    context = multiprocessing.get_context("forkserver")
    for seconds in (SHORT,) if run.short else (SHORT, LOCKED_FOR):
        world.drop(40)
        world.say("c1", count=10)
        held, over = context.Event(), context.Event()
        holder = context.Process(target=_hold, args=(str(world.folder / "shop.db"), held, over), daemon=True)
        holder.start()
        held.wait(30)
        world.drop(40)
        world.say("c2", count=10)
        acknowledged = (world.folder / "acknowledged").read_bytes()
        time.sleep(seconds)
        run.must((world.folder / "acknowledged").read_bytes() == acknowledged, "acknowledged, but not kept")
        over.set()
        holder.join()
        run.faults += 1
        run.figures[f"seconds to go on after {seconds:.0f} s"] = round(world.settle(), 2)
    said = (world.folder / "log").read_text()
    run.must(run.short or "is locked by another program" in said, "it did not say that the file is locked")
    run.must("Traceback" not in said, "the log holds a traceback")
    run.must(program.stop() == 0, "the program did not end in peace")
    run.prove(world)


def _hold(path: str, held: Event, over: Event) -> None:
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    held.set()
    over.wait()
    connection.execute("ROLLBACK")


def damaged(run: Run) -> None:
    """the file is overwritten in places, cut off, or replaced: a sentence offers a backup, not a byte is changed"""
    world = run.world()
    program = run.program(world)
    world.drop(60 if run.short else 300)
    world.say("c1", count=10)
    program.start()
    world.settle()
    run.must(program.stop() == 0, "the program did not end in peace")
    world.close()
    run.prove(world)
    world.close()
    good = (world.folder / "shop.db").read_bytes()
    config = _config(world)
    damages = list(DAMAGES.items())
    for name, damage in damages[:3:2] if run.short else damages:
        for command in COMMANDS[:1] if run.short else COMMANDS:
            _try(name, damage(good, run.chance), command, config, world, run)
    (world.folder / "shop.db").write_bytes(good)


def _try(name: str, bytes_: bytes, command: str, config: Path, world: World, run: Run) -> None:
    path = world.folder / "shop.db"
    for old in world.folder.glob("shop.db*"):
        old.unlink()
    path.write_bytes(bytes_)
    arguments = [sys.executable, "-m", "bot.cli", command, "-c", str(config)]
    try:
        done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
        code, said = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired as late:
        code, said = 0, f"it went on running: {(late.stderr or b'').decode()[-300:]}"
    run.faults += 1
    what = f"huifang {command} on a file that was {name}"
    run.must(code in (1, 2), f"{what}: it ended with {code}: {said[-300:]}")
    run.must("Traceback" not in said, f"{what}: a traceback")
    run.must("backup" in said, f"{what}: no backup offered: {said[-300:]}")
    run.must(sha256(path.read_bytes()).digest() == sha256(bytes_).digest(), f"{what}: the file was changed")
    left = {each.name for each in world.folder.glob("shop.db*") if each.stat().st_size}
    run.must(not left & {"shop.db-wal"}, f"{what}: something was written beside it: {left}")


def _config(world: World) -> Path:
    path = world.folder / "config.toml"
    shutil.rmtree(world.folder / "orders", ignore_errors=True)
    path.write_text(
        f'[database]\nurl = "{world.url}"\n[orders]\nfolder = "{world.folder}/orders"\n'
        f'[scripts]\noverrides = "{world.folder}/scripts.json"\n[http]\nport = 0\n[evidence]\n'
        f'folder = "{world.folder}/evidence"\n[reports]\nfolder = "{world.folder}/reports"\n'
        '[shops.s]\nplatform = "independent"\nchannel = "manual"\n'
    )
    return path


def _overwritten(good: bytes, chance: random.Random) -> bytes:
    """Every fourth page is noise, but not the first, which says that it is a database."""
    pages = [good[at : at + PAGE] for at in range(0, len(good), PAGE)]
    spoilt = chance.sample(range(1, len(pages)), len(pages) // 4)
    for number in spoilt:
        pages[number] = chance.randbytes(PAGE)
    return b"".join(pages)


def _truncated(good: bytes, chance: random.Random) -> bytes:
    return good[: int(len(good) * chance.uniform(0.3, 0.8))]


def _header_lost(good: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(PAGE) + good[PAGE:]


def _garbage(good: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(len(good))


def _schema_spoilt(good: bytes, chance: random.Random) -> bytes:
    """The header is whole, the rest of the first page, which says what tables there are, is not."""
    return good[:100] + chance.randbytes(PAGE - 100) + good[PAGE:]


DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "overwritten in a quarter of its pages": _overwritten,
    "cut off": _truncated,
    "overwritten at its head": _header_lost,
    "replaced by garbage": _garbage,
    "overwritten where its tables stand": _schema_spoilt,
}
