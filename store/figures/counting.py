"""How a statement becomes part of a tally."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, null

from store.figures.scope import Scope
from store.figures.tally import Part, Tally

Cut = ColumnElement[Any] | None


def label(cut: Cut) -> ColumnElement[Any]:
    """The cut as a column; NULL where there is none."""
    return (null() if cut is None else cut).label("part")


def part_of(row: Any, scope: Scope) -> Part:
    """The part to which a row belongs: its first column."""
    return None if row[0] is None else scope.name(row[0])


def number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group fulfil it."""
    return func.sum(case((condition, literal(1)), else_=literal(0)))


def count(connection: Connection, scope: Scope, into: Tally, cut: Cut, names: Sequence[str], of: Select[Any]) -> None:
    """Add rows of (part, number, number, …), the numbers in the order of their names."""
    into.knows(names, cut is not None)
    for row in connection.execute(of):
        for name, number in zip(names, row[1:], strict=True):
            into.add(part_of(row, scope), name, number or 0)


def sample(connection: Connection, scope: Scope, into: Tally, cut: Cut, name: str, of: Select[Any]) -> None:
    """Add rows of (part, length in microseconds)."""
    into.knows([name], cut is not None)
    found: dict[Any, list[int]] = defaultdict(list)
    for part, value in connection.execute(of).all():
        found[part].append(value)
    for part, values in found.items():
        into.samples[part_of((part,), scope), name] += values
