"""When the shop's people are there: shifts by weekday, holidays, who is on call. Times of day in the shop's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift begins at `opens` on each of `days` (0 is Monday) and ends at `closes`, on the next day if that is not
    later; `people` are the ids of who works in it (empty: everybody)."""

    name: str = "day"
    days: frozenset[int] = frozenset(range(7))
    opens: time = time(9, 0)
    closes: time = time(21, 0)
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hours:
    """The shifts of a shop, and its `holidays`. `on_call` are told of what cannot wait for the next shift."""

    shifts: tuple[Shift, ...] = (Shift(),)
    holidays: frozenset[date] = frozenset()
    on_call: frozenset[str] = frozenset()
