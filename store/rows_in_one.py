"""A statement for one row made one for many at once, on PostgreSQL: all rows are one parameter, lists in JSON.

Sent one by one, even in a pipeline, each row costs the driver five times as much, and the server twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import orjson
from sqlalchemy import Connection

FEW = 10
_ROWS = " FROM jsonb_array_elements(%s::jsonb) AS r"
_VALUE = re.compile(r"%s::(\w+)")
_VALUES = re.compile(r" VALUES \((.*?)\)(?= ON CONFLICT |$)", re.DOTALL)


def write_rows(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run a compiled INSERT or UPDATE, whose parameters have their types beside them (`%s::TEXT`), for each row;
    returns how many rows it changed. Rows are inserted in their order. Bytes go one by one, for JSON holds none."""
    if len(rows) == 1 or any(isinstance(value, bytes) for value in rows[0]):
        return connection.exec_driver_sql(statement, list(map(tuple, rows))).rowcount
    return connection.exec_driver_sql(in_one(statement, len(rows) <= FEW), (orjson.dumps(rows).decode(),)).rowcount


@lru_cache(maxsize=128)
def in_one(statement: str, few: bool = False) -> str:
    """The statement for many rows, or for a `few`.

    The rows to be changed are read out of the JSON by themselves, behind a LIMIT or OFFSET which the planner does not
    look through: with row-level security it would else read the whole table before it asked JSON for its keys. It also
    takes any list for a hundred rows, for which it would rather read a table of thousands to the end.
    """
    if statement.startswith("INSERT"):
        at = count()
        text = _VALUE.sub(lambda found: f"(r->>{next(at)})::{found[1]}", statement)
        return _VALUES.sub(lambda found: f" SELECT {found[1]}{_ROWS}", text, count=1)
    values = ", ".join(f"(r->>{at})::{type_} AS v{at}" for at, type_ in enumerate(_VALUE.findall(statement)))
    given = f" FROM (SELECT {values}{_ROWS} {f'LIMIT {FEW}' if few else 'OFFSET 0'}) AS given"
    at = count()
    text = _VALUE.sub(lambda _: f"given.v{next(at)}", statement)
    return text.replace(" WHERE ", f"{given} WHERE ", 1)
