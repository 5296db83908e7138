"""Some hundreds of the shops that `python -m bench seeds` makes up by the ten thousand (docs/seeds.md)."""

from __future__ import annotations

import pytest

from bench.seeds import PORTION, lived
from tests.simulation.run import run

SEEDS = range(240)
FOUND = {
    141: "a file too large, sent about no order, was told about with words that wanted an order's number",
    3757: "answers that were written at the last look were taken for lost: the schedule's own fault",
    418: "a promise had no clock any more once its figures were changed between two starts",
}
"""Seeds that failed once, and what that was."""


@pytest.mark.parametrize("begin", range(SEEDS.start, SEEDS.stop, PORTION))
def test_no_promise_is_broken(begin: int) -> None:
    """Whatever happens to a shop, all that docs/seeds.md lists holds after it."""
    outcomes = lived(range(begin, begin + PORTION))
    assert [*range(begin, begin + PORTION)] == [outcome.seed for outcome in outcomes]
    assert {} == {outcome.seed: outcome.faults for outcome in outcomes if outcome.faults}


@pytest.mark.parametrize("seed", [seed for seed in FOUND if seed not in SEEDS])
def test_what_was_found_stays_mended(seed: int) -> None:
    """Seeds that once failed do not fail any more."""
    assert () == run(seed).faults
