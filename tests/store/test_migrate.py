from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, Table, event, inspect, select, text

from followup.model import Outgoing, Rating, Review, Task, TaskState
from store.audit import audit
from store.engine import DatabaseError, open_engine
from store.migrate import current, is_current, upgrade
from store.migrations import VERSION_TABLE, configured, head
from store.schema import metadata
from store.tables import KEPT
from tests.databases import Postgres
from tests.store.makers import NOON, a_buyer, a_chat, a_message, a_reminder, a_thread, an_order, row_of


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


def indexes(engine: Engine) -> list[str]:
    """Every index as the database itself would write it, with its condition."""
    where = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    if engine.dialect.name == "postgresql":
        where = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    with engine.connect() as connection:
        found = connection.execute(text(where)).scalars().all()
    return sorted(" ".join(sql.split()) for sql in found if VERSION_TABLE not in sql)


def columns(engine: Engine) -> dict[str, list[str]]:
    """Every column with its type, by name: a column that a migration adds stands at the end of its table."""
    look = inspect(engine)
    tables = sorted(set(look.get_table_names()) - {VERSION_TABLE})
    return {
        table: sorted(repr(sorted(column.items(), key=repr)) for column in look.get_columns(table)) for table in tables
    }


def _is_for(dialect: str, item: Any, *_: object) -> bool:
    """Whether a thing that is declared stands in databases of this kind."""
    only = getattr(item, "_ddl_if", None)
    return only is None or only.dialect == dialect


class TestSchema:
    def test_migrated_and_declared_tables_are_equal(self, empty_url: str) -> None:
        """Alembic finds no difference between a migrated database and store/schema.py."""
        with engine_of(empty_url) as engine:
            upgrade(engine)
            with engine.connect() as connection:
                declared = partial(_is_for, engine.dialect.name)
                opts = {"version_table": VERSION_TABLE, "compare_server_default": True, "include_object": declared}
                context = MigrationContext.configure(connection, opts=opts)
                assert [] == compare_metadata(context, metadata)

    def test_sqlite_itself_sees_no_difference(self, sqlite_url: str, empty_sqlite_url: str) -> None:
        """Columns, types and indexes, partial ones with their conditions, are those that SQLAlchemy would create."""
        with engine_of(sqlite_url) as migrated, engine_of(empty_sqlite_url) as declared:
            metadata.create_all(declared)
            assert indexes(declared) == indexes(migrated)
            assert columns(declared) == columns(migrated)

    def test_postgres_itself_sees_no_difference(self, postgres_url: str, empty_postgres_url: str) -> None:
        """The same on PostgreSQL, as it prints its own catalogue."""
        with engine_of(postgres_url) as migrated, engine_of(empty_postgres_url) as declared:
            metadata.create_all(declared)
            assert indexes(declared) == indexes(migrated)
            assert columns(declared) == columns(migrated)


