"""What was counted: numbers and lengths of time by part of the period, to be added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

Number = int | Decimal
Part = str | None
"""A day, week, agent or kind; None for what cannot be told apart."""


@dataclass
class Tally:
    """Counts by their part and name, and samples: lengths of time in microseconds. What is not `apart` has a total and
    no parts."""

    counts: dict[tuple[Part, str], Number] = field(default_factory=lambda: defaultdict(int))
    samples: dict[tuple[Part, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    apart: dict[str, bool] = field(default_factory=dict)

    def knows(self, names: Iterable[str], apart: bool) -> None:
        """These names were counted, if only to nothing."""
        self.apart.update(dict.fromkeys(names, apart))

    def add(self, part: Part, name: str, number: Number = 1) -> None:
        """Count something."""
        self.counts[part, name] += number

    def parts(self) -> list[str]:
        """The parts in which anything was counted."""
        found = {part for part, _ in (*self.counts, *self.samples) if part is not None}
        return sorted(found, key=lambda part: (part == "", part))

    def count(self, name: str, part: Part = None) -> Number | None:
        """The number of a part, by default the sum of all; None where it cannot be told."""
        if name not in self.apart or (part is not None and not self.apart[name]):
            return None
        if part is not None:
            return self.counts.get((part, name), 0)
        return sum(number for (_, known), number in self.counts.items() if known == name)

    def times(self, name: str, part: Part = None) -> list[int]:
        """The lengths of a part, by default all of them."""
        if part is not None:
            return self.samples.get((part, name), [])
        return [value for (_, known), values in self.samples.items() if known == name for value in values]

    def renamed(self, name: Callable[[str], str]) -> Tally:
        """The same with the parts under other names; those that fall together are added up."""
        other = Tally(apart=dict(self.apart))
        for (part, what), number in self.counts.items():
            other.add(part if part is None else name(part), what, number)
        for (part, what), values in self.samples.items():
            other.samples[part if part is None else name(part), what] += values
        return other
