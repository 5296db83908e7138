"""The program that gets killed while it tells the shop's people of their tasks, by a group and by a phone."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from datetime import timedelta

from followup.desk.places import Place, Service
from followup.model import Task
from followup.policy import AlertPolicy, Policy
from handlers.deps import Deps
from handlers.desk.giving import give
from scheduler.alerting import Alerting
from scheduler.clock import FakeClock
from scheduler.outbox import Outbox, recover
from store import schema
from store.store import SqlStore
from store.tx import Tx
from tests.crash.child import FileChannel
from tests.crash.shop import NOW, a_deps

MINUTES, EACH = 40, 15
TASKS = MINUTES * EACH
WAYS = GROUP, PHONE = "telegram.desk", "alerts.phone"
LONG = timedelta(days=9)


class Way(FileChannel):
    """One of the ways to them, with a file of its own."""

    def __init__(self, name: str, folder: str, clock: FakeClock) -> None:
        super().__init__(f"{folder}/{name}", clock)
        self.name = name


def told_deps() -> Deps:
    """A shop whose people are told of each task once."""
    policy = Policy("s", alerts=AlertPolicy(LONG, 1, LONG, LONG))
    return replace(a_deps(), policies={"s": policy}, places={"s": Place(GROUP, "-100")}, services=(Service(PHONE),))


def open_desk(url: str) -> None:
    """A fresh database with a few tasks for every minute."""
    store, deps = SqlStore(url), told_deps()
    schema.metadata.create_all(store.engine)

    def fill(tx: Tx) -> None:
        for n in range(TASKS):
            task = Task(f"s/task/{n}", "s", "s", "channel_gap", "words", NOW + timedelta(minutes=n // EACH))
            give(task, tx, deps)

    store.run(fill)
    store.close()


async def main(url: str, folder: str) -> None:
    """Go through all the minutes from the first on, unless killed."""
    clock, store, deps = FakeClock(NOW), SqlStore(url), told_deps()
    os.write(1, b"started\n")
    await recover(store, deps, clock)
    alerting = Alerting(store, deps, clock)
    outboxes = [Outbox(Way(name, folder, clock), store, deps, clock) for name in WAYS]
    for _ in range(2 * MINUTES):
        await alerting.run()
        for outbox in outboxes:
            await outbox.drain()
        clock.move(timedelta(minutes=1))
    store.close()
    os.write(1, b"done\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
