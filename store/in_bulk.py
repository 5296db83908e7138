"""Reading many rows of one table by what they belong to, a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, select

from store.among import among
from store.tables import KEPT

T = TypeVar("T")
BATCH = 5000


def of_ids(
    connection: Connection, cls: type[T], column: Column[Any], ids: Iterable[str], *more: ColumnElement[Any]
) -> list[T]:
    """The items whose column is one of the ids, and of which `more` holds."""
    kept = KEPT[cls]
    statement = select(kept.table).where(among(column), *more)
    rows = (connection.execute(statement, {"ids": batch}) for batch in batches(ids))
    return [kept.codec.decode(row) for found in rows for row in found]


def batches(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids, each once, in lists that a statement can take."""
    known = list(dict.fromkeys(ids))
    return (known[at : at + BATCH] for at in range(0, len(known), BATCH))
