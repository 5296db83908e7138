"""The little statistics that figures need. Where there is nothing to count there is no figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

Z_95 = 1.959963984540054
LEAST = 30
"""Of fewer orders on either side no difference is told."""


def median(values: Sequence[float]) -> float | None:
    """The value in the middle; of two in the middle their mean."""
    if not values:
        return None
    ranked, half = sorted(values), len(values) // 2
    return ranked[half] if len(values) % 2 else (ranked[half - 1] + ranked[half]) / 2


def ninetieth(values: Sequence[float]) -> float | None:
    """The smallest value that nine of ten do not exceed."""
    return sorted(values)[ceil(0.9 * len(values)) - 1] if values else None


def share(part: float | None, of: float | None) -> float | None:
    """A part of a whole, from 0 to 1."""
    return float(part) / float(of) if part is not None and of else None


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson; `of` must not be 0."""
    z2 = Z_95**2
    middle = (hits + z2 / 2) / (of + z2)
    half = Z_95 * sqrt(hits * (of - hits) / of + z2 / 4) / (of + z2)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much greater the first share is, and its 95 % interval; from -1 to 1."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves no doubt that there is one."""
        return self.low > 0 or self.high < 0


def difference(hits: int, of: int, other_hits: int, other_of: int) -> Difference:
    """The difference of two shares with its interval after Newcombe (1998, method 10); neither may be of nothing."""
    first, other = hits / of, other_hits / other_of
    (low, high), (other_low, other_high) = wilson(hits, of), wilson(other_hits, other_of)
    value = first - other
    below = sqrt((first - low) ** 2 + (other_high - other) ** 2)
    above = sqrt((high - first) ** 2 + (other - other_low) ** 2)
    return Difference(value, value - below, value + above)
