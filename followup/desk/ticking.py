"""One clock as it runs: begun, paused, moved and ended. Times only; what begins and ends it stands in `clocks`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from followup.desk.deadlines import ClockState, Deadline, Due
from followup.model import EPOCH, Instant, Thread

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Want:
    """A clock that a thread should have. It stands still while it is `paused`; one that is `afresh` begins now, and
    whatever ran before was met. One that `follows` facts is moved with them."""

    start: Instant
    risk_at: Instant
    due_at: Instant
    paused: bool = False
    afresh: bool = False
    follows: bool = False


def as_it_runs(clock: Deadline, paused: bool = False) -> Want:
    """Nothing about a clock changes but whether it stands still."""
    return Want(clock.started_at, clock.risk_at, clock.due_at, paused)


def compared(thread: Thread, due: Due, clock: Deadline | None, want: Want | None, now: Instant) -> list[Deadline]:
    """What has to be kept so that the open clock of a thread is the wanted one; `over` ends one that nobody wants."""
    if want is None:
        return []
    if clock is None:
        return [begun(thread, due, want, now)]
    if clock.started_at == want.start:
        changed = _changed(clock, want, now)
        return [changed] if changed != clock else []
    if want.afresh or want.follows:
        return [over(clock, ClockState.MET, now), begun(thread, due, want, now)]
    return []


def begun(thread: Thread, due: Due, want: Want, now: Instant) -> Deadline:
    """A new clock."""
    id_ = f"{thread.id}/{due}@{(want.start - EPOCH) // MICROSECOND}"
    clock = Deadline(id_, thread.id, thread.shop, due, want.start, want.risk_at, want.due_at, want.risk_at)
    return _paused(clock, now) if want.paused else clock


def over(clock: Deadline, outcome: ClockState, now: Instant) -> Deadline:
    """The end of a clock; after its time it is BREACHED, whatever ended it, as is what was not met by then."""
    is_up = now > clock.due_at if outcome is ClockState.MET else now >= clock.due_at
    if clock.breached_at is None and not (is_up and clock.state is ClockState.RUNNING):
        return replace(clock, state=outcome, next_at=None, closed_at=now)
    late = clock.breached_at or clock.due_at
    return replace(clock, state=ClockState.BREACHED, next_at=None, breached_at=late, closed_at=now)


def breached(clock: Deadline) -> Deadline:
    """A clock whose time is over: it stays open until it is met, and nobody has to look at it any more."""
    return replace(clock, breached_at=clock.due_at, next_at=None)


def key_of(clock: Deadline) -> str:
    """What tells a clock from the others of its thread."""
    return clock.id.removeprefix(f"{clock.thread}/")


def was_told(clock: Deadline) -> bool:
    """Whether people heard that it is at risk, or more."""
    return clock.state is ClockState.RUNNING and clock.next_at != clock.risk_at


def _changed(clock: Deadline, want: Want, now: Instant) -> Deadline:
    if want.due_at != clock.due_at and (want.follows or want.afresh):
        return replace(clock, risk_at=want.risk_at, due_at=want.due_at, next_at=want.risk_at, breached_at=None)
    if clock.breached_at is not None:
        return clock
    is_paused = clock.state is ClockState.PAUSED
    if want.paused and not is_paused:
        return _paused(clock, now)
    return _resumed(clock, now) if is_paused and not want.paused else clock


def _paused(clock: Deadline, now: Instant) -> Deadline:
    left = max(timedelta(), clock.due_at - max(now, clock.started_at)) // MICROSECOND
    return replace(clock, state=ClockState.PAUSED, left=left, next_at=None)


def _resumed(clock: Deadline, now: Instant) -> Deadline:
    """It goes on with the time that was left; it is at risk as long before its end as it would have been."""
    due = now + clock.remaining
    risk = max(now, due - (clock.due_at - clock.risk_at))
    return replace(clock, state=ClockState.RUNNING, left=0, risk_at=risk, due_at=due, next_at=risk)
