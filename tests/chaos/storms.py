"""Storms of events: ten thousand messages from one chat, a thousand chats at once; nobody else may starve."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from tests.chaos.processes import until
from tests.chaos.scenario import Run
from tests.chaos.world import World

MB = 1024 * 1024
MOST_MORE = 150 * MB
PATIENCE = 600.0


def storm_one_chat(run: Run) -> None:
    """10,000 messages from one chat: all handled in order, while others are answered"""
    _storm(run, lambda world: world.say("stormy", count=300 if run.short else 10_000))


def storm_many_chats(run: Run) -> None:
    """1,000 chats write at once, 3 messages each: all handled in order, all answered"""

    def rage(world: World) -> None:
        for _ in range(3):
            for chat in range(60 if run.short else 1000):
                world.say(f"c{chat}")

    _storm(run, rage)


def _storm(run: Run, rage: Callable[[World], None]) -> None:
    world = run.world()
    program = run.program(world)
    program.start()
    world.say("early")
    world.settle()
    before, began = program.memory(), time.monotonic()
    rage(world)
    world.drop(50)
    waited = []
    for number in range(2 if run.short else 5):
        world.say(f"calm{number}")
        waited.append(round(until(partial(_is_told, world, f"s/file/calm{number}"), PATIENCE, 0.02), 2))
    world.settle(seconds=PATIENCE)
    seconds, more = time.monotonic() - began, program.memory() - before
    run.figures |= {
        "events": len(world.messages),
        "seconds": round(seconds, 1),
        "events a second": round(len(world.messages) / seconds),
        "another buyer waited (seconds)": waited,
        "memory before (MB)": round(before / MB),
        "more memory at most (MB)": round(more / MB),
    }
    run.must(more < MOST_MORE, f"memory grew by {more // MB} MB")
    run.must(program.stop() == 0, "the program did not end in peace")
    run.prove(world)


def _is_told(world: World, chat: str) -> bool:
    return f"{chat}\t" in (world.folder / "told").read_text()
