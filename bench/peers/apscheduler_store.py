"""APScheduler 3 with its SQLAlchemy job store on SQLite."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from bench.peers.contract import Ready, Told

_told: list[Told] = []


def tell(reminder: str) -> None:
    """The job: a function of a module, so that the store can keep its name."""
    _told[0](reminder)


class APScheduler:
    batch = 1

    def __init__(self, where: str) -> None:
        store = SQLAlchemyJobStore(url=f"sqlite:///{where}/jobs.db")
        defaults = {"misfire_grace_time": None, "coalesce": True}
        self._scheduler = BackgroundScheduler(jobstores={"default": store}, job_defaults=defaults, timezone=UTC)

    def prepare(self) -> None:
        self._scheduler.start(paused=True)

    def schedule(self, reminders: Sequence[str], due: float) -> None:
        if not self._scheduler.running:
            self._scheduler.start(paused=True)
        when = datetime.fromtimestamp(due, UTC)
        for reminder in reminders:
            self._scheduler.add_job(tell, "date", run_date=when, args=[reminder], id=reminder)

    def run(self, told: Told, ready: Ready) -> None:
        _told.append(told)
        self._scheduler.start()
        ready()
        threading.Event().wait()

    def listed(self) -> list[str]:
        return []


make = APScheduler
