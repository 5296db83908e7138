"""Bars and their axes as plain numbers, for the page to draw: no library, no script, nothing fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

At = TypeVar("At")


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle in a chart 100 wide and 100 high; `hint` is shown under the pointer."""

    x: float
    y: float
    width: float
    height: float
    group: str
    hint: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A label `at` so many hundredths of the way along its axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars above and below the line at height `zero`; `row` are its figures for the table, slot by slot."""

    zero: float
    bars: tuple[Bar, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    rows: tuple[tuple[str, ...], ...]


def timeline(
    slots: Mapping[At, Counter[str]],
    name: Callable[[At], str],
    groups: Sequence[str],
    words: Mapping[str, str],
    most_labels: int,
) -> Chart:
    """The first group upwards from the zero line, the others stacked downwards, all on one scale."""
    step = nice(max((max(_up(c, groups), _down(c, groups)) for c in slots.values()), default=0) / 2)
    above, below = (_ceil(max((side(c, groups) for c in slots.values()), default=0), step) for side in (_up, _down))
    scale = 100 / max(above + below, 1)
    zero, width = above * scale, 100 / max(len(slots), 1)
    bars: list[Bar] = []
    for number, (slot, counts) in enumerate(slots.items()):
        bars += _column(counts, groups, words, name(slot), number * width, width, zero, scale)
    return Chart(
        zero=zero,
        bars=tuple(bars),
        across=_across([name(slot) for slot in slots], most_labels),
        up=tuple(Tick(zero - value * scale, f"{abs(value):,}") for value in range(-below, above + 1, step)),
        rows=tuple((name(slot), *(f"{counts[g]:,}" for g in groups)) for slot, counts in slots.items()),
    )


def nice(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, … that is not below `least`."""
    size = 1
    while True:
        for digit in (1, 2, 5):
            if digit * size >= least:
                return digit * size
        size *= 10


def _column(
    counts: Counter[str],
    groups: Sequence[str],
    words: Mapping[str, str],
    name: str,
    x: float,
    width: float,
    zero: float,
    scale: float,
) -> list[Bar]:
    bars, top = [], zero - counts[groups[0]] * scale
    for group in groups:
        height = counts[group] * scale
        if height:
            hint = f"{name} · {words[group]} {counts[group]:,}"
            bars.append(Bar(x + width * 0.14, top, width * 0.72, height, group, hint))
        top += height
    return bars


def _across(names: list[str], most: int) -> tuple[Tick, ...]:
    every = max(1, -(-len(names) // most))
    width = 100 / max(len(names), 1)
    return tuple(Tick((number + 0.5) * width, name) for number, name in enumerate(names) if number % every == 0)


def _up(counts: Counter[str], groups: Sequence[str]) -> int:
    return counts[groups[0]]


def _down(counts: Counter[str], groups: Sequence[str]) -> int:
    return sum(counts[group] for group in groups[1:])


def _ceil(value: int, step: int) -> int:
    return -(-value // step) * step
