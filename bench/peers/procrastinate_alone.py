"""Procrastinate by itself: one job a reminder, in its own table until it is due."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ProcrastinateException

from bench.peers.contract import Ready, Told

AT_ONCE = 10
LOOK = 0.5
STALLED = 5.0  # how often stalled jobs are retried; what counts as stalled is its own default, 30 s without heartbeat


class Procrastinate:
    batch = 1000

    def __init__(self, where: str) -> None:
        self._where, self._told = where, None
        self._opened: App | None = None

    def prepare(self) -> None:
        with self._tasks(App(connector=SyncPsycopgConnector(conninfo=self._where))).open() as app:
            app.schema_manager.apply_schema()

    def schedule(self, reminders: Sequence[str], due: float) -> None:
        if self._opened is None:
            self._opened = self._tasks(App(connector=SyncPsycopgConnector(conninfo=self._where)))
            self._opened.open()
        later = self._opened.configure_task("tell", schedule_at=datetime.fromtimestamp(due, UTC))
        later.batch_defer(*({"reminder": reminder} for reminder in reminders))

    def run(self, told: Told, ready: Ready) -> None:
        self._told = told  # type: ignore[assignment]
        asyncio.run(self._run(ready))

    async def _run(self, ready: Ready) -> None:
        async with self._tasks(App(connector=PsycopgConnector(conninfo=self._where))).open_async() as app:
            worker = asyncio.ensure_future(
                app.run_worker_async(
                    concurrency=AT_ONCE, fetch_job_polling_interval=LOOK, install_signal_handlers=False
                )
            )
            ready()
            while not worker.done():
                await asyncio.sleep(STALLED)
                with suppress(ProcrastinateException):
                    for job in await app.job_manager.get_stalled_jobs():
                        await app.job_manager.retry_job(job)
            await worker

    def _tasks(self, app: App) -> App:
        @app.task(name="tell")
        async def tell(reminder: str) -> None:
            assert self._told is not None
            self._told(reminder)

        return app

    def listed(self) -> list[str]:
        return []


make = Procrastinate
