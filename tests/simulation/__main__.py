"""`python -m tests.simulation --seed 262` tells the story of a seed; `--shrink` looks for the shortest that fails."""

from __future__ import annotations

import argparse
import sys

from tests.simulation.run import Outcome, run
from tests.simulation.shrink import shrink


def command(seed: int, steps: int, without: frozenset[int]) -> str:
    """What reproduces a run."""
    left_out = f" --without {','.join(map(str, sorted(without)))}" if without else ""
    return f"python -m tests.simulation --seed {seed} --steps {steps}{left_out}"


def told(outcome: Outcome) -> str:
    """The story, and what was broken at its end."""
    lines = [*outcome.transcript, f"seed {outcome.seed}: {outcome.done} steps, {outcome.messages} messages"]
    return "\n".join([*lines, *(f"BROKEN  {fault}" for fault in outcome.faults or ())])


def main(arguments: list[str]) -> int:
    """1 if a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, help="only the first so many")
    parser.add_argument("--without", default="", help="steps that are left out, by their numbers: 3,5,8")
    parser.add_argument("--shrink", action="store_true", help="look for the shortest story that fails")
    asked = parser.parse_args(arguments)
    steps, without = asked.steps, frozenset(map(int, filter(None, asked.without.split(","))))
    outcome = run(asked.seed, steps, without)
    if asked.shrink and outcome.faults:
        steps, without, outcome = shrink(asked.seed)
    sys.stdout.write(told(outcome) + "\n")
    if outcome.faults:
        sys.stdout.write(f"again: {command(asked.seed, steps or outcome.planned, without)}\n")
    return int(bool(outcome.faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
