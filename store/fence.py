"""A fence around a database from which the shop moved away: nothing can be written there any more, by any program.

Whoever tries is refused by the database itself, with a sentence that names the new one. How a move stands is kept in
`cursors`: MOVED in the database that was left, COMING in the one that is not complete yet.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, delete, select

from store.engine import DatabaseError
from store.schema import cursors, metadata

MOVED, COMING, PROGRESS = "moved/to", "moved/from", "move/"
"""Where the shop moved to, where it comes from, and how far each table was copied: none of them moves itself."""
SENTENCE = "this shop moved to "
_ACTIONS = ("INSERT", "UPDATE", "DELETE")


class MovedAway(DatabaseError):
    """The shop is in another database by now; the sentence says in which."""


def moved_to(connection: Connection) -> str:
    """Where the shop moved to; "" if it is here."""
    return _kept(connection, MOVED)


def coming_from(connection: Connection) -> str:
    """Where the shop comes from whose move into this database is not finished; "" if none is."""
    return _kept(connection, COMING)


def keep(connection: Connection, name: str, value: str) -> None:
    """Keep how a move stands."""
    forget(connection, name)
    connection.execute(cursors.insert().values(name=name, value=value))


def forget(connection: Connection, name: str) -> None:
    """Keep it no longer."""
    connection.execute(delete(cursors).where(cursors.c.name == name))


def sentence(to: str) -> str:
    """What a program is told that is still at work in the database that was left."""
    return f'{SENTENCE}{to}; set [database] url = "{to}"'


def said_in(error: BaseException) -> str:
    """The sentence with which the fence refused a statement; "" if the error is another one."""
    _, begins, rest = str(getattr(error, "orig", "")).partition(SENTENCE)
    return f"{begins}{rest}".splitlines()[0].strip() if begins else ""


def fence(connection: Connection, to: str) -> None:
    """Have everything that is written after this transaction be refused."""
    keep(connection, MOVED, to)
    words = sentence(to).replace("'", "''")
    if connection.dialect.name == "sqlite":
        _fence_file(connection, words)
        return
    raising = f"RAISE EXCEPTION USING MESSAGE = '{words}', ERRCODE = 'HF001'"
    _run(
        connection,
        "CREATE OR REPLACE FUNCTION huifang_moved() RETURNS trigger LANGUAGE plpgsql AS"
        f" $huifang$ BEGIN {raising}; END $huifang$",
    )
    for table in metadata.tables:
        _run(
            connection,
            f"CREATE TRIGGER huifang_moved BEFORE {' OR '.join(_ACTIONS)} OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION huifang_moved()",
        )


def unfence(connection: Connection) -> None:
    """Take the fence away, if there is one."""
    if connection.dialect.name == "sqlite":
        for table in metadata.tables:
            for action in _ACTIONS:
                _run(connection, f"DROP TRIGGER IF EXISTS huifang_moved_{table}_{action}")
    else:
        for table in metadata.tables:
            _run(connection, f"DROP TRIGGER IF EXISTS huifang_moved ON {table}")
        _run(connection, "DROP FUNCTION IF EXISTS huifang_moved()")
    forget(connection, MOVED)


def stop_writers(connection: Connection) -> None:
    """Have everybody else who wants to write wait until this transaction ends. SQLite's writes begin so anyway."""
    if connection.dialect.name == "postgresql":
        _run(connection, "SET LOCAL lock_timeout = '30s'")
        _run(connection, f"LOCK TABLE {', '.join(sorted(metadata.tables))} IN SHARE ROW EXCLUSIVE MODE")


def see_it_is_here(engine: Engine) -> None:
    """Raise MovedAway if the shop has left this database, which has our tables, or is not quite in it yet."""
    with engine.connect() as connection:
        if to := moved_to(connection):
            raise MovedAway(f"database: {sentence(to)}")
        if source := coming_from(connection):
            raise MovedAway(
                f"database: the move from {source} into this one is not finished; run `huifang move` again, or keep to"
                f' [database] url = "{source}"'
            )


def _fence_file(connection: Connection, words: str) -> None:
    for table in metadata.tables:
        for action in _ACTIONS:
            _run(
                connection,
                f"CREATE TRIGGER huifang_moved_{table}_{action} BEFORE {action} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{words}'); END",
            )


def _kept(connection: Connection, name: str) -> str:
    return connection.execute(select(cursors.c.value).where(cursors.c.name == name)).scalar() or ""


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%") if connection.dialect.name == "postgresql" else statement)
