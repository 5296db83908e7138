"""The program that things happen to: the whole bot in a process of its own, whose channel ends in a file.

What it is to do besides comes through a pipe: `("behave", Behaviour)`, `("clock", seconds)`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import time_machine

from bot.app import App, bootstrap
from bot.config import Config, Database, Evidence, Logs, Orders, Reports, Scripts
from bot.config_shop import QuietHoursOptions, ShiftOptions, Shop
from bot.logs import setup_logs
from handlers.understand import meaning
from scheduler.clock import SystemClock
from scheduler.distributed import Distributed
from scheduler.embedded import Embedded
from tests.chaos.channel import Behaviour, ChaosChannel

ALL_DAY = ("00:00", "23:59:59")
meaning.load()  # once, in the process that all programs are forked from


@dataclass(frozen=True)
class Plan:
    """How the program is set up; `starts_at` is where its clock begins, if that is not the machine's."""

    url: str
    folder: Path
    seed: int = 0
    zone: str = "UTC"
    hours: tuple[str, str] = ALL_DAY
    engine: str = "embedded"
    leads: bool = True
    look: int = 1
    patience: float = 120.0
    starts_at: float | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)

    def config(self) -> Config:
        """The same as a configuration."""
        opens, closes = self.hours
        shop = Shop(
            platform="independent",
            channel=ChaosChannel.name,
            lang="en",
            zone=self.zone,  # type: ignore[arg-type]
            quiet_hours=QuietHoursOptions(opens=opens, closes=closes),  # type: ignore[arg-type]
            shifts={"all": ShiftOptions(opens="00:00", closes="00:00")},  # type: ignore[arg-type]
        )
        folder = self.folder
        return Config(
            database=Database(url=self.url),
            orders=Orders(folder=folder / "orders", poll_seconds=self.look),
            scripts=Scripts(overrides=folder / "scripts.json"),
            evidence=Evidence(folder=folder / "evidence"),
            reports=Reports(folder=folder / "reports"),
            shops={"s": shop},
        )


def main(plan: Plan, pipe: Connection, number: int) -> None:
    """Run until SIGTERM."""
    os.environ["PGAPPNAME"] = f"worker-{number}"  # by which it is known to the server
    log = os.open(plan.folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    setup_logs(Logs(level="info", format="json"))
    machine = None
    if plan.starts_at is not None:
        machine = time_machine.travel(plan.starts_at, tick=True).start()
    asyncio.run(_run(plan, pipe, machine, number))


async def _run(plan: Plan, pipe: Connection, machine: Any, number: int) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, _show_tasks)
    channel = ChaosChannel(plan.folder, plan.seed, plan.behaviour)
    engine = Embedded if plan.engine == "embedded" else partial(Distributed, lead=plan.leads)
    app = bootstrap(plan.config(), clock=SystemClock(), channels=[channel], engine=engine)
    _be_patient(app, plan.patience)

    def obey() -> None:
        word, what = pipe.recv()
        if word == "clock":
            machine.shift(timedelta(seconds=what))
        else:
            channel.behaviour = what
        pipe.send(word)

    loop.add_reader(pipe.fileno(), obey)
    starting, stopping = asyncio.create_task(app.engine.start()), asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if starting.done():
            starting.result()
            pipe.send("started")
            await stopping
    finally:
        starting.cancel()
        await app.engine.stop()
        app.close()


def _show_tasks() -> None:
    """What everything waits for, into the log: for whoever looks why nothing ended."""
    for task in asyncio.all_tasks():
        task.print_stack(file=sys.stderr)


def _be_patient(app: App, seconds: float) -> None:
    """How long a call of the channel may hang; no option, for two minutes suit every real channel."""
    for outbox in app.outboxes:
        outbox._caller._patience = seconds
