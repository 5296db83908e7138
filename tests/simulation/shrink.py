"""The shortest story of a failing seed: its first steps alone, and of those only the ones that matter."""

from __future__ import annotations

from tests.simulation.run import Outcome, run

MOST = 80


def shrink(seed: int, most: int = MOST) -> tuple[int, frozenset[int], Outcome]:
    """How many of its steps a failing seed needs, which of those it does not, and what becomes of it then; at most
    `most` runs."""
    outcome = run(seed)
    steps, without = outcome.planned, frozenset[int]()
    for fewer in range(outcome.planned):
        most -= 1
        shorter = run(seed, fewer)
        if shorter.faults or most <= 0:
            steps, outcome = (fewer, shorter) if shorter.faults else (steps, outcome)
            break
    for step in reversed(range(steps)):
        if most <= 0:
            break
        most -= 1
        less = run(seed, steps, without | {step})
        if less.faults:
            without, outcome = without | {step}, less
    return steps, without, outcome
