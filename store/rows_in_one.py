"""A statement for one row made one for many at once, on PostgreSQL: all rows are one parameter, lists in JSON.

Sent one by one, even in a pipeline, each row costs the driver five times as much, and the server twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection

FEW = 10
_FROM = " FROM jsonb_array_elements(%s::jsonb) AS r"
_FROM_FEW = f" FROM (SELECT r{_FROM} LIMIT {FEW}) AS few"
"""The planner takes any list for a hundred rows, for which it would rather read a table of thousands to the end."""
_VALUES = re.compile(r" VALUES \((.*?)\)(?= ON CONFLICT |$)", re.DOTALL)


def write_rows(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> int:
    """Run a compiled INSERT or UPDATE, whose parameters have their types beside them (`%s::TEXT`), for each row;
    returns how many rows it changed. Rows are inserted in their order. Bytes go one by one, for JSON holds none."""
    if len(rows) == 1 or any(isinstance(value, bytes) for value in rows[0]):
        return connection.exec_driver_sql(statement, list(map(tuple, rows))).rowcount
    return connection.exec_driver_sql(in_one(statement, len(rows) <= FEW), (orjson.dumps(rows).decode(),)).rowcount


@lru_cache(maxsize=128)
def in_one(statement: str, few: bool = False) -> str:
    """The statement for many rows, or for a `few`."""
    source = _FROM_FEW if few else _FROM
    first, *others = statement.split("%s")
    text = first + "".join(f"(r->>{at}){other}" for at, other in enumerate(others))
    if text.startswith("INSERT"):
        return _VALUES.sub(lambda found: f" SELECT {found[1]}{source}", text, count=1)
    return text.replace(" WHERE ", f"{source} WHERE ", 1)
