"""Clocks: the machine's, the one turned by hand, and the one that jumps."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from scheduler.clock import FakeClock, JumpingClock, SystemClock
from tests.scheduler.shop import HOUR, MINUTE, NOON


async def test_the_system_clock_tells_aware_utc_and_does_not_wait_for_the_past() -> None:
    """The time is aware UTC, and sleeping until a past instant returns at once."""
    clock = SystemClock()
    before = datetime.now(UTC)
    await asyncio.wait_for(clock.sleep_until(before - HOUR), 1)
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
    await asyncio.wait_for(asyncio.gather(first, second), 1)


async def test_a_cancelled_sleeper_disturbs_nobody() -> None:
    """Moving past the time of a cancelled sleeper wakes the others."""
    clock = FakeClock(NOON)
    given_up = asyncio.create_task(clock.sleep_until(NOON + MINUTE))
    waiting = asyncio.create_task(clock.sleep_until(NOON + MINUTE))
    await asyncio.sleep(0)
    given_up.cancel()
    clock.move(MINUTE)
    await asyncio.wait_for(waiting, 1)


async def test_a_jumping_clock_is_there_at_once() -> None:
    """Sleeping for weeks takes no time, and never goes back."""
    clock = JumpingClock(NOON)
    await clock.sleep_until(NOON + timedelta(weeks=3))
    await clock.sleep_until(NOON)
    assert clock.now() == NOON + timedelta(weeks=3)
