from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select, text

from store import fence
from store.engine import DatabaseError, open_engine
from store.fence import MovedAway, see_it_is_here
from store.migrate import upgrade
from store.move import Move, NotMoved, name_of
from store.move_back import turn_back
from store.schema import cursors, metadata, notes, orders, outbox
from store.store import SqlStore
from tests.store.makers import an_order, keep
from tests.store.moving import alike, contents, filled, ids, kept, value

ROOT = Path(__file__).parents[2]
TABLES, ROWS = len(metadata.tables), 7
ONE_WAY = pytest.mark.parametrize("both", ["there"], indirect=True)


@pytest.fixture(params=["there", "back"])
def both(request: pytest.FixtureRequest, sqlite_url: str, postgres_url: str) -> Iterator[tuple[Engine, Engine]]:
    """A database with a shop and an empty one: onto PostgreSQL, and back."""
    urls = (sqlite_url, postgres_url) if request.param == "there" else (postgres_url, sqlite_url)
    engines = [open_engine(url) for url in urls]
    filled(engines[0], ROWS)
    yield engines[0], engines[1]
    for engine in engines:
        engine.dispose()


@pytest.fixture
def onto_postgres(sqlite_url: str, postgres_url: str) -> Iterator[tuple[Engine, Engine]]:
    """A file and a PostgreSQL database, both without rows."""
    engines = open_engine(sqlite_url), open_engine(postgres_url)
    yield engines
    for engine in engines:
        engine.dispose()


def write(engine: Engine, *statements: str) -> None:
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for statement in statements:
            connection.execute(text(statement))


class TestAShop:
    def test_arrives_whole(self, both: tuple[Engine, Engine]) -> None:
        """Every column of every row is there, and nothing else; how it was done leaves no trace."""
        source, target = both
        before = kept(source)
        assert TABLES * ROWS == alike(Move(source, target).run().tables)
        assert before == kept(target)
        with target.connect() as connection:
            assert before["cursors"] == list(map(tuple, connection.execute(select(cursors).order_by(cursors.c.name))))
        see_it_is_here(target)

    def test_is_counted_on(self, both: tuple[Engine, Engine]) -> None:
        """What is written next has a number behind all others."""
        source, target = both
        Move(source, target).run()
        with target.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(notes.insert().values(thread="s/9", at=9, who="bot", text="next"))
            seq = connection.execute(select(notes.c.seq).where(notes.c.text == "next")).scalar_one()
        assert ROWS + 1 == seq

    @ONE_WAY
    def test_goes_on_while_it_moves(self, both: tuple[Engine, Engine]) -> None:
        """What is changed, deleted and added meanwhile is the same in the new database."""
        source, target = both
        at_work = [
            "UPDATE outbox SET text = 'changed' WHERE seq = 2",
            "DELETE FROM orders WHERE id = 's/3'",
            "INSERT INTO notes (thread, at, who, text) VALUES ('s/1', 1, 'li', 'meanwhile')",
        ]

        def tell(what: str, table: str, _rows: int) -> None:
            if (what, table) in {("copy", "outbox"), ("again", "topics"), ("again", "deadlines")}:
                write(source, at_work.pop())

        Move(source, target, tell).run()
        assert [] == at_work
        assert kept(source) == kept(target)

    @ONE_WAY
    def test_is_left_as_it_is(self, both: tuple[Engine, Engine]) -> None:
        """A comparison writes nothing, neither here nor there."""
        source, target = both
        missing = sum(each.missing for each in Move(source, target).check())
        assert (TABLES * ROWS, []) == (missing, [row for rows in kept(target).values() for row in rows])
        see_it_is_here(source)

    def test_with_what_postgres_cannot_keep(self, onto_postgres: tuple[Engine, Engine]) -> None:
        """A message with the character 0 in it arrives with a replacement character."""
        source, target = onto_postgres
        with source.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(notes.insert().values(thread="s/1", at=1, who="buyer", text="a\0b"))
        Move(source, target).run()
        with target.connect() as connection:
            assert "a\ufffdb" == connection.execute(select(notes.c.text)).scalar_one()


