"""The simulation itself: a seed is a whole story, a broken program is found out, and what fails can be told again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.seeds import bench
from tests.simulation.__main__ import main
from tests.simulation.mutants import MUTANTS
from tests.simulation.run import run
from tests.simulation.shrink import shrink

ROOT = Path(__file__).parents[2]


def test_a_seed_is_all_there_is_to_it() -> None:
    """The same seed gives the same rows and the same story, in any process, however its hashes are salted."""
    here = [run(seed).digest for seed in range(3)]
    script = "from tests.simulation.run import run; print(*(run(seed).digest for seed in range(3)))"
    for salt in ("0", "1"):
        env = {**os.environ, "PYTHONHASHSEED": salt}
        told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, check=True)
        assert here == told.stdout.decode().split()


@pytest.mark.parametrize("name", MUTANTS)
def test_a_program_that_is_broken_on_purpose_is_found_out(name: str) -> None:
    """Each promise that is broken in the program is missed by one of a few seeds."""
    with MUTANTS[name]():
        assert any(run(seed).faults for seed in range(12))


def test_a_failing_seed_is_made_short_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    """What fails is told as a story, with its seed and the command that tells it again."""
    with MUTANTS["nights_are_ignored"]():
        steps, without, outcome = shrink(2, most=12)
        assert outcome.faults
        assert 0 < steps < run(2).planned + 1
        chosen = ",".join(map(str, without))
        assert 1 == main(["--seed", "2", "--steps", str(steps), "--without", chosen])
    told = capsys.readouterr().out
    assert "BROKEN  it is a nudge in quiet hours" in told
    assert f"again: python -m tests.simulation --seed 2 --steps {steps}" in told


def test_the_bench_counts_what_it_lived_through(tmp_path: Path) -> None:
    """Seeds, steps, messages and faults add up, and nothing is broken."""
    figures = bench(tmp_path, begin=3, count=4, processes=1)
    assert (4, 0, {}) == (figures["seeds"], figures["broken"], figures["failing"])
    assert figures["steps"] == sum(run(seed).done for seed in range(3, 7))
