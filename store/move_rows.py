"""One table in two databases, row beside row in the order of its key, and what makes the second equal to the first.

Rows are compared as they are stored. The order is that of bytes in both, which PostgreSQL has to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    and_,
    bindparam,
    literal,
    select,
    tuple_,
)

from store.fence import COMING, MOVED, PROGRESS
from store.schema import cursors

Row = tuple[Any, ...]
Pair = tuple[Row | None, Row | None]
SIZE = 2000


@dataclass(frozen=True)
class Rows:
    """The rows of one table, as both databases see them."""

    table: Table

    @cached_property
    def keys(self) -> list[Column[Any]]:
        """The columns of the key."""
        return list(self.table.primary_key.columns)

    @cached_property
    def key_of(self) -> Callable[[Row], Row]:
        """The key of a row."""
        at = [list(self.table.c).index(column) for column in self.keys]
        get = itemgetter(*at)
        return get if len(at) > 1 else lambda row: (get(row),)

    def read(self, connection: Connection, after: Row = ()) -> Iterator[Row]:
        """All rows behind a key, in the order of their keys."""
        if connection.dialect.name == "sqlite":
            return self._paged(connection, after)
        return self._streamed(connection, after)

    def _paged(self, connection: Connection, after: Row) -> Iterator[Row]:
        """Page by page: a long read would keep the write-ahead log from being cleaned up, so each ends before the next,
        but for one who writes there, and waits for nobody."""
        while page := connection.execute(self._select(after, self.keys).limit(SIZE)).all():
            if not connection.get_execution_options().get("writes"):
                connection.rollback()
            yield from map(tuple, page)
            after = self.key_of(tuple(page[-1]))

    def _streamed(self, connection: Connection, after: Row) -> Iterator[Row]:
        """In one go: an index in the language's order is of no use for this one."""
        keys = [key.collate("C") if isinstance(key.type, String) else key for key in self.keys]
        found = connection.execute(self._select(after, keys).execution_options(yield_per=SIZE))
        yield from map(tuple, found)

    def _select(self, after: Row, keys: list[Any]) -> Select[Any]:
        statement = select(self.table).where(*self._ours()).order_by(*keys)
        return statement.where(_behind(keys, after)) if after else statement

    def _ours(self) -> list[ColumnElement[bool]]:
        """How the move itself stands is no row of the shop."""
        if self.table is not cursors:
            return []
        return [cursors.c.name.not_in((MOVED, COMING)), ~cursors.c.name.startswith(PROGRESS, autoescape=True)]

    def write(self, connection: Connection, rows: list[Row], gone: list[Row]) -> None:
        """Insert rows, after those of these keys are gone."""
        if gone:
            where = and_(*(column == bindparam(f"key_{column.name}") for column in self.keys))
            names = [f"key_{column.name}" for column in self.keys]
            connection.execute(self.table.delete().where(where), [dict(zip(names, key, strict=True)) for key in gone])
        if rows:
            names = [column.name for column in self.table.c]
            connection.execute(self.table.insert(), [dict(zip(names, row, strict=True)) for row in rows])


def _behind(keys: list[Any], after: Row) -> ColumnElement[bool]:
    if len(keys) == 1:
        return keys[0] > after[0]  # type: ignore[no-any-return]
    return tuple_(*keys) > tuple_(*map(literal, after))


def beside(source: Iterator[Row], target: Iterator[Row], key_of: Callable[[Row], Row]) -> Iterator[Pair]:
    """Both in one walk: each row with the one of the same key, or with None."""
    one, other = next(source, None), next(target, None)
    while one is not None or other is not None:
        if one == other:
            yield one, other
            one, other = next(source, None), next(target, None)
        elif other is None or (one is not None and key_of(one) < key_of(other)):
            yield one, None
            one = next(source, None)
        elif one is None or key_of(other) < key_of(one):
            yield None, other
            other = next(target, None)
        else:
            yield one, other
            one, other = next(source, None), next(target, None)


def storable(pairs: Iterator[Pair]) -> Iterator[Pair]:
    """The same, where the second is PostgreSQL: it keeps no character 0 in a text, but a replacement character."""
    for one, other in pairs:
        yield (one if one is None or one == other else _without_zeros(one)), other


def _without_zeros(row: Row) -> Row:
    return tuple(value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row)


def portions(pairs: Iterator[Pair]) -> Iterator[tuple[Pair, ...]]:
    """What is written in one commit."""
    while portion := tuple(islice(pairs, SIZE)):
        yield portion


def packed(key: Row) -> str:
    """A key as a text."""
    return orjson.dumps(key).decode()


def unpacked(text: str) -> Row:
    """The key that was written so."""
    return tuple(orjson.loads(text))
