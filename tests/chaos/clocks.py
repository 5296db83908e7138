"""A clock that jumps while the program runs: hours and days, forwards and back, and over the changes of summer time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from followup.model import Instant
from tests.chaos.scenario import Run
from tests.chaos.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = (HOUR, 3 * HOUR, -2 * HOUR, DAY, -DAY, 2 * DAY, -3 * HOUR, 30 * DAY, -DAY / 2, 3 * DAY)
CHANGES = {
    "spring in New York": ("America/New_York", datetime(2026, 3, 8, 6, 40, tzinfo=UTC), ("02:15", "03:30")),
    "autumn in New York": ("America/New_York", datetime(2026, 11, 1, 4, 50, tzinfo=UTC), ("01:10", "01:50")),
    "spring in Madrid": ("Europe/Madrid", datetime(2026, 3, 29, 0, 40, tzinfo=UTC), ("02:15", "03:30")),
    "autumn in Madrid": ("Europe/Madrid", datetime(2026, 10, 24, 23, 50, tzinfo=UTC), ("02:10", "02:50")),
}
STEP = timedelta(minutes=7)


def clock_jumps(run: Run) -> None:
    """the clock jumps hours and days, forwards and back, while orders come in and reminders fall due"""
    begins = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    world = run.world(starts_at=begins.timestamp())
    program = run.program(world)
    program.start()
    took = []
    for jump in JUMPS[:4] if run.short else JUMPS:
        world.drop(run.chance.randint(10, 30))
        world.say(f"c{run.chance.randint(0, 4)}", count=3)
        took.append(round(world.settle(), 1))
        world.drop(run.chance.randint(10, 30), at=world.now() - timedelta(minutes=10), aged=jump >= DAY)
        world.turn(program, jump)
        run.faults += 1
    took.append(round(world.settle(), 1))
    world.turn(program, 60 * DAY)
    took.append(round(world.settle(), 1))
    run.figures["seconds until all is done after each jump"] = took
    run.must(program.stop() == 0, "the program did not end in peace")
    run.prove(world)


def clock_dst(run: Run) -> None:
    """summer time begins and ends while the program runs, with quiet hours that lie in the very hour of the change"""
    for name, (zone, begins, hours) in list(CHANGES.items())[: 2 if run.short else 4]:
        world = run.world(name.replace(" ", "-"), starts_at=begins.timestamp(), zone=zone, hours=hours)
        program = run.program(world)
        program.start()
        for _ in range(6 if run.short else 30):
            world.drop(2)
            world.turn(program, STEP * (5 if run.short else 1))
            run.faults += 1
        for _ in range(3):
            world.turn(program, _until(world.now(), zone, hours[0]))
            world.settle()
        run.must(program.stop() == 0, "the program did not end in peace")
        run.broken += [f"quiet hours: {sentence}" for sentence in impolite(world, zone, hours)]
        told = sorted(one.at for one in world.told())
        run.must(told, f"{name}: nobody was told anything")
        run.figures[name] = f"{len(told)} told, {len({_local(at, zone).date() for at in told})} days"
        run.prove(world)


def _until(now: Instant, zone: str, opens: str) -> timedelta:
    """How long until shortly after the next time at which words may go."""
    there = _local(now, zone)
    day = there.date() + timedelta(days=there.time() > time.fromisoformat(opens))
    opening = datetime.combine(day, time.fromisoformat(opens), ZoneInfo(zone))
    return opening.astimezone(UTC) - now + timedelta(minutes=5)


def impolite(world: World, zone: str, hours: tuple[str, str]) -> list[str]:
    """What was told in quiet hours, by the clock on the buyer's wall, or too soon after the last."""
    opens, closes = map(time.fromisoformat, hours)
    wrong, by_chat = [], dict[str, list[Instant]]()
    for one in world.told():
        if not opens <= _local(one.at, zone).time() < closes:
            wrong.append(f"{one.id} was told at {_local(one.at, zone)}, not between {opens} and {closes}")
        by_chat.setdefault(one.chat, []).append(one.at)
    for chat, times in by_chat.items():
        wrong += [f"{chat} was told two within a day" for a, b in pairwise(sorted(times)) if b - a < DAY - HOUR]
    return wrong


def _local(at: Instant, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))
