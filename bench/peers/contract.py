"""What every peer does: keep reminders, then tell each one when it is due. Standard library only: all import it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

Ready = Callable[[], None]


class Told:
    """The receiver: a file of its own, one line and one write for each reminder, with the moment it arrived."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def __call__(self, reminder: str) -> None:
        """Append one line."""
        os.write(self._file, f"{reminder} {time.time():.6f}\n".encode())


class Peer(Protocol):
    """One way to keep reminders, in `where`: a folder, or the address of a PostgreSQL database.

    `prepare` makes its tables. `schedule` returns once these reminders (at most `batch` at a time) would survive a
    power cut. `run` calls `ready` when it has started, tells each reminder once it is due, and goes on until it is
    killed. `listed` are the reminders that it calls uncertain itself, so that a person can look.
    """

    batch: int

    def prepare(self) -> None: ...

    def schedule(self, reminders: Sequence[str], due: float) -> None: ...

    def run(self, told: Told, ready: Ready) -> None: ...

    def listed(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A peer in the table: its module, where it keeps things, how many processes run it, how it was made durable.

    `forgets`: it keeps nothing on disk, so that one process schedules and runs. `patience`: seconds without a line
    after which a restarted run is over (those that wait for a heartbeat need longer). `schedules` so many a second at
    least, to begin with; 0 has it find out with a few first.
    """

    module: str
    title: str
    how: str
    ours: bool = False
    postgres: bool = False
    workers: int = 1
    forgets: bool = False
    patience: float = 8.0
    schedules: float = 0.0


PEERS = {
    "ours": Entry(
        "ours",
        "Huifang, SQLite",
        "embedded engine, synchronous=FULL, window of 8",
        ours=True,
        patience=5.0,
        schedules=1000.0,
    ),
    "ours-pg-1": Entry(
        "ours_postgres",
        "Huifang, PostgreSQL, 1 worker",
        "engine procrastinate, fsync on",
        ours=True,
        patience=5.0,
        postgres=True,
        schedules=500.0,
    ),
    "ours-pg-2": Entry(
        "ours_postgres",
        "Huifang, PostgreSQL, 2 workers",
        "the same, twice",
        ours=True,
        patience=5.0,
        postgres=True,
        workers=2,
        schedules=500.0,
    ),
    "apscheduler": Entry(
        "apscheduler_store",
        "APScheduler + SQLAlchemy",
        "SQLAlchemyJobStore on SQLite (its default, rollback journal and synchronous=FULL), misfire_grace_time=None",
    ),
    "ptb": Entry(
        "ptb_jobqueue",
        "python-telegram-bot JobQueue",
        "run_once; it keeps jobs in memory, and its wiki points to APScheduler's job stores for more; "
        "killed once before anything is due, for it tells all in a moment",
        forgets=True,
        schedules=5000.0,
    ),
    "procrastinate": Entry(
        "procrastinate_alone",
        "Procrastinate alone",
        "batch_defer with schedule_at, 10 jobs at once, a look every 0.5 s, stalled jobs retried by a periodic task",
        postgres=True,
        patience=45.0,
        schedules=1000.0,
    ),
    "dbos-pg": Entry(
        "dbos_queue",
        "DBOS, PostgreSQL",
        "a workflow with one step a reminder, enqueued with a delay, 100 at once; recovers by itself at launch",
        postgres=True,
    ),
    "dbos": Entry("dbos_queue", "DBOS, SQLite", "the same on SQLite, its default"),
    "huey": Entry("huey_sqlite", "Huey, SQLite", "SqliteHuey(fsync=True), task.schedule(eta=…), 2 threads"),
    "tinydb": Entry(
        "tinydb_queue",
        "TinyDB as a queue",
        "insert_multiple; a document is marked after it was told; each write whole",
        schedules=2000.0,
    ),
}
