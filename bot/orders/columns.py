"""Finds the columns we read by their names, and reads them row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from bot.orders.cells import Unreadable
from followup.ports import BadRow

REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Column:
    """A column we read: its names, the usual one first; its reader; and its value in a file that lacks it."""

    names: tuple[str, ...]
    read: Callable[[str], Any]
    absent: Any = REQUIRED


def missing(header: Sequence[str], columns: Sequence[Column]) -> list[str]:
    """The names of the required columns that the header lacks."""
    return [c.names[0] for c in columns if c.absent is REQUIRED and not set(c.names) & set(header)]


class Columns:
    """Reads a row's cells in the order of `columns`, wherever the header put them."""

    def __init__(self, header: Sequence[str], columns: Sequence[Column]) -> None:
        self._width = len(header)
        found = [next((name for name in column.names if name in header), None) for column in columns]
        # A column that the file lacks is read from a blank cell set behind the row.
        self._pick = itemgetter(*(self._width if name is None else header.index(name) for name in found))
        self._names = [name or column.names[0] for name, column in zip(found, columns, strict=True)]
        self._readers = [
            column.read if name is not None else _constant(column.absent)
            for name, column in zip(found, columns, strict=True)
        ]

    def read(self, cells: list[str]) -> list[Any]:
        """The values of a row; raises `Unreadable`, and then `blame` says which cell it was."""
        picked = self._pick([*cells, ""] if len(cells) == self._width else self._fitted(cells))
        return [read(cell) for read, cell in zip(self._readers, picked)]  # noqa: B905 - of one length by construction

    def blame(self, line: int, cells: list[str]) -> BadRow:
        """The first cell of a row that cannot be read."""
        try:
            picked = self._pick(self._fitted(cells))
        except Unreadable as error:
            return BadRow(line, "", _short(cells), str(error), tuple(cells))
        for name, read, cell in zip(self._names, self._readers, picked, strict=True):
            try:
                read(cell)
            except Unreadable as error:
                return BadRow(line, name, cell, str(error), tuple(cells))
        raise AssertionError("every cell of the row can be read")

    def _fitted(self, cells: list[str]) -> list[str]:
        """The row, a blank cell behind it; blank cells beyond the header are dropped."""
        if len(cells) == self._width:
            return [*cells, ""]
        if len(cells) < self._width or any(cells[self._width :]):
            raise Unreadable(f"{self._width} cells, as in the header")
        return [*cells[: self._width], ""]


def _constant(value: object) -> Callable[[str], object]:
    return {"": value}.__getitem__


def _short(cells: list[str]) -> str:
    return cells[0][:200] if len(cells) == 1 else f"{len(cells)} cells"
