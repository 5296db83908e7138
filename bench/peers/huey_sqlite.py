"""Huey on SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from huey import SqliteHuey

from bench.peers.contract import Ready, Told

THREADS = 2
_told: list[Told] = []


class Huey:
    batch = 1

    def __init__(self, where: str) -> None:
        self._huey = SqliteHuey(filename=f"{where}/huey.db", fsync=True, utc=True, results=False)
        self._tell = self._huey.task()(tell)

    def prepare(self) -> None:
        """It makes its tables by itself."""

    def schedule(self, reminders: Sequence[str], due: float) -> None:
        when = datetime.fromtimestamp(due, UTC)
        for reminder in reminders:
            self._tell.schedule((reminder,), eta=when)

    def run(self, told: Told, ready: Ready) -> None:
        _told.append(told)
        consumer = self._huey.create_consumer(workers=THREADS, periodic=False, max_delay=0.1)
        ready()
        consumer.run()

    def listed(self) -> list[str]:
        return []


def tell(reminder: str) -> None:
    """The task."""
    _told[0](reminder)


make = Huey
