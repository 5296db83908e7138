"""Shops to be moved, and the program that moves one and gets killed."""

from __future__ import annotations

import os
import sys
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Integer, LargeBinary, Table, select

from store import move_rows
from store.engine import open_engine
from store.move import Move
from store.move_compared import Compared, tables
from store.move_rows import Row, Rows

SPOKEN = "您好 ☕ 𝄞 'quoted' \"twice\" \\ \t\n"


def value(table: Table, name: str, n: int) -> Any:
    """What the n-th row of a table holds in a column: different in each, and NULL here and there where that may be."""
    column = table.c[name]
    if column.nullable and n % 3 == 0:
        return None
    if isinstance(column.type, LargeBinary):
        return bytes(range(256)) * (n % 3)
    if isinstance(column.type, BigInteger | Integer):
        return n if name == "seq" else n * 7 if isinstance(column.type, BigInteger) else n % 2
    return f"s/{n}" if column.primary_key or name.endswith("id") else f"{SPOKEN}{n}"


def filled(engine: Engine, rows: int = 7, first: int = 1) -> None:
    """Write rows into every table and every column."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for table in tables():
            connection.execute(
                table.insert(),
                [{each.name: value(table, each.name, n) for each in table.c} for n in range(first, first + rows)],
            )


def contents(connection: Connection) -> dict[str, list[Row]]:
    """Every row of every table, but for how the move itself stands."""
    return {table.name: list(Rows(table).read(connection)) for table in tables()}


def kept(engine: Engine) -> dict[str, list[Row]]:
    with engine.connect() as connection:
        return contents(connection)


def alike(compared: tuple[Compared, ...]) -> int:
    """How many rows were the same; none may be different."""
    assert 0 == sum(each.differ for each in compared)
    return sum(each.alike for each in compared)


def ids(engine: Engine, table: Table) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(table.c.id)).scalars())


def main(source: str, target: str) -> None:
    """Move, in portions of few rows, and say at each step what was done."""
    move_rows.SIZE = 20

    def tell(what: str, table: str, _rows: int) -> None:
        os.write(1, f"{what} {table}\n".encode())

    Move(open_engine(source), open_engine(target), tell).run()
    os.write(1, b"done\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
