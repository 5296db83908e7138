"""Medians, percentiles, and differences of shares beside published figures."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures.statistics import difference, median, ninetieth, share, wilson

counts = st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def test_nothing_has_no_figure() -> None:
    """No median, no percentile and no share of nothing; a share of something may well be nought."""
    assert (None, None, None, 0.0) == (median([]), ninetieth([]), share(0, 0), share(0, 5))


@given(st.lists(st.integers(0, 10**12), min_size=1))
def test_the_median_is_that_of_the_books(values: list[int]) -> None:
    """As Python's own."""
    assert statistics.median(values) == median(values)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60))
def test_nine_of_ten_do_not_exceed_it(values: list[int]) -> None:
    """It is one of the values; at least nine in ten are no greater, and of anything smaller that is not so."""
    found = ninetieth(values)
    assert found in values
    assert 10 * sum(value <= found for value in values) >= 9 * len(values)
    assert 10 * sum(value < found for value in values) < 9 * len(values)


@pytest.mark.parametrize(
    ("first", "other", "expected"),
    [
        ((56, 70), (48, 80), (0.2000, 0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.6000, 0.1705, 0.8090)),
        ((10, 10), (0, 20), (1.0000, 0.6791, 1.0000)),
        ((0, 10), (0, 10), (0.0000, -0.2775, 0.2775)),
    ],
)
def test_the_interval_is_newcombes(
    first: tuple[int, int], other: tuple[int, int], expected: tuple[float, float, float]
) -> None:
    """The examples of Newcombe 1998, table II, method 10, to the fourth place."""
    found = difference(*first, *other)
    assert expected == (round(found.value, 4), round(found.low, 4), round(found.high, 4))


@given(counts, counts)
def test_the_interval_holds_the_difference(first: tuple[int, int], other: tuple[int, int]) -> None:
    """Whatever the counts; and it never leaves what a difference of shares can be."""
    found = difference(*first, *other)
    assert -1 - 1e-9 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1 + 1e-9
    assert found.is_sure == (found.low > 0 or found.high < 0)


@given(counts)
def test_a_share_lies_in_its_own_interval(told: tuple[int, int]) -> None:
    """Also nought and all."""
    low, high = wilson(*told)
    assert low - 1e-9 <= told[0] / told[1] <= high + 1e-9
