"""A machine whose clock is set back goes on with its regular work at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler import turned_back
from scheduler.jobs import daily, every
from scheduler.turned_back import mind, onward, plan_anew

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def scheduler() -> AsyncIterator[AsyncIOScheduler]:
    """A running scheduler that begins nothing by itself."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.start(paused=True)
    scheduler.add_job(lambda: None, every(5), id="look", next_run_time=NOON + 24 * HOUR)
    scheduler.add_job(lambda: None, daily(9, 0, "Asia/Shanghai"), id="digest", next_run_time=NOON + 24 * HOUR)
    yield scheduler
    scheduler.shutdown(wait=False)


def when(scheduler: AsyncIOScheduler) -> dict[str, datetime]:
    """When each job is planned."""
    return {job.id: job.next_run_time for job in scheduler.get_jobs()}


async def test_regular_work_goes_on_at_once(scheduler: AsyncIOScheduler) -> None:
    """What runs every few seconds runs now, what runs daily at its next time: nothing waits for the old time."""
    plan_anew(scheduler, NOON)
    assert {"look": NOON, "digest": datetime(2026, 3, 3, 1, 0, tzinfo=UTC)} == when(scheduler)


async def test_a_clock_that_goes_back_is_noticed(scheduler: AsyncIOScheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    """Going forwards, or back by a moment, changes nothing; going back by an hour does, however it got there."""
    monkeypatch.setattr(turned_back, "LOOK", 0.001)
    before, readings = when(scheduler), list[dict[str, datetime]]()

    def now() -> datetime:
        steps = (NOON + 25 * HOUR, NOON + 24 * HOUR, NOON + 24 * HOUR - timedelta(seconds=6), NOON + 23 * HOUR)
        readings.append(when(scheduler))
        return steps[min(len(readings), len(steps)) - 1]

    minding = asyncio.create_task(mind(scheduler, now))
    async with asyncio.timeout(20):
        while when(scheduler) == before:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
    minding.cancel()
    assert [before] * 4 == readings[:4]
    assert NOON + 23 * HOUR == when(scheduler)["look"]


def test_what_was_missed_is_not_listed() -> None:
    """After a month in which the machine slept, the next time is now, not each of half a million before it."""
    trigger = onward(every(5))
    assert NOON == trigger.get_next_fire_time(NOON - 30 * 24 * HOUR, NOON)
    assert NOON + timedelta(seconds=5) == trigger.get_next_fire_time(NOON, NOON)


def test_what_runs_at_a_time_of_the_day_is_left_as_it_is() -> None:
    """A daily job misses nothing that is worth listing."""
    trigger = daily(9, 0, "Asia/Shanghai")
    assert trigger is onward(trigger)