class TestUpgrade:
    def test_what_an_older_version_kept_is_read_as_it_was(self, empty_url: str) -> None:
        """A message stored before columns were added keeps every field, and the new ones are empty."""
        old = a_message("m1", text="羊毛围巾", history=("started@1",), attempts=1)
        row = dict(zip(KEPT[Outgoing].codec.columns, KEPT[Outgoing].codec.encode(old), strict=True))
        with engine_of(empty_url) as engine:
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                command.upgrade(configured(connection), "0001")
                known = Table("outbox", MetaData(), autoload_with=connection)
                connection.execute(known.insert(), {k: value for k, value in row.items() if k in known.c})
            upgrade(engine)
            with engine.connect() as connection:
                found = connection.execute(select(metadata.tables["outbox"])).one()
        assert old == KEPT[Outgoing].codec.decode(found)

    def test_what_the_version_before_after_sales_kept(self, empty_url: str) -> None:
        """Orders, reviews, buyers and reminders of a shop at work are read as they were; the new fields are empty, and
        the proof over the ledger holds."""
        review = Review("s", "v1", "o1", Rating.BAD, NOON, NOON, "坏了")
        old = (an_order(), review, a_buyer(), a_chat(), a_thread(), a_reminder(), a_message("m2"))
        with engine_of(empty_url) as engine:
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                command.upgrade(configured(connection), "0002")
                for item in old:
                    kept = KEPT[type(item)]
                    row = dict(zip(kept.codec.columns, kept.codec.encode(item), strict=True))
                    known = Table(kept.table.name, MetaData(), autoload_with=connection)
                    connection.execute(known.insert(), {k: value for k, value in row.items() if k in known.c})
            upgrade(engine)
            assert list(old) == [row_of(engine, item) for item in old]
            with engine.connect() as connection:
                assert [] == [each for each in audit(connection).findings if each.id != "m2"]

    def test_what_waited_before_there_were_alerts(self, empty_url: str) -> None:
        """What is open is told of; what was done is not, and nothing else of either is changed."""
        waits = Task("t1", "s", "s/o1/unpaid_order", "put_aside", "请看", NOON)
        done = replace(waits, id="t2", state=TaskState.DONE, closed_at=NOON, closed_by="li")
        with engine_of(empty_url) as engine:
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                command.upgrade(configured(connection), "0003")
                known = Table("tasks", MetaData(), autoload_with=connection)
                for task in (waits, done):
                    row = dict(zip(KEPT[Task].codec.columns, KEPT[Task].codec.encode(task), strict=True))
                    connection.execute(known.insert(), {k: value for k, value in row.items() if k in known.c})
            upgrade(engine)
            assert [replace(waits, alert_at=NOON), done] == [row_of(engine, each) for each in (waits, done)]

    def test_an_empty_database_becomes_current(self, empty_url: str) -> None:
        """A new database has no version, then the newest one."""
        with engine_of(empty_url) as engine:
            assert (None, False) == (current(engine), is_current(engine))
            upgrade(engine)
            assert (head(), True) == (current(engine), is_current(engine))

    def test_again_changes_nothing(self, database_url: str) -> None:
        """A current database is left as it is, without a write."""
        with engine_of(database_url) as engine:
            statements: list[str] = []
            event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
            upgrade(engine)
            assert [] == [sql for sql in statements if sql.split()[0] in ("CREATE", "INSERT", "UPDATE", "ALTER")]

    def test_whole_or_not_at_all(self, empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A migration that fails half-way leaves no table behind, and works the next time."""
        with engine_of(empty_url) as engine:

            def fail(*args: object) -> None:
                if "CREATE TABLE threads" in str(args[2]):
                    raise RuntimeError("power cut")

            event.listen(engine, "before_cursor_execute", fail)
            with pytest.raises(RuntimeError, match="power cut"):
                upgrade(engine)
            event.remove(engine, "before_cursor_execute", fail)
            assert [] == inspect(engine).get_table_names()
            upgrade(engine)
            assert is_current(engine)

    def test_a_start_does_not_import_alembic(self, sqlite_url: str) -> None:
        """Looking at a current database costs no more than a look: Alembic alone takes half a second to import."""
        code = f"import sys, store.migrate as m; m.upgrade({sqlite_url!r}); print('alembic' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert "False\n" == done.stdout

    def test_two_at_once(self, empty_url: str) -> None:
        """Two programs that start together upgrade once."""
        errors: list[Exception] = []

        def start() -> None:
            try:
                upgrade(empty_url)
            except Exception as error:  # noqa: BLE001
                errors.append(error)

        starters = [threading.Thread(target=start) for _ in range(4)]
        for starter in starters:
            starter.start()
        for starter in starters:
            starter.join()
        assert [] == errors
        with engine_of(empty_url) as engine:
            assert is_current(engine)

    def test_an_empty_file_is_a_new_database(self, tmp_path: Path) -> None:
        """A file of no bytes, as `touch` makes it, is filled."""
        path = tmp_path / "empty.db"
        path.touch()
        upgrade(f"sqlite:///{path}")
        with engine_of(f"sqlite:///{path}") as engine:
            assert is_current(engine)


class TestRefused:
    def test_a_newer_database(self, database_url: str) -> None:
        """A database of a later program is refused with a sentence, and stays as it is."""
        with engine_of(database_url) as engine:
            with engine.begin() as connection:
                connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
            with pytest.raises(DatabaseError, match=r"newer Huifang \(version 9999, this one knows"):
                upgrade(engine)
            assert "9999" == current(engine)

    @pytest.mark.parametrize("content", [b"PK\x03\x04 a zip file", b"SQLite", b"\x00" * 4096])
    def test_a_file_that_is_not_sqlite(self, tmp_path: Path, content: bytes) -> None:
        """A file of another kind is refused with a sentence, and not a byte of it changes."""
        path = tmp_path / "shop.db"
        path.write_bytes(content)
        with pytest.raises(DatabaseError, match=r"shop\.db is not a SQLite database: .* restore a backup"):
            upgrade(f"sqlite:///{path}")
        assert (content, ["shop.db"]) == (path.read_bytes(), [file.name for file in tmp_path.iterdir()])

    @pytest.mark.parametrize("kept", [100, 1000, 5000])
    def test_a_file_cut_off(self, migrated_file: Path, tmp_path: Path, kept: int) -> None:
        """A file of which the end is missing is called damaged, and not a byte of it changes."""
        path = tmp_path / "shop.db"
        content = migrated_file.read_bytes()[:kept]
        path.write_bytes(content)
        with pytest.raises(DatabaseError, match=r"shop\.db is damaged .*: restore a backup"):
            upgrade(f"sqlite:///{path}")
        assert content == path.read_bytes()

    def test_damage_in_the_middle(self, migrated_file: Path, tmp_path: Path) -> None:
        """A file whose list of tables is overwritten is called damaged, and not a byte of it changes."""
        path = tmp_path / "shop.db"
        content = migrated_file.read_bytes()
        content = content[:100] + b"\xff" * 3000 + content[3100:]
        path.write_bytes(content)
        with pytest.raises(DatabaseError, match=r"shop\.db is damaged .*: restore a backup"):
            upgrade(f"sqlite:///{path}")
        assert content == path.read_bytes()

    def test_the_database_of_another_program(self, tmp_path: Path) -> None:
        """A SQLite file with strange tables is refused by their names, and not a byte of it changes."""
        path = tmp_path / "photos.db"
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE albums (id)")
        content = path.read_bytes()
        with pytest.raises(DatabaseError, match=r"photos\.db holds tables that Huifang did not make \(albums\)"):
            upgrade(f"sqlite:///{path}")
        assert content == path.read_bytes()

    def test_a_shared_postgres_database_with_our_names(self, empty_postgres_url: str) -> None:
        """Tables of other names do not matter on PostgreSQL; those of ours that we did not make do."""
        with engine_of(empty_postgres_url) as engine:
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE albums (id text)"))
                connection.execute(text("CREATE TABLE orders (id text)"))
            with pytest.raises(DatabaseError, match=r"tables that Huifang did not make \(orders\)"):
                upgrade(engine)
            assert {"albums", "orders"} == set(inspect(engine).get_table_names())

    def test_a_locked_database(self, empty_sqlite_url: str) -> None:
        """A database that another program is writing to is called locked."""
        with engine_of(empty_sqlite_url) as engine, closing(_at_work_on(empty_sqlite_url)):
            event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 1"))
            with pytest.raises(DatabaseError, match="is locked by another program"):
                upgrade(engine)

    def test_a_folder(self, tmp_path: Path) -> None:
        """A folder in the place of the file is refused with a sentence."""
        with pytest.raises(DatabaseError, match="cannot be opened: is the folder there"):
            upgrade(f"sqlite:///{tmp_path}")

    def test_a_place_that_cannot_be(self, tmp_path: Path) -> None:
        """A path through a file is refused with a sentence."""
        (tmp_path / "file").touch()
        with pytest.raises(DatabaseError, match=r"database: the folder of .*file"):
            upgrade(f"sqlite:///{tmp_path}/file/shop.db")

    def test_nobody_answers(self, tmp_path: Path) -> None:
        """A PostgreSQL server that is not there is named without the password."""
        with pytest.raises(DatabaseError, match="database: postgresql://shop@") as refused:
            upgrade(f"postgresql://shop:secret@/shop?host={tmp_path}")
        assert "secret" not in str(refused.value)

    def test_no_such_database(self, postgres: Postgres) -> None:
        """A PostgreSQL database that does not exist is named."""
        with pytest.raises(DatabaseError, match=r"nowhere.* is not there: create it"):
            upgrade(postgres.url("nowhere"))


def _at_work_on(url: str) -> sqlite3.Connection:
    path = Path(url.removeprefix("sqlite:///"))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    return connection
