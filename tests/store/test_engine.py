from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from followup.model import Order
from store.engine import DatabaseError, Dialect, open_engine
from store.migrate import upgrade
from store.store import SqlStore
from store.wanted import Wanted
from tests.store.makers import an_order, keep


class TestOpen:
    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("var/huifang.db", "expected sqlite:///path or postgresql://"),
            ("mysql://shop@host/shop", "expected sqlite or postgresql, got 'mysql'"),
            ("sqlite://", "expected a file"),
            ("sqlite:///:memory:", "expected a file"),
        ],
    )
    def test_what_cannot_be_is_refused_with_a_sentence(self, url: str, sentence: str) -> None:
        """An address that leads nowhere is answered with what is expected."""
        with pytest.raises(DatabaseError, match=sentence):
            open_engine(url)

    @pytest.mark.parametrize("backend", ["sqlite_url", "postgres_url"])
    def test_an_error_does_not_quote_what_was_to_be_stored(self, backend: str, request: pytest.FixtureRequest) -> None:
        """A buyer's words get into no log and no task with the error."""
        engine = open_engine(request.getfixturevalue(backend))
        with pytest.raises(DBAPIError) as caught, engine.connect() as connection:
            connection.execute(text("SELECT nothing FROM nowhere WHERE words = :words"), {"words": "my secret"})
        engine.dispose()
        assert "secret" not in str(caught.value)

    def test_a_password_is_not_repeated(self) -> None:
        """The sentence does not hold what was given, for it may hold a secret."""
        with pytest.raises(DatabaseError) as refused:
            open_engine("postgresql//shop:secret@host")
        assert "secret" not in str(refused.value)

    def test_without_the_driver_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """PostgreSQL is an extra."""
        monkeypatch.setitem(sys.modules, "psycopg", None)
        with pytest.raises(DatabaseError, match=r"pip install 'huifang\[postgres\]'"):
            open_engine("postgresql://shop@host/shop")

    def test_a_folder_is_made(self, tmp_path: Path) -> None:
        """The database may lie in a folder that is not there yet."""
        open_engine(f"sqlite:///{tmp_path}/var/shop/huifang.db").dispose()
        assert (tmp_path / "var" / "shop").is_dir()


class TestDurable:
    def test_sqlite_waits_for_the_disk(self, sqlite_url: str) -> None:
        """What was committed survives a power cut: a write-ahead log, synced at every commit."""
        engine = open_engine(sqlite_url)
        with engine.connect() as connection:
            asked = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
        engine.dispose()
        assert ["wal", 2] == asked

    def test_readers_do_not_wait_for_the_writer(self, sql_store: SqlStore) -> None:
        """Somebody can look while a transaction is open, and sees nothing of it."""
        keep(sql_store, an_order())
        with sql_store.engine.connect().execution_options(writes=True) as writer, writer.begin():
            writer.execute(text("DELETE FROM orders"))
            with sql_store.engine.connect() as reader:
                assert 1 == reader.execute(text("SELECT count(*) FROM orders")).scalar()


class TestCollision:
    class Lost(Exception):
        sqlstate = ""

    @pytest.mark.parametrize(
        ("statement", "invalidated", "again"),
        [("SELECT 1", True, True), (None, True, False), ("SELECT 1", False, False)],
    )
    def test_a_lost_connection(self, sqlite_url: str, statement: str | None, invalidated: bool, again: bool) -> None:
        """Work is done again if the connection was lost before the commit; in the commit nobody knows."""
        dialect = Dialect(open_engine(sqlite_url))
        error = OperationalError(statement, None, self.Lost(), connection_invalidated=invalidated)
        assert again is dialect.is_collision(error)
        dialect.engine.dispose()

    def test_errors_of_others_are_none(self, sqlite_url: str) -> None:
        """A handler's own error is not a collision."""
        dialect = Dialect(open_engine(sqlite_url))
        assert [False, False] == [dialect.is_collision(e) for e in (ValueError(), DBAPIError("", None, ValueError()))]
        dialect.engine.dispose()


@pytest.mark.parametrize("id_", ["o'1", 'o"1', "o\\1", "o%1", "o:1 ?", "羊👩‍👩‍👧", "[1]", "{}", "o,1", "null", " "])
def test_any_id_is_found_again(sql_store: SqlStore, id_: str) -> None:
    """Ids come from platforms: whatever they hold, they are data."""
    keep(sql_store, an_order(id_))
    assert an_order(id_) == sql_store.run(lambda tx: tx.get(Order, "s", id_), Wanted(orders=(("s", id_), ("s", "o"))))


def test_only_its_owner_reads_a_new_database(tmp_path: Path) -> None:
    """It holds buyers' names and words, and so do the files that SQLite keeps beside it."""
    url = f"sqlite:///{tmp_path}/shop.db"
    upgrade(url)
    store = SqlStore(url)
    store.run(lambda _tx: None)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    store.close()
    assert "shop.db" in modes
    assert {0o600} == set(modes.values())
