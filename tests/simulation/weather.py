"""What goes wrong outside, drawn from the seed: how often, and what next."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

SENDING = {
    "retry": 4,
    "flood_wait": 2,
    "refused": 3,
    "unsure_went": 2,
    "unsure_lost": 2,
    "broke_went": 2,
    "broke_lost": 2,
    "hung_went": 1,
    "hung_lost": 1,
}
HEARING = {"not_yet": 3, "slow": 2}


class Weather:
    """How often things go wrong (`trouble`, of 1) and what has gone wrong so far; `calm` ends it all."""

    def __init__(self, trouble: float, chance: Random) -> None:
        self.trouble, self.chance = trouble, chance
        self.faults: Counter[str] = Counter()

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.trouble = 0.0

    def strikes(self, kinds: dict[str, int]) -> str:
        """What goes wrong now, "" for nothing."""
        if self.chance.random() >= self.trouble:
            return ""
        (kind,) = self.chance.choices(list(kinds), list(kinds.values()))
        self.faults[kind] += 1
        return kind

    def delay(self) -> float:
        """How many seconds an answer takes; mostly none."""
        return self.chance.uniform(0.0, 3.0) if self.chance.random() < self.trouble else 0.0

    def later(self) -> timedelta:
        """How long a service wants to be left alone."""
        return timedelta(seconds=self.chance.choice((1, 30, 300, 7200, 40_000)))
