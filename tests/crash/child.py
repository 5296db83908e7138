"""The program that gets killed: fires and sends everything due through a channel that appends to a file."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta

from followup.events import DeliveryResult, Outcome
from followup.model import Outgoing
from followup.ports import Capabilities
from scheduler.clock import FakeClock
from scheduler.outbox import Outbox, recover
from scheduler.reminders import fire_all_due
from store.store import SqlStore
from tests.crash.shop import NOW, a_deps


class FileChannel:
    """Appends one line a message, and tells the parent of each."""

    name = "manual"
    capabilities = Capabilities()

    def __init__(self, path: str, clock: FakeClock) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._clock = clock

    async def send(self, message: Outgoing) -> DeliveryResult:
        """Write the line in one call, then give the loop a turn, so that a window is really in flight together."""
        os.write(self._file, f"{message.id}\n".encode())
        os.write(1, b"sent\n")
        await asyncio.sleep(0)
        return DeliveryResult(message.id, Outcome.ACCEPTED, self._clock.now())


async def main(url: str, path: str) -> None:
    """Run to the end, unless killed."""
    clock = FakeClock(NOW + timedelta(minutes=16))
    store, deps = SqlStore(url), a_deps()
    os.write(1, b"started\n")
    await recover(store, deps, clock)
    outbox = Outbox(FileChannel(path, clock), store, deps, clock)
    while await fire_all_due(store, deps, clock, batch=37) + await outbox.drain():
        pass
    store.close()
    os.write(1, b"done\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
