"""What a walk over a table in two databases has found, and what is to be written to make them equal."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table

from store.move_rows import Pair, Row, Rows
from store.schema import metadata


@dataclass(frozen=True, slots=True)
class Compared:
    """How a table of one database stands against that of the other."""

    table: str
    alike: int = 0
    missing: int = 0
    other: int = 0
    extra: int = 0

    @property
    def differ(self) -> int:
        """How many rows are not the same."""
        return self.missing + self.other + self.extra


def sorted_out(rows: Rows, portion: tuple[Pair, ...], so_far: Compared) -> tuple[list[Row], list[Row], Compared]:
    """What is to be written, which keys have to go before, and what was found."""
    missing = [one for one, other in portion if one is not None and other is None]
    changed = [(one, other) for one, other in portion if one is not None and other is not None and one != other]
    extra = [other for one, other in portion if one is None and other is not None]
    gone = [*map(rows.key_of, extra), *(rows.key_of(one) for one, _ in changed)]
    alike = len(portion) - len(missing) - len(changed) - len(extra)
    found = Compared(
        so_far.table,
        so_far.alike + alike,
        so_far.missing + len(missing),
        so_far.other + len(changed),
        so_far.extra + len(extra),
    )
    return [*missing, *(one for one, _ in changed)], gone, found


def tables() -> list[Table]:
    """All tables, in one order."""
    return [metadata.tables[name] for name in sorted(metadata.tables)]
