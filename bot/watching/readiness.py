"""Whether a program can do its work: the database takes a write within a second, its tables are ours, all runs."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import Select, column, select, table, update
from sqlalchemy.exc import SQLAlchemyError

from store.migrations import VERSION_TABLE, head
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.troubles import Trouble, trouble_of
from store.tx import Tx

PATIENCE = 1.0
_versions = table(VERSION_TABLE, column("version_num"))
_version: Select[Any] = select(_versions.c.version_num)
_rewritten = update(_versions).values(version_num=_versions.c.version_num)


class Readiness:
    """What keeps the program from its work; `started` is said by whoever starts the engine."""

    def __init__(self, store: SqlStore, patience: float = PATIENCE) -> None:
        self._store, self._patience = store, patience
        self._asking: asyncio.Task[str] | None = None
        self.started = False

    async def reasons(self) -> list[str]:
        """A sentence for each; none means ready. They name no secret and no buyer."""
        found = [] if self.started else ["the program has not started yet, or is stopping"]
        why = await self._database()
        return [*found, why] if why else found

    async def _database(self) -> str:
        """Asks by the way that every event takes, so that whatever holds that up is seen; one question at a time."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="ready")
        await asyncio.wait({self._asking}, timeout=self._patience)
        if self._asking.done():
            return self._asking.result()
        return _said(self._store.trouble) or f"the database took no write within {self._patience:.0f} s"

    async def _ask(self) -> str:
        in_trouble = self._store.trouble is not Trouble.NONE
        try:
            version = await self._store.transact(_write_version if in_trouble else _read_version)
        except SQLAlchemyError as error:
            return _said(trouble_of(error)) or f"the database fails: {type(error).__name__}"
        except RuntimeError:
            return "the program is stopping"
        if version != head():
            return f"the database is of version {version or 'none'}, this program is of {head()}"
        return _said(self._store.trouble)


def _read_version(tx: Tx) -> str | None:
    assert isinstance(tx, SqlTx)
    version: str | None = tx.connection.scalar(_version)
    return version


def _write_version(tx: Tx) -> str | None:
    """A write that changes nothing tells whether a trouble is over."""
    assert isinstance(tx, SqlTx)
    tx.connection.execute(_rewritten)
    return _read_version(tx)


def _said(trouble: Trouble) -> str:
    return f"the database {trouble.value}" if trouble is not Trouble.NONE else ""
