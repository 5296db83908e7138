"""A channel that fails in every way: errors, silence, late answers, answers twice, dropped connections, floods."""

from __future__ import annotations

from datetime import timedelta

from tests.chaos.channel import Behaviour
from tests.chaos.processes import Late, Program
from tests.chaos.scenario import Run
from tests.chaos.world import World

WAYS = {
    "busy": Behaviour(busy=0.4),
    "dropped": Behaviour(dropped=0.3, broken=0.1),
    "refused": Behaviour(refused=0.3),
    "hangs": Behaviour(hangs=0.05, late=0.2, seconds=1.2),
    "floods": Behaviour(floods=0.03, seconds=30.0),
    "repeats": Behaviour(repeats=0.6),
    "all at once": Behaviour(0.08, 0.05, 0.1, 0.05, 0.01, 0.03, 0.05, 0.4, 1.2),
}
PATIENCE = 0.8


def channel_faults(run: Run) -> None:
    """the channel answers errors, hangs, answers late or twice, takes a message and drops the connection, floods"""
    ways = {"all at once": WAYS["all at once"]} if run.short else WAYS
    for name, behaviour in ways.items():
        world = run.world(name.replace(" ", "-"), behaviour=behaviour, patience=PATIENCE, starts_at=1772456400.0)
        program = run.program(world)
        program.start()
        for number in range(4):
            world.drop(20 if run.short else 60)
            for chat in range(10):
                world.say(f"c{chat}", count=1 + number % 2)
            sent = world.rows("SELECT id FROM outbox WHERE state = 'sent' ORDER BY seq")
            for (id_,) in sent[number::7][:5]:
                world.receipt(str(id_), times=2)
            _settle(world, program, run)
        for _ in range(24):
            if not world.rows("SELECT id FROM outbox WHERE state = 'due'"):
                break
            world.turn(program, timedelta(minutes=30))
            _settle(world, program, run)
        run.must(program.stop() == 0, "the program did not end in peace")
        run.must("due" not in world.states(), "some messages were never done with")
        run.faults += _uncertain(world)
        run.figures[name] = world.states()
        run.prove(world)


def _settle(world: World, program: Program, run: Run) -> None:
    """Everything done, turning the clock on while all that is left waits for its next try."""
    for _ in range(40):
        try:
            world.settle(seconds=1.5)
        except Late:
            world.turn(program, timedelta(minutes=3))
        else:
            return
    run.must(False, f"something never ended: {world.left()}")


def _uncertain(world: World) -> int:
    """How many attempts did not simply succeed."""
    words = " ".join(history for (history,) in world.rows("SELECT history FROM outbox"))
    return words.count("unsure@") + words.count("retry@") + words.count("refused@")
