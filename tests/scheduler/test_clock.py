"""Clocks: the machine's, the one turned by hand, and the one that jumps."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from scheduler.clock import FakeClock, JumpingClock, PacedClock, SystemClock
from tests.scheduler.shop import HOUR, MINUTE, NOON


async def test_the_system_clock_tells_aware_utc_and_does_not_wait_for_the_past() -> None:
    """The time is aware UTC, and sleeping until a past instant returns at once."""
    clock = SystemClock()
    before = datetime.now(UTC)
    await asyncio.wait_for(clock.sleep_until(before - HOUR), 20)
    assert clock.now().tzinfo is UTC
    assert before <= clock.now() <= before + MINUTE


async def test_a_fake_clock_wakes_sleepers_in_the_order_of_their_times() -> None:
    """Whoever is due first wakes first, however late the clock was moved."""
    clock, woken = FakeClock(NOON), []

    async def sleep(minutes: int) -> None:
        await clock.sleep_until(NOON + minutes * MINUTE)
        woken.append(minutes)

    sleepers = [asyncio.create_task(sleep(minutes)) for minutes in (30, 10, 20, 40)]
    await asyncio.sleep(0)
    clock.move(30 * MINUTE)
    await asyncio.sleep(0)
    assert woken == [10, 20, 30]
    clock.move(10 * MINUTE)
    await asyncio.gather(*sleepers)
    assert woken == [10, 20, 30, 40]


async def test_sleepers_until_the_same_instant_all_wake() -> None:
    """Two may wait for one instant, also when others were woken in between."""
    clock = FakeClock(NOON)
    early = asyncio.create_task(clock.sleep_until(NOON + MINUTE))
    first = asyncio.create_task(clock.sleep_until(NOON + HOUR))
    await asyncio.sleep(0)
    clock.move(MINUTE)
    await early
    second = asyncio.create_task(clock.sleep_until(NOON + HOUR))
    await asyncio.sleep(0)
    clock.move(HOUR)
    await asyncio.wait_for(asyncio.gather(first, second), 20)


async def test_a_cancelled_sleeper_disturbs_nobody() -> None:
    """Moving past the time of a cancelled sleeper wakes the others."""
    clock = FakeClock(NOON)
    given_up = asyncio.create_task(clock.sleep_until(NOON + MINUTE))
    waiting = asyncio.create_task(clock.sleep_until(NOON + MINUTE))
    await asyncio.sleep(0)
    given_up.cancel()
    clock.move(MINUTE)
    await asyncio.wait_for(waiting, 20)


async def test_a_jumping_clock_is_there_at_once() -> None:
    """Sleeping for weeks takes no time, and never goes back."""
    clock = JumpingClock(NOON)
    await clock.sleep_until(NOON + timedelta(weeks=3))
    await clock.sleep_until(NOON)
    assert clock.now() == NOON + timedelta(weeks=3)


class Ticks:
    """The machine's seconds, turned by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_paced_clock_runs_as_fast_as_it_is_told() -> None:
    """It begins where it is set, runs sixty times as fast, stands at 0, and goes on from where it stood."""
    ticks = Ticks()
    clock = PacedClock(NOON, 60, ticks)
    ticks.seconds = 10
    assert NOON + 10 * MINUTE == clock.now()
    clock.run(0)
    ticks.seconds = 99
    assert (0, NOON + 10 * MINUTE) == (clock.speed, clock.now())
    clock.run(1)
    ticks.seconds = 100
    assert NOON + 10 * MINUTE + timedelta(seconds=1) == clock.now()


def test_a_paced_clock_never_goes_back() -> None:
    """It jumps forwards, and a jump into its past leaves it where it is."""
    clock = PacedClock(NOON, 0)
    clock.jump_to(NOON + HOUR)
    clock.jump_to(NOON)
    assert NOON + HOUR == clock.now()


async def test_who_sleeps_by_a_paced_clock_wakes_however_it_gets_there() -> None:
    """By running, by a jump, and after standing still; nobody wakes before his time."""
    clock, woken = PacedClock(NOON, 0), []

    async def sleep(minutes: int) -> None:
        await clock.sleep_until(NOON + minutes * MINUTE)
        woken.append((minutes, clock.now() >= NOON + minutes * MINUTE))

    sleepers = [asyncio.create_task(sleep(minutes)) for minutes in (5, 30)]
    await asyncio.sleep(0)
    clock.jump_to(NOON + 10 * MINUTE)
    await asyncio.wait_for(sleepers[0], 20)
    assert [(5, True)] == woken
    clock.run(20 * 60 * 1000)
    await asyncio.wait_for(sleepers[1], 20)
    assert [(5, True), (30, True)] == woken
