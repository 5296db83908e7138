from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from store.commits import Commits
from store.store import SqlStore
from tests.store.makers import a_buyer, keep


@pytest.fixture
def commits(sql_store: SqlStore) -> Iterator[Commits]:
    """Of each database."""
    made = sql_store.dialect.commits()
    yield made
    made.close()


class TestMark:
    def test_stays_while_nothing_is_committed(self, commits: Commits) -> None:
        """Looking is no commit, so that a page which nobody changes is left alone."""
        assert commits.mark() == commits.mark()

    def test_changes_with_every_commit(self, commits: Commits, sql_store: SqlStore) -> None:
        """Each commit of ours is told."""
        marks = [commits.mark()]
        for number in range(3):
            keep(sql_store, a_buyer(f"b{number}"))
            marks.append(commits.mark())
        assert len(set(marks)) == 4

    def test_changes_with_the_commit_of_another_program(self, commits: Commits, sql_store: SqlStore) -> None:
        """An import or a command beside the running program is told as well."""
        before = commits.mark()
        other = SqlStore(sql_store.engine.url.render_as_string(hide_password=False).replace("+psycopg", ""))
        keep(other, a_buyer())
        other.close()
        assert commits.mark() != before

    def test_does_not_change_with_what_is_not_committed(self, commits: Commits, sql_store: SqlStore) -> None:
        """What somebody is about to write cannot be seen yet, and is told when it can."""
        before = commits.mark()
        with sql_store.engine.connect().execution_options(writes=True) as connection:
            connection.execute(text("INSERT INTO cursors (name, value) VALUES ('a', 'b')"))
            during = commits.mark()
            connection.commit()
        assert (before, True) == (during, commits.mark() != before)

    def test_holds_no_transaction_open(self, sqlite_url: str) -> None:
        """The write-ahead log can be emptied while somebody looks."""
        store = SqlStore(sqlite_url)
        commits = store.dialect.commits()
        commits.mark()
        keep(store, a_buyer())
        commits.mark()
        with sqlite3.connect(Path(make_url(sqlite_url).database or "")) as connection:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.close()
        commits.close()
        store.close()
        assert busy == 0

    def test_begins_anew_when_the_connection_was_lost(self, commits: Commits, sql_store: SqlStore) -> None:
        """What was committed meanwhile is not missed: the mark is another one."""
        before = commits.mark()
        commits.close()
        assert commits.mark() != before

    def test_takes_no_connection_from_the_pool(self, commits: Commits, sql_store: SqlStore) -> None:
        """It has one of its own for as long as the program runs."""
        commits.mark()
        assert sql_store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    def test_says_when_the_database_is_away(self, sqlite_url: str) -> None:
        """The error comes out, and the next look may succeed."""
        store = SqlStore(sqlite_url)
        commits = Commits(store.engine, "SELECT nonsense FROM nowhere")
        with pytest.raises(Exception, match="nowhere"):
            commits.mark()
        store.close()
