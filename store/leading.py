"""Who is at work on one PostgreSQL, and who of them leads: locks of sessions, which end with whoever holds them.

A worker has a connection of its own for this. While it lives its number is taken; if the worker dies, or is cut off or
stands still for more than `FROZEN`, the server lets its number and its lead go. Who finds that the connection is gone
has to stop at once: the server waits longer than the worker does, so nobody leads beside somebody else.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Engine, text, true

from store.engine import DatabaseError

if TYPE_CHECKING:
    import psycopg

LIVING, LEADING = 0x6C697665, 0x6C656164
BEAT, PATIENCE, FROZEN = 1.0, 4.0, 7
"""Seconds between two signs of life, until an answer is too late, and after which the server gives us up."""
OLDEST = 140000
_SESSION = (
    f"SET idle_session_timeout = '{FROZEN}s'",
    "SET tcp_keepalives_idle = 2",
    "SET tcp_keepalives_interval = 1",
    "SET tcp_keepalives_count = 3",
    f"SET tcp_user_timeout = '{FROZEN}s'",
)
_NUMBERS = (
    "SELECT CAST(objid AS text) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"  # noqa: S608
    f" AND classid = {LIVING} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_TRY = "SELECT pg_try_advisory_lock(%s, %s)"
_LET_GO = "SELECT pg_advisory_unlock(%s, %s)"


class Lost(Exception):
    """The connection is gone, and with it what was held: somebody else may lead by now."""


def living(connection: Connection) -> frozenset[str]:
    """The numbers of the workers that live."""
    return frozenset(connection.execute(text(_NUMBERS)).scalars())


def of_nobody(worker: ColumnElement[str], connection: Connection) -> ColumnElement[bool]:
    """Whether the worker that a column names lives no more. On SQLite there is one, and who asks is it."""
    return true() if connection.dialect.name == "sqlite" else worker.not_in(text(f"({_NUMBERS})"))


def is_led(connection: Connection) -> bool:
    """Whether somebody leads."""
    return bool(connection.execute(text(_NUMBERS.replace(str(LIVING), str(LEADING)))).first())


@contextmanager
def alone(engine: Engine) -> Iterator[bool]:
    """Lead without any other worker; says whether that could be."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        leads = connection.exec_driver_sql(_TRY, (LEADING, 0)).scalar_one()
        try:
            yield bool(leads)
        finally:
            connection.invalidate()


class Seat:
    """A worker's place among all others: its number, and the lead if nobody else has it."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], number: int) -> None:
        self._connection = connection
        self.number = str(number)
        self.leads = False
        self._asking: asyncio.Task[bool] | None = None

    @classmethod
    async def take(cls, engine: Engine) -> Seat:
        """Take a number that is free. Raises DatabaseError where PostgreSQL is too old, and psycopg.Error."""
        import psycopg

        connection = await psycopg.AsyncConnection.connect(
            address(engine),
            autocommit=True,
            connect_timeout=5,
            keepalives_idle=2,
            keepalives_interval=1,
            keepalives_count=3,
            tcp_user_timeout=FROZEN * 1000,
        )
        try:
            _look_at(connection.info.server_version)
            for setting in _SESSION:
                await connection.execute(setting)
            number = secrets.randbelow(2**31 - 1) + 1
            while not await _asked(connection, _TRY, LIVING, number):
                number = secrets.randbelow(2**31 - 1) + 1
        except BaseException:
            await connection.close()
            raise
        return cls(connection, number)

    async def try_to_lead(self) -> bool:
        """Lead from now on, if nobody does. Raises Lost."""
        self.leads = self.leads or await self._ask(_TRY, LEADING, 0)
        return self.leads

    async def stop_leading(self) -> None:
        """Let somebody else lead. Raises Lost."""
        if self.leads:
            self.leads = False
            await self._ask(_LET_GO, LEADING, 0)

    async def sit(self, seconds: float = BEAT) -> None:
        """Keep the place for so long. Raises Lost at once when the server has closed the connection, and when it
        answers too late."""
        import psycopg

        try:
            async for _ in self._connection.notifies(timeout=seconds):
                pass
        except psycopg.Error as error:
            raise Lost(type(error).__name__) from error
        await self._ask("SELECT %s = %s", 0, 0)

    async def leave(self) -> None:
        """Give the number and the lead back."""
        self.leads = False
        await self._connection.close()
        if self._asking is not None:
            await asyncio.wait({self._asking}, timeout=BEAT)

    async def _ask(self, statement: str, one: int, other: int) -> bool:
        """In time or not at all: the driver would try for ten seconds to take its question back, and by then somebody
        else leads. What is left of the question ends with the connection."""
        import psycopg

        asking = self._asking = asyncio.create_task(_asked(self._connection, statement, one, other))
        asking.add_done_callback(_heed)
        await asyncio.wait({asking}, timeout=PATIENCE)
        if not asking.done():
            raise Lost("TimeoutError")
        try:
            return asking.result()
        except psycopg.Error as error:
            raise Lost(type(error).__name__) from error


def _heed(asking: asyncio.Task[bool]) -> None:
    """Whoever asked may be gone."""
    if not asking.cancelled():
        asking.exception()


def _look_at(version: int) -> None:
    if version < OLDEST:
        raise DatabaseError(f"database: workers need PostgreSQL {OLDEST // 10000} or newer, this is {version // 10000}")


async def _asked(connection: psycopg.AsyncConnection[Any], statement: Any, one: int, other: int) -> bool:
    row = await (await connection.execute(statement, (one, other))).fetchone()
    return bool(row and row[0])


def address(engine: Engine) -> str:
    """Where the database is, with its password, as psycopg reads it; not for logs."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
