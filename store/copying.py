"""Rows as they go from one database to another, whichever kind each is, and what proves that all of them arrived."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from store.schema import metadata

PORTION = 1000
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and the sum of their digests, for which their order does not matter."""

    rows: int = 0
    digest: str = "0"

    def plus(self, rows: list[tuple[Any, ...]]) -> Sum:
        """With these rows besides."""
        added = sum(int.from_bytes(sha256(repr(row).encode("utf-8", "surrogatepass")).digest()) for row in rows)
        return Sum(self.rows + len(rows), f"{(int(self.digest, 16) + added) % _MODULUS:x}")


Sums = Mapping[str, Sum]


def sums(connection: Connection) -> Sums:
    """The sum of every table."""
    return {str(table.name): _sum(connection, table) for table in metadata.sorted_tables}


def copy(source: Connection, target: Connection) -> Sums:
    """Copy every row of every table into tables that are empty; returns the sums of what was read."""
    return {str(table.name): _copy_table(source, target, table) for table in metadata.sorted_tables}


def portions(connection: Connection, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table in the order of its columns as either kind of database keeps them, so many at a time."""
    result = connection.execute(select(table), execution_options={"yield_per": PORTION})
    for rows in result.partitions(PORTION):
        yield [tuple(map(_plain, row)) for row in rows]


def count_on(connection: Connection, table: Table) -> None:
    """Have PostgreSQL number new rows after those that were copied with their numbers; SQLite does so by itself."""
    if connection.dialect.name != "postgresql" or "seq" not in table.c:
        return
    last = connection.execute(select(func.max(table.c.seq))).scalar()
    named = {"table": table.name, "last": last or 1, "is_used": last is not None}
    connection.execute(text("SELECT setval(pg_get_serial_sequence(:table, 'seq'), :last, :is_used)"), named)


def _plain(value: Any) -> Any:
    """A value as both databases give it back; PostgreSQL keeps no character 0 in a text."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    return bytes(value) if isinstance(value, memoryview) else value


def _sum(connection: Connection, table: Table) -> Sum:
    total = Sum()
    for rows in portions(connection, table):
        total = total.plus(rows)
    return total


def _copy_table(source: Connection, target: Connection, table: Table) -> Sum:
    total, names = Sum(), [column.name for column in table.c]
    for rows in portions(source, table):
        target.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        total = total.plus(rows)
    count_on(target, table)
    return total