class TestTheFence:
    def test_refuses_writers_with_a_sentence(self, both: tuple[Engine, Engine]) -> None:
        """Whoever still writes in the old database is told where the shop is; reading goes on."""
        source, target = both
        Move(source, target).run()
        store, told = SqlStore(source.url.render_as_string(hide_password=False)), list[str]()
        store.on_moved = told.append
        try:
            with pytest.raises(MovedAway, match=r"this shop moved to .*; set .database. url = "):
                keep(store, an_order("late"))
        finally:
            store.close()
        assert [fence.sentence(name_of(target))] == told
        assert ROWS == len(ids(source, orders))
        with pytest.raises(MovedAway, match="moved to"):
            see_it_is_here(source)

    def test_stands_around_every_table(self, both: tuple[Engine, Engine]) -> None:
        """Nothing can be inserted, changed or deleted, in any table."""
        source, target = both
        Move(source, target).run()
        for table in metadata.tables.values():
            row = {each.name: value(table, each.name, 99) for each in table.c}
            changed = table.update().values({next(iter(table.c)).name: row[next(iter(table.c)).name]})
            for statement in (table.insert().values(row), changed, table.delete()):
                with pytest.raises(Exception, match=fence.SENTENCE), source.begin() as connection:
                    connection.execute(statement)

    def test_loses_nothing_that_was_acknowledged(self, both: tuple[Engine, Engine]) -> None:
        """Of what is written all the while, whatever was acknowledged is in the new database."""
        source, target = both
        store, acknowledged, begun = SqlStore(source.url.render_as_string(hide_password=False)), [], threading.Event()

        def busy() -> None:
            with suppress(MovedAway):
                for n in range(100_000):
                    keep(store, an_order(f"w{n}"))
                    acknowledged.append(f"w{n}")
                    begun.set()

        writer = threading.Thread(target=busy)
        writer.start()
        assert begun.wait(30)
        Move(source, target).run()
        writer.join(60)
        store.close()
        assert not writer.is_alive()
        assert acknowledged
        assert set(acknowledged) == {id_ for id_ in ids(target, orders) if id_.startswith("w")}
        assert kept(source) == kept(target)


class TestTurningBack:
    @ONE_WAY
    def test_before_anybody_began(self, both: tuple[Engine, Engine]) -> None:
        """The old database can be written again, and the new one no longer; moving again is no trouble."""
        source, target = both
        Move(source, target).run()
        turn_back(source, target)
        write(source, "INSERT INTO notes (thread, at, who, text) VALUES ('s/1', 1, 'li', 'at home')")
        with pytest.raises(MovedAway, match="moved to"):
            see_it_is_here(target)
        Move(source, target).run()
        assert kept(source) == kept(target)

    def test_after_somebody_began(self, both: tuple[Engine, Engine]) -> None:
        """What was written in the new database is not given up: moving back takes it along."""
        source, target = both
        Move(source, target).run()
        write(target, "INSERT INTO notes (thread, at, who, text) VALUES ('s/1', 1, 'li', 'at work')")
        with pytest.raises(NotMoved, match="1 rows of notes were written"):
            turn_back(source, target)
        Move(target, source).run()
        assert kept(target) == kept(source)
        see_it_is_here(source)

    @ONE_WAY
    def test_from_a_database_that_is_gone(self, both: tuple[Engine, Engine]) -> None:
        """Who says that the new one is gone for good has the old one back."""
        source, target = both
        Move(source, target).run()
        turn_back(source, None)
        see_it_is_here(source)
        with pytest.raises(NotMoved, match="has no fence"):
            turn_back(source, None)


