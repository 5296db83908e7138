"""A database that cannot be used says so in one sentence, is logged once, and goes on when it is over."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from followup.model import Cursor
from store.engine import Damaged, DatabaseError, open_engine
from store.migrate import explained, upgrade
from store.schema import metadata
from store.store import SqlStore
from store.troubles import Trouble, trouble_of


def file_of(url: str) -> Path:
    return Path(make_url(url).database or "")


def keep(store: SqlStore, name: str, size: int = 1) -> None:
    """Write something."""
    store.run(lambda tx: tx.save(Cursor(name, "x" * size)))


class TestSqlite:
    def test_a_full_disk_is_told_once_and_over_when_there_is_room(self, sqlite_url: str) -> None:
        """Nothing is acknowledged meanwhile; the log has one line for all that failed, and one when it is over."""
        store = SqlStore(sqlite_url)
        keep(store, "before")
        limit = store.run(lambda tx: tx.connection.exec_driver_sql("PRAGMA page_count").scalar())  # type: ignore[attr-defined]
        store.run(lambda tx: tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {limit}"))  # type: ignore[attr-defined]
        with capture_logs() as logs:
            for number in range(3):
                with pytest.raises(DBAPIError) as failed:
                    _fill(store, int(limit))
                assert (True, Trouble.FULL) == (store.is_told(failed.value), store.trouble), number
            keep(store, "after")
        assert ["database_in_trouble", "database_works_again"] == [line["event"] for line in logs]
        assert Trouble.NONE is store.trouble
        store.close()

    def test_a_locked_file_fails_all_that_wait_together(self, sqlite_url: str) -> None:
        """Not one after the other, each after the patience of its own."""
        store = SqlStore(sqlite_url)
        keep(store, "before")
        store.run(lambda tx: tx.connection.exec_driver_sql("PRAGMA busy_timeout = 50"))  # type: ignore[attr-defined]
        with closing(sqlite3.connect(file_of(sqlite_url), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with capture_logs() as logs, pytest.raises(DBAPIError):
                keep(store, "meanwhile")
            assert (Trouble.LOCKED, ["database_in_trouble"]) == (store.trouble, [line["event"] for line in logs])
            other.execute("ROLLBACK")
        keep(store, "after")
        assert Trouble.NONE is store.trouble
        store.close()

    def test_a_statement_that_is_wrong_is_no_trouble_of_the_database(self, sqlite_url: str) -> None:
        """It fails for itself."""
        store = SqlStore(sqlite_url)
        with pytest.raises(DBAPIError):
            store.run(lambda tx: tx.connection.exec_driver_sql("SELECT nonsense"))  # type: ignore[attr-defined]
        assert Trouble.NONE is store.trouble
        store.close()

    def test_a_damaged_file_is_left_as_it_is(self, sqlite_url: str) -> None:
        """The sentence says that a backup is needed."""
        file = file_of(sqlite_url)
        file.write_bytes(spoilt := file.read_bytes()[:5000] + b"\xff" * 20000)
        with pytest.raises(Damaged, match=r"is damaged .*: restore a backup"):
            _read_all(sqlite_url)
        assert spoilt[5000:] == file.read_bytes()[5000:]

    def test_no_room_for_the_file_that_processes_share(self) -> None:
        """SQLite calls it an error of the disk; it is a full one, and nothing has to be restored."""
        for code, trouble in ((sqlite3.SQLITE_IOERR_SHMSIZE, Trouble.FULL), (sqlite3.SQLITE_IOERR_READ, Trouble.DISK)):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = code
            assert trouble is trouble_of(error)


class TestPostgres:
    def test_a_wrong_password_a_missing_database_and_a_server_that_is_gone(self, postgres_url: str) -> None:
        """One sentence each that says what to do, without the password."""
        url = make_url(postgres_url)
        for changed, sentence in (
            (url.set(database="nowhere"), "is not there: create it"),
            (url.set(host="127.0.0.1", port=1, query={}), "does not answer: is PostgreSQL running"),
            (url.set(username="stranger", password="hunter2"), "set HUIFANG_DATABASE_PASSWORD"),
        ):
            with pytest.raises(DatabaseError) as refused:
                upgrade(changed.render_as_string(hide_password=False))
            assert sentence in str(refused.value)
            assert "hunter2" not in str(refused.value)
            assert str(refused.value).startswith("database: postgresql://")

    def test_a_database_that_may_only_be_read(self, postgres_url: str) -> None:
        """As after a full disk on some services."""
        store = SqlStore(postgres_url)
        with pytest.raises(DBAPIError):
            store.run(_read_only)
        assert Trouble.READ_ONLY is store.trouble
        keep(store, "after")
        assert Trouble.NONE is store.trouble
        store.close()


def _read_all(url: str) -> None:
    """As a command that looks at everything."""
    upgrade(url)
    engine = open_engine(url)
    with explained(engine), engine.connect() as connection:
        for table in metadata.sorted_tables:
            connection.execute(select(table)).all()


def _read_only(tx: object) -> None:
    connection = tx.connection  # type: ignore[attr-defined]
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    connection.exec_driver_sql("INSERT INTO cursors VALUES ('a', 'b')")


def _fill(store: SqlStore, limit: int) -> None:
    """More than the file may hold; the limit is one of the connection, which is a new one after each error."""

    def fill(tx: object) -> None:
        connection = tx.connection  # type: ignore[attr-defined]
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit}")
        connection.exec_driver_sql("INSERT INTO cursors VALUES ('full', hex(zeroblob(1000000)))")

    store.run(fill)
