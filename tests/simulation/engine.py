"""The real engine, which the schedule wakes: no timer of APScheduler runs, and nobody listens by himself."""

from __future__ import annotations

from scheduler.embedded import Embedded
from scheduler.evidence import Fetching
from scheduler.jobs import Job
from scheduler.listening import Listening


class _Hearing(Listening):
    """Catches up and says farewell as ever; in between, the schedule has it work off what was taken."""

    def begin(self) -> None:
        """Not by itself."""


class DrivenEngine(Embedded):
    """Starts, pumps and stops as the program does. `wake` and `run` stand for its timers."""

    async def start(self) -> None:
        """As ever, short of the timers."""
        self._listening = _Hearing(self._listening._inboxes)
        await super().start()
        for fetching in self._services:
            if isinstance(fetching, Fetching):
                await fetching.stop()  # its look every two seconds, which would keep time going; it is called by hand

    async def wake(self) -> None:
        """As at a due time."""
        await self._wake()

    async def run(self, name: str) -> None:
        """Run the jobs whose names begin so, as at their time."""
        for job in self._jobs:
            if job.name.startswith(name):
                await self._run(job)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The regular jobs."""
        return tuple(self._jobs)

    def _begin_jobs(self) -> None:
        """None begins by itself."""
