"""Who was erased, remembered between transactions of which each sees other shops."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, Engine, insert, make_url

from followup.desk.erased import digest_of, pseudonym
from store.engine import open_engine
from store.migrate import upgrade
from store.rls import only
from store.schema import cursors, suppressed
from store.suppression import KEY, Remembered
from tests.databases import Postgres

SECRET = "00" * 32
HIS = {shop: digest_of(SECRET, shop, "him") for shop in ("tea", "rice")}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database in which nobody was erased yet."""
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(insert(cursors).values(name=KEY, value=SECRET))
    yield engine
    engine.dispose()


def erase(connection: Connection, shop: str) -> None:
    connection.execute(insert(suppressed).values(shop=shop, digest=HIS[shop], at=1))


def test_it_is_seen_when_somebody_is_erased(engine: Engine) -> None:
    """What is remembered holds as long as nobody else is erased, in whichever process that was."""
    remembered = Remembered()
    with engine.begin() as connection:
        assert "" == remembered.now(connection).pseudonym_of("tea", ["him"])
        erase(connection, "tea")
    with engine.begin() as connection:
        assert pseudonym(HIS["tea"]) == remembered.now(connection).pseudonym_of("tea", ["nobody", "him"])
        assert "" == remembered.now(connection).pseudonym_of("rice", ["him"])


def test_two_shops_with_as_many_are_not_confused(plain: Engine) -> None:
    """Transactions that see one shop each (row-level security) find who was erased there, though the other shop's list
    is as long and was read before; one that sees all finds both."""
    remembered = Remembered()
    for shop in ("tea", "rice", "tea"):
        with plain.begin() as connection:
            only(connection, [shop])
            assert pseudonym(HIS[shop]) == remembered.now(connection).pseudonym_of(shop, ["him"])
    with plain.begin() as connection:
        found = [remembered.now(connection).pseudonym_of(shop, ["him"]) for shop in HIS]
        assert [pseudonym(digest) for digest in HIS.values()] == found


@pytest.fixture
def plain(postgres: Postgres) -> Iterator[Engine]:
    """A database of a role that is held by row-level security, in which he was erased in two shops."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute("CREATE ROLE forgetful LOGIN")
        admin.execute("CREATE DATABASE forgetful OWNER forgetful")
    url = make_url(postgres.url("forgetful")).set(username="forgetful").render_as_string(hide_password=False)
    upgrade(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(cursors).values(name=KEY, value=SECRET))
        for shop in HIS:
            erase(connection, shop)
    yield engine
    engine.dispose()
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE forgetful WITH (FORCE)")
        admin.execute("DROP ROLE forgetful")
