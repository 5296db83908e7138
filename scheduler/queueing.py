"""Procrastinate on our own database: what is due now is put there, and any worker takes it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition, Job, Status
from psycopg_pool import PoolTimeout
from sqlalchemy import Engine

from store.engine import DatabaseError
from store.leading import address

log = structlog.get_logger(__name__)
QUEUE = "huifang"
HEARTBEAT, STALLED = 2.0, 10.0
"""Seconds between two signs of life of a worker, and after which what it was at is somebody else's."""
PATIENCE = 3.0
AFTER_TROUBLE = 1.0
_CONNECTION = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
Task = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Work:
    """Something to be done now by one worker. `key` waits once at a time; with `alone` it is not done twice at once
    either. What has more `rank` comes later."""

    task: str
    key: str
    args: Mapping[str, Any] = field(default_factory=dict)
    rank: int = 0
    alone: bool = False

    def job(self) -> Job:
        """As Procrastinate has it."""
        lock = self.key if self.alone else None
        return Job(
            queue=QUEUE,
            task_name=self.task,
            task_kwargs=dict(self.args),
            priority=-self.rank,
            lock=lock,
            queueing_lock=self.key,
        )


class Queue:
    """What waits for a worker, and the worker of this process, which does `concurrency` things at once."""

    def __init__(self, engine: Engine, tasks: Mapping[str, Task], concurrency: int) -> None:
        logging.getLogger("procrastinate").setLevel(logging.WARNING)
        connector = PsycopgConnector(
            conninfo=address(engine), min_size=1, max_size=max(2, concurrency), timeout=10, kwargs=_CONNECTION
        )
        self._app, self._concurrency = App(connector=connector), concurrency
        for name, task in tasks.items():
            self._app.task(name=name, queue=QUEUE)(task)
        self._working: asyncio.Task[None] | None = None
        self._ending = False

    async def open(self) -> None:
        """Connect. Raises DatabaseError."""
        try:
            await self._app.open_async()
        except (ConnectorException, PoolTimeout) as error:
            raise DatabaseError("database: there is no connection left for the jobs: see max_connections") from error

    async def close(self) -> None:
        """Let the connections go."""
        await self._app.close_async()

    async def waiting(self) -> set[str]:
        """The keys of what waits for a worker."""
        jobs = await self._app.job_manager.list_jobs_async(queue=QUEUE, status=Status.TODO.value)
        return {job.queueing_lock for job in jobs if job.queueing_lock}

    async def put(self, work: Sequence[Work]) -> None:
        """Have it done by whichever worker is free; what waits already is left as it is."""
        with suppress(AlreadyEnqueued):
            if work:
                await self._app.job_manager.batch_defer_jobs_async([each.job() for each in work])

    async def free_stalled(self) -> int:
        """Give back what workers were at that show no life any more; returns how many jobs that were."""
        manager = self._app.job_manager
        await manager.prune_stalled_workers(STALLED)
        stalled = list(await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED))
        for job in stalled:
            try:
                await manager.retry_job(job)
            except UniqueViolation:  # the same waits again already
                await manager.finish_job(job, Status.FAILED, delete_job=True)
        return len(stalled)

    def begin(self) -> None:
        """Work from now on, whatever becomes of the database meanwhile."""
        self._working = asyncio.create_task(self._work(), name="worker")

    async def end(self) -> None:
        """Take nothing new, and finish what is at hand within a few seconds."""
        self._ending = True
        if self._working is not None:
            self._working.cancel()
            await asyncio.wait({self._working}, timeout=3 * PATIENCE)
            self._working = None

    async def _work(self) -> None:
        while not self._ending:  # a cancellation may be lost in Procrastinate, which then raises something else
            try:
                await self._app.run_worker_async(
                    queues=[QUEUE],
                    name="huifang",
                    concurrency=self._concurrency,
                    fetch_job_polling_interval=1.0,
                    abort_job_polling_interval=60.0,
                    shutdown_graceful_timeout=PATIENCE,
                    delete_jobs=DeleteJobCondition.ALWAYS,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=STALLED,
                )
            except ConnectorException as error:
                log.warning("worker_without_database", error=type(error.__cause__ or error).__name__)
            except Exception as error:
                log.exception("worker_failed", error=type(error).__name__)
            await asyncio.sleep(AFTER_TROUBLE)
