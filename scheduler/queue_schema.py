"""Procrastinate's tables in our database: made at the first start, brought up to date at the first one of a newer
version, by one process at a time. Which version they are stands with them, as a comment."""

from __future__ import annotations

from pathlib import Path

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from store.engine import DatabaseError
from store.migrate import ONE_AT_A_TIME

_IS_THERE = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
_NOTED = text("SELECT obj_description('procrastinate_jobs'::regclass)")
_OURS = "Huifang keeps it at "


def prepare(engine: Engine) -> None:
    """Have Procrastinate's tables as this version of it wants them; those that somebody else made and looks after are
    left alone. Raises DatabaseError."""
    try:
        with engine.connect() as connection, connection.begin():
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
            _prepare(connection)
    except DBAPIError as error:
        why = str(error.orig).strip().splitlines()[0]
        raise DatabaseError(
            f"database: Procrastinate's tables cannot be made: {why}; let this user create tables, functions and types"
            ' here, or set engine = "embedded"'
        ) from error


def _prepare(connection: Connection) -> None:
    if not connection.execute(_IS_THERE).scalar():
        _run(connection, SchemaManager.get_schema())
        _note(connection, _steps()[-1].name)
        return
    noted = connection.execute(_NOTED).scalar() or ""
    if not noted.startswith(_OURS):
        return
    for step in _steps():
        if step.name > noted.removeprefix(_OURS):
            _run(connection, step.read_text("utf-8"))
            _note(connection, step.name)


def _steps() -> list[Path]:
    """Procrastinate's own migrations, in their order."""
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _note(connection: Connection, step: str) -> None:
    _run(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{_OURS}{step}'")


def _run(connection: Connection, statements: str) -> None:
    connection.execution_options(no_parameters=True).exec_driver_sql(statements)
