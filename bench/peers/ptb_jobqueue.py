"""python-telegram-bot's JobQueue: APScheduler in memory, in the loop of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from telegram.ext import Application, ContextTypes

from bench.peers.contract import Ready, Told


class JobQueue:
    batch = 1

    def __init__(self, _where: str) -> None:
        self._application: Any = Application.builder().token("1:none").build()
        self._told: Told | None = None

    def prepare(self) -> None:
        """Nothing is kept."""

    def schedule(self, reminders: Sequence[str], due: float) -> None:
        when = datetime.fromtimestamp(due, UTC)
        for reminder in reminders:
            self._application.job_queue.run_once(
                self._tell, when, data=reminder, job_kwargs={"misfire_grace_time": None}
            )

    async def _tell(self, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert self._told is not None
        assert context.job is not None
        self._told(str(context.job.data))

    def run(self, told: Told, ready: Ready) -> None:
        self._told = told
        asyncio.run(self._run(ready))

    async def _run(self, ready: Ready) -> None:
        await self._application.job_queue.start()
        ready()
        await asyncio.Event().wait()

    def listed(self) -> list[str]:
        return []


make = JobQueue
