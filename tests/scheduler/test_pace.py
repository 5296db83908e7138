"""The pace of a channel: its rate and its flood deadline."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.pace import Pace
from tests.scheduler.shop import HOUR, MINUTE, NOON

SECOND = timedelta(seconds=1)


def test_no_rate_is_no_limit() -> None:
    """Without a rate everything may go at once."""
    pace = Pace(0)
    pace.spent(NOON, 10_000)
    assert (pace.allowed(NOON, 500), pace.next_free(NOON)) == (500, NOON)


def test_a_second_holds_as_many_as_the_rate() -> None:
    """Five a second: five at once, then one every fifth of a second."""
    pace = Pace(5)
    assert pace.allowed(NOON, 8) == 5
    pace.spent(NOON, 5)
    assert pace.allowed(NOON, 8) == 0
    assert pace.next_free(NOON) == NOON + SECOND / 5
    assert pace.allowed(NOON + SECOND / 5, 8) == 1
    assert pace.allowed(NOON + HOUR, 8) == 5


def test_a_slow_channel_sends_its_first_message_at_once() -> None:
    """One in three seconds: the first now, the second three seconds later, never two together."""
    pace = Pace(1 / 3)
    assert pace.allowed(NOON, 8) == 1
    pace.spent(NOON, 1)
    assert pace.next_free(NOON) == NOON + 3 * SECOND
    assert pace.allowed(NOON + 2.9 * SECOND, 8) == 0
    assert pace.allowed(NOON + 3 * SECOND, 8) == 1
    assert pace.allowed(NOON + HOUR, 8) == 1


def test_a_pause_holds_everything_back_until_it_is_over() -> None:
    """Nothing may go before the flood deadline, and all of it from then on."""
    pace = Pace(0)
    pace.pause_until(NOON + MINUTE)
    assert (pace.allowed(NOON, 8), pace.next_free(NOON)) == (0, NOON + MINUTE)
    assert pace.allowed(NOON + MINUTE, 8) == 8


def test_the_latest_deadline_counts() -> None:
    """A shorter pause does not cut a longer one short."""
    pace = Pace(0)
    pace.pause_until(NOON + HOUR)
    pace.pause_until(NOON + MINUTE)
    assert pace.next_free(NOON) == NOON + HOUR


def test_a_clock_set_back_does_not_hold_up_the_channel() -> None:
    """An hour back is not an hour of silence."""
    pace = Pace(2)
    pace.spent(NOON, 2)
    assert pace.next_free(NOON - HOUR) <= NOON - HOUR + SECOND
    assert pace.allowed(NOON - HOUR + SECOND, 8) == 2


@given(st.floats(0.05, 200), st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(1, 20)), max_size=60))
def test_the_rate_is_kept_over_any_stretch(per_second: float, visits: list[tuple[int, int]]) -> None:
    """In no stretch of time go more than a full bucket and what the rate adds meanwhile."""
    pace, now, went = Pace(per_second), NOON, []
    for pause, most in visits:
        now += timedelta(microseconds=pause)
        count = pace.allowed(now, most)
        pace.spent(now, count)
        went.append((now, count))
    for at, (begin, _) in enumerate(went):
        total = 0
        for end, count in went[at:]:
            total += count
            assert total <= max(1, per_second) + 1.001 * per_second * (end - begin).total_seconds() + 1e-6


@given(st.floats(0.05, 200), st.integers(1, 300))
def test_what_is_announced_as_free_is_free(per_second: float, count: int) -> None:
    """At the instant that `next_free` names a message may go, so nobody wakes in vain."""
    pace, now = Pace(per_second), NOON
    for _ in range(count):
        now = pace.next_free(now)
        assert pace.allowed(now, 1) == 1
        pace.spent(now, 1)
