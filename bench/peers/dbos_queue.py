"""DBOS: a durable workflow for each reminder, enqueued with a delay."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from dbos import DBOS, DBOSClient, DBOSConfig

from bench.peers.contract import Ready, Told

AT_ONCE = 100
QUEUE = "reminders"
_told: list[Told] = []


@DBOS.step()
def tell(reminder: str) -> None:
    """What touches the outside is a step."""
    _told[0](reminder)


@DBOS.workflow()
def remind(reminder: str) -> None:
    """One reminder."""
    tell(reminder)


class Dbos:
    batch = 1

    def __init__(self, where: str) -> None:
        self._url = where if "://" in where else f"sqlite:///{where}/dbos.db"
        self._client: DBOSClient | None = None

    def prepare(self) -> None:
        self._launch()
        DBOS.destroy()

    def schedule(self, reminders: Sequence[str], due: float) -> None:
        if self._client is None:
            self._client = DBOSClient(system_database_url=self._url)
        for reminder in reminders:
            delay = max(0.0, due - time.time())
            self._client.enqueue(
                {"queue_name": QUEUE, "workflow_name": "remind", "workflow_id": reminder, "delay_seconds": delay},
                reminder,
            )

    def run(self, told: Told, ready: Ready) -> None:
        _told.append(told)
        self._launch()
        ready()
        threading.Event().wait()

    def _launch(self) -> None:
        config: DBOSConfig = {"name": "peers", "system_database_url": self._url, "log_level": "ERROR"}
        DBOS(config=config)
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=0.1)

    def listed(self) -> list[str]:
        return []


make = Dbos
