"""Several workers on one PostgreSQL: killed, the leader too; the server stopped under them; one of them cut off."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store.leading import LEADING
from tests.chaos.channel import Behaviour
from tests.chaos.postgres import Server
from tests.chaos.processes import Program, until
from tests.chaos.proxy import Proxy
from tests.chaos.scenario import Run
from tests.chaos.world import World

KILLS, SHORT = 105, 4
TAKEN_OVER, ON_A_BUSY_MACHINE = 10.0, 20.0
_WHO_LEADS = text(
    "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'"
    f" AND granted AND classid = {LEADING}"
)


def kill_workers(run: Run) -> None:
    """kill -9 of one to three workers on PostgreSQL, the leader among them"""
    _, world = a_world(run, slow=0.02)
    crews = [2] if run.short else [1, 2, 3]
    for crew in crews:
        workers = [run.program(world, number) for number in range(crew)]
        for worker in workers:
            worker.start(wait=worker is workers[0])
        for number in range(SHORT if run.short else KILLS // len(crews)):
            before, last = world.count_told(), time.monotonic() + run.chance.uniform(0.05, 1.3)
            _load(world, run)
            while time.monotonic() < last and (world.count_told() < before + 5 or number % 3 == 0):
                time.sleep(0.002)
            _kill_one(world, workers, run)
        took = world.settle(seconds=180)
        run.figures[f"seconds to settle, {crew} workers"] = round(took, 2)
        for worker in workers:
            run.must(worker.stop() == 0, "a worker did not end in peace")
    limit = ON_A_BUSY_MACHINE if run.short else TAKEN_OVER
    run.must(run.figures.get("slowest takeover (s)", 0) <= limit, "the lead was not taken over in time")
    run.prove(world)


def _kill_one(world: World, workers: Sequence[Program], run: Run) -> None:
    """Every other time the leader, and see how long it takes until another one leads."""
    leader = who_leads(world)
    victim = workers[leader] if run.kills % 2 and leader is not None else run.chance.choice(workers)
    victim.kill()
    run.kills += 1
    if leader is not None and victim is workers[leader] and len(workers) > 1:
        run.figures["leaders killed"] = run.figures.get("leaders killed", 0) + 1
        took = until(lambda: who_leads(world) is not None, 30, 0.02, "another worker leads")
        run.figures["slowest takeover (s)"] = max(run.figures.get("slowest takeover (s)", 0.0), round(took, 2))
    victim.start(wait=False)


def pg_restarts(run: Run) -> None:
    """PostgreSQL is stopped at once, as by kill -9, and started again under load, several times"""
    server, world = a_world(run)
    workers = [run.program(world, number) for number in range(2)]
    for worker in workers:
        worker.start()
    _restarts(run, server, world)
    for worker in workers:
        run.must(worker.stop() == 0, "a worker did not end in peace")
    run.prove(world)


def pg_restarts_alone(run: Run) -> None:
    """the same with the one process that needs no workers"""
    server, world = a_world(run, engine="embedded")
    program = run.program(world)
    program.start()
    _restarts(run, server, world)
    run.must(program.stop() == 0, "the program did not end in peace")
    run.prove(world)


def _restarts(run: Run, server: Server, world: World) -> None:
    for _ in range(1 if run.short else 6):
        _load(world, run, 3)
        time.sleep(run.chance.uniform(0.0, 1.5))
        server.stop("immediate")
        _load(world, run)
        time.sleep(run.chance.uniform(0.1, 3.0))
        server.start()
        run.faults += 1
        run.figures.setdefault("seconds to go on", []).append(round(world.settle(), 2))


def cut_off(run: Run) -> None:
    """the worker that leads is cut off from the database for a minute; the other goes on"""
    server, world = a_world(run)
    proxy = Proxy(server.port)
    run.after.callback(proxy.close)
    behind = Program(replace(world.plan, url=server.url(run.folder.name, proxy.port)), 0)
    run.after.callback(behind.kill)
    behind.start()
    until(lambda: who_leads(world) == 0, what="the first worker leads")
    other = run.program(world, 1)
    other.start()
    for seconds in (8.0,) if run.short else (8.0, 60.0):
        _load(world, run, 3)
        time.sleep(0.3)
        cut = who_leads(world)
        proxy.mode = "hang"
        run.must(cut == 0, "the one that is cut off was not the leader")
        took = until(lambda: who_leads(world) == 1, 30, what="the other worker leads")
        run.figures[f"taken over after (s), cut off for {seconds:.0f} s"] = round(took, 2)
        run.must(took <= TAKEN_OVER, f"the lead was taken over only after {took:.1f} s")
        before = world.count_told()
        _load(world, run, 2)
        took += until(lambda: world.count_told() > before, 30, what="the others tell while one is cut off")  # noqa: B023
        time.sleep(max(0.0, seconds - took))
        proxy.mode = "drop"
        time.sleep(1.0)
        proxy.mode = "pass"
        run.faults += 1
        world.settle()
        other.kill()
        run.kills += 1
        until(lambda: who_leads(world) == 0, 30, what="the one that was cut off leads again")
        other.start()
    run.must(behind.stop() == 0, "the worker that was cut off did not end in peace")
    run.must(other.stop() == 0, "the other worker did not end in peace")
    run.prove(world)


def a_world(run: Run, engine: str = "procrastinate", slow: float = 0.0) -> tuple[Server, World]:
    """A server, and a shop on it, whose channel takes `slow` seconds for a message."""
    server = run.server()
    return server, run.world(url=server.create(run.folder.name), engine=engine, behaviour=Behaviour(slow=slow))


def who_leads(world: World) -> int | None:
    """The number of the worker that leads."""
    try:
        with world.engine.connect() as connection:
            name = connection.execute(_WHO_LEADS).scalar()
    except DBAPIError:
        return None
    return int(name.removeprefix("worker-")) if name else None


def _load(world: World, run: Run, times: int = 1) -> None:
    for _ in range(times):
        world.drop(run.chance.randint(20, 60))
        for _ in range(3):
            world.say(f"c{run.chance.randint(0, 9)}", count=run.chance.randint(1, 3))