class TestRefusals:
    @ONE_WAY
    def test_a_target_with_rows(self, both: tuple[Engine, Engine]) -> None:
        """Another shop's rows are never written over."""
        source, target = both
        filled(target, 2, first=50)
        before = kept(target)
        with pytest.raises(NotMoved, match="holds rows already"):
            Move(source, target).run()
        assert before == kept(target)
        see_it_is_here(source)

    @ONE_WAY
    def test_a_shop_that_moved(self, both: tuple[Engine, Engine], tmp_path: Path) -> None:
        """The old database is not moved a second time, neither there nor anywhere."""
        source, target = both
        Move(source, target).run()
        third = open_engine(f"sqlite:///{tmp_path}/third.db")
        upgrade(third)
        for to in (target, third):
            with pytest.raises(NotMoved, match=r"moved to .* already"):
                Move(source, to).run()
        third.dispose()

    def test_the_same_database(self, sqlite_url: str) -> None:
        """However it is written."""
        one, other = open_engine(sqlite_url), open_engine(sqlite_url.replace("/shop.db", "/./shop.db"))
        with pytest.raises(NotMoved, match="where the shop is already"):
            Move(one, other)

    @ONE_WAY
    def test_an_unfinished_target(self, both: tuple[Engine, Engine]) -> None:
        """Nobody can begin to work in a database before it is complete."""
        source, target = both

        def tell(*_: object) -> None:
            raise KeyboardInterrupt

        with suppress(KeyboardInterrupt):
            Move(source, target, tell).run()
        with pytest.raises(DatabaseError, match="is not finished"):
            see_it_is_here(target)
        Move(source, target).run()
        see_it_is_here(target)

    def test_a_full_disk(self, tmp_path: Path, sqlite_url: str) -> None:
        """It is said, the shop is where it was, and the same call goes on when there is room."""
        source, target = open_engine(sqlite_url), open_engine(f"sqlite:///{tmp_path}/small.db")
        upgrade(target)
        filled(source, 500)
        room = [120]

        @event.listens_for(target, "connect")
        def small(connection: object, _record: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {room[0]}")  # type: ignore[attr-defined]

        target.dispose()
        with pytest.raises(Exception, match="full"):
            Move(source, target).run()
        see_it_is_here(source)
        room[0] = 1_000_000
        target.dispose()
        assert 500 * TABLES == alike(Move(source, target).run().tables)
        source.dispose()
        target.dispose()


@pytest.mark.parametrize("way", ["there", "back"])
def test_killed_at_any_moment(way: str, sqlite_url: str, postgres_url: str) -> None:
    """However often it is killed, the same command goes on, and in the end all is there, what was written between too;
    the shop is never in two databases, nor in none."""
    urls = (sqlite_url, postgres_url) if way == "there" else (postgres_url, sqlite_url)
    source, target = map(open_engine, urls)
    filled(source, 40)
    chance, last, kills = random.Random(7), b"", 0
    while last != b"done\n":
        command = [sys.executable, "-m", "tests.store.moving", *urls]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            for _ in range(chance.randint(10, 100) if kills < 2 else 100_000):
                last = child.stdout.readline() or last
                if last == b"done\n":
                    break
            child.kill()
        kills += 1
        homes = [engine for engine in (source, target) if _is_home(engine)]
        assert len(homes) == 1 or (not homes and _is_fenced(source))
        if source in homes:
            write(source, f"INSERT INTO notes (thread, at, who, text) VALUES ('s/1', 1, 'li', 'after kill {kills}')")
    assert kills > 2
    with source.connect() as here, target.connect() as there:
        assert contents(here) == contents(there)
    assert _is_home(target)
    for engine in (source, target):
        engine.dispose()


def _is_home(engine: Engine) -> bool:
    try:
        see_it_is_here(engine)
    except MovedAway:
        return False
    return True


def _is_fenced(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(fence.moved_to(connection))


def test_a_message_on_its_way_is_waited_for(
    onto_postgres: tuple[Engine, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch waits until nothing is being sent, for a while; what is still on its way then is counted."""
    source, target = onto_postgres
    filled(source, 1)
    write(source, "UPDATE outbox SET state = 'sending'")
    looks: list[float] = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            write(source, "UPDATE outbox SET state = 'sent'")

    monkeypatch.setattr("store.move.time.sleep", pause)
    assert 0 == Move(source, target).run().on_their_way
    assert 3 == len(looks)
    with target.connect() as connection:
        assert "sent" == connection.execute(select(outbox.c.state)).scalar_one()
