"""Reads the files of a simulation: good rows become events, bad rows are counted and the first of them kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.orders.sources import read_orders
from bot.simulate_facts import UNDATED
from followup.events import OrderChanged
from followup.ports import BadRow

KEPT = 10


@dataclass
class Rejected:
    """How many rows could not be read, and the first of them with the names of their files."""

    count: int = 0
    first: list[tuple[str, BadRow]] = field(default_factory=list)

    def add(self, file: str, row: BadRow) -> None:
        """Count one."""
        self.count += 1
        if len(self.first) < KEPT:
            self.first.append((file, row))


def read_all(
    files: Iterable[Path], shop: str, zone: ZoneInfo, currency: str, rejected: Rejected
) -> Iterator[OrderChanged]:
    """The events of all files, one file after another. Raises `UnknownFormat` and OSError."""
    for file in files:
        for row in read_orders(file, shop, zone, currency, UNDATED):
            if isinstance(row, BadRow):
                rejected.add(file.name, row)
            else:
                yield row
