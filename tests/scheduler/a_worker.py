"""A worker as a process of its own, for tests that kill it: `python -m tests.scheduler.a_worker URL FILE`.

It works for the shop of tests/crash on a channel that appends a line for each message to FILE, taking its time. While
there is a file FILE.hold no call comes back.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from followup.events import DeliveryResult, Outcome
from followup.model import Outgoing
from followup.ports import Capabilities, Clock
from scheduler.clock import PacedClock
from scheduler.distributed import Distributed
from scheduler.outbox import Outbox
from store.store import SqlStore
from tests.crash.shop import NOW, a_deps

DUE = NOW + timedelta(minutes=16)


def hold(told: Path) -> Path:
    """The file that holds the calls of a channel."""
    return told.with_name(f"{told.name}.hold")


class LineChannel:
    """Appends one line a message in one call; any process may use it. `pause` is how long a call takes after that."""

    name = "manual"
    capabilities = Capabilities(anywhere=True)

    def __init__(self, path: str, clock: Clock, pause: float = 0.0) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._clock, self._pause = clock, pause
        self._hold = hold(Path(path))

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Write the line, then take some time, so that a window is really in flight together."""
        os.write(self._file, f"{message.id}\n".encode())
        await asyncio.sleep(self._pause)
        while self._hold.exists():  # noqa: ASYNC110 - another process lets go
            await asyncio.sleep(0.05)
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now())


async def main(url: str, path: str, pause: float) -> None:
    """Work until told to stop."""
    clock, stop = PacedClock(DUE), asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    store, deps = SqlStore(url), a_deps()
    outbox = Outbox(LineChannel(path, clock, pause), store, deps, clock, batch=20)
    engine = Distributed(store, deps, clock, [outbox], concurrency=2, batch=50)
    await engine.start()
    print("leads" if engine.leads else "works", flush=True)  # noqa: T201 - the parent reads it
    await stop.wait()
    await engine.stop()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
