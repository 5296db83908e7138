"""One clock: it begins, stands still, goes on, is moved, ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.desk.deadlines import ClockState, Deadline, Due
from followup.desk.ticking import Want, as_it_runs, begun, breached, compared, key_of, over, was_told
from tests.followup.makers import NOON, a_case, hours

THREAD = a_case("stuck_parcel").thread
WANT = Want(NOON, NOON + hours(8), NOON + hours(10))
CLOCK = begun(THREAD, Due.LOGISTICS, WANT, NOON)


def compare(clock: Deadline | None, want: Want | None, later: float = 0) -> list[Deadline]:
    return compared(THREAD, Due.LOGISTICS, clock, want, NOON + hours(later))


class TestBegins:
    def test_with_a_name_of_its_own(self) -> None:
        """Its thread, what it is for, and since when: it is looked at first when it is at risk."""
        assert f"{THREAD.id}/logistics@{int(NOON.timestamp() * 1_000_000)}" == CLOCK.id
        assert (CLOCK.risk_at, ClockState.RUNNING) == (CLOCK.next_at, CLOCK.state)
        assert CLOCK.id == f"{THREAD.id}/{key_of(CLOCK)}"

    def test_once(self) -> None:
        """One that runs as it should is left alone."""
        assert [CLOCK] == compare(None, WANT)
        assert [] == compare(CLOCK, WANT, later=5)

    def test_standing_still(self) -> None:
        """It keeps all its time, and nobody looks at it."""
        (clock,) = compare(None, replace(WANT, paused=True))
        assert (ClockState.PAUSED, hours(10), None) == (clock.state, clock.remaining, clock.next_at)


class TestPauses:
    def test_keeps_what_is_left(self) -> None:
        """Four hours gone, six left; two days later it has six hours again, and is at risk two before the end."""
        (paused,) = compare(CLOCK, as_it_runs(CLOCK, paused=True), later=4)
        assert (hours(6), None) == (paused.remaining, paused.next_at)
        (resumed,) = compare(paused, as_it_runs(paused), later=52)
        assert (NOON + hours(58), NOON + hours(56), NOON + hours(56)) == (
            resumed.due_at,
            resumed.risk_at,
            resumed.next_at,
        )

    def test_at_risk_at_once_where_little_is_left(self) -> None:
        """An hour was left: it is at risk as soon as it goes on."""
        (paused,) = compare(CLOCK, as_it_runs(CLOCK, paused=True), later=9)
        (resumed,) = compare(paused, as_it_runs(paused), later=20)
        assert (NOON + hours(20), NOON + hours(21)) == (resumed.risk_at, resumed.due_at)

    def test_not_once_it_is_breached(self) -> None:
        """What is late stays late, whoever has to act next."""
        assert [] == compare(breached(CLOCK), as_it_runs(CLOCK, paused=True), later=12)

    @given(st.lists(st.floats(0.01, 3), max_size=12))
    def test_only_running_time_counts(self, spans: list[float]) -> None:
        """However often it pauses, what is left is the whole length without the time that it ran."""
        clock, now, ran = CLOCK, 0.0, 0.0
        for number, span in enumerate(spans):
            is_running = number % 2 == 0
            now, ran = now + span, ran + (span if is_running else 0)
            if is_running and ran >= 10:
                return
            (clock,) = compare(clock, as_it_runs(clock, paused=is_running), later=now)
        left = clock.remaining if clock.is_paused else clock.due_at - (NOON + hours(now))
        assert abs(left - (hours(10) - hours(ran))) < hours(0.001)


class TestMoves:
    def test_with_the_facts(self) -> None:
        """The platform gives more time: it is looked at anew, and not late any more."""
        later = Want(NOON, NOON + hours(20), NOON + hours(24), follows=True)
        (moved,) = compare(breached(CLOCK), later, later=12)
        assert (NOON + hours(24), NOON + hours(20), None) == (moved.due_at, moved.next_at, moved.breached_at)
        assert CLOCK.id == moved.id

    @pytest.mark.parametrize("how", ["afresh", "follows"])
    def test_to_another_matter(self, how: str) -> None:
        """What it was for is done; the next one begins."""
        after = replace(WANT, start=NOON + hours(2), **{how: True})
        first, second = compare(CLOCK, after, later=2)
        assert (ClockState.MET, NOON + hours(2)) == (first.state, first.closed_at)
        assert (ClockState.RUNNING, NOON + hours(2)) == (second.state, second.started_at)

    def test_not_by_a_later_start_alone(self) -> None:
        """Who waits since noon waits since noon."""
        assert [] == compare(CLOCK, replace(WANT, start=NOON + hours(2)), later=2)


class TestEnds:
    @pytest.mark.parametrize(("outcome", "at"), [(ClockState.MET, 10), (ClockState.DROPPED, 9)])
    def test_in_time(self, outcome: ClockState, at: int) -> None:
        """At its last moment it may still be met."""
        ended = over(CLOCK, outcome, NOON + hours(at))
        assert (outcome, None, None) == (ended.state, ended.next_at, ended.breached_at)

    def test_not_met_when_its_time_is_up(self) -> None:
        """What ends just then without having been met was late."""
        assert ClockState.BREACHED is over(CLOCK, ClockState.DROPPED, NOON + hours(10)).state

    @pytest.mark.parametrize("outcome", [ClockState.MET, ClockState.DROPPED])
    @pytest.mark.parametrize("clock", [CLOCK, breached(CLOCK)])
    def test_too_late_is_breached(self, clock: Deadline, outcome: ClockState) -> None:
        """Met after its time is not met, whether anybody looked at it meanwhile or not."""
        ended = over(clock, outcome, NOON + hours(11))
        assert (ClockState.BREACHED, CLOCK.due_at, NOON + hours(11)) == (
            ended.state,
            ended.breached_at,
            ended.closed_at,
        )

    def test_one_that_stood_still_is_not_late(self) -> None:
        """Its time did not pass."""
        (paused,) = compare(CLOCK, as_it_runs(CLOCK, paused=True), later=4)
        assert ClockState.MET is over(paused, ClockState.MET, NOON + hours(90)).state

    def test_a_breached_one_stays_open(self) -> None:
        """Nobody has to look at it again, but it waits to be met."""
        late = breached(CLOCK)
        assert (ClockState.RUNNING, CLOCK.due_at, None) == (late.state, late.breached_at, late.next_at)


def test_what_people_heard_of() -> None:
    """Not of one that waits to be at risk, nor of one that stands still."""
    told = replace(CLOCK, next_at=CLOCK.due_at)
    (paused,) = compare(CLOCK, as_it_runs(CLOCK, paused=True), later=4)
    assert [False, True, True, False] == [was_told(each) for each in (CLOCK, told, breached(CLOCK), paused)]


def test_late_and_at_risk() -> None:
    """As people see it, from the times alone."""
    seen = [(CLOCK.is_at_risk(NOON + hours(at)), CLOCK.is_late(NOON + hours(at))) for at in (7, 8, 10)]
    assert [(False, False), (True, False), (True, True)] == seen
