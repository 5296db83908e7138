"""`among(column)`: the column is one of the ids given as `ids`, a list of any length in a single parameter.

SQLAlchemy's own `in_` writes the statement anew for each length; this one is looked at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import ARRAY, Column, ColumnElement, Dialect, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine


class Ids(TypeDecorator[Any]):
    """A list of texts: JSON for SQLite, an array for PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Text()))

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return orjson.dumps(ids).decode() if dialect.name == "sqlite" else ids


class Among(FunctionElement[Any]):
    """The column and the parameter."""

    name = "among"
    type = NullType()  # as a Boolean, SQLAlchemy would compare it with 1 on SQLite, and no index would help
    inherit_cache = True


def among(column: Column[str]) -> ColumnElement[Any]:
    """Whether the column is one of `ids`."""
    return Among(column, bindparam("ids", type_=Ids()))


@compiles(Among, "sqlite")
def _sqlite(element: Among, compiler: SQLCompiler, **more: Any) -> str:
    column, ids = element.clauses
    left, right = compiler.process(column, **more), compiler.process(ids, **more)
    return f"{left} IN (SELECT value FROM json_each({right}))"  # noqa: S608 - both sides are compiled by SQLAlchemy


@compiles(Among, "postgresql")
def _postgresql(element: Among, compiler: SQLCompiler, **more: Any) -> str:
    column, ids = element.clauses
    return f"{compiler.process(column, **more)} = ANY({compiler.process(ids, **more)})"
