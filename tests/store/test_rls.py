from __future__ import annotations

import importlib

from sqlalchemy import create_engine, text

from store.rls import BESIDES, BY_ID, BY_SHOP, HIDDEN, OPEN, condition
from store.schema import metadata

MIGRATION = "store.migrations.versions.0006_many_workers"


def test_every_table_says_whose_its_rows_are() -> None:
    """A new table stands in exactly one of the lists, or with those of which something is seen besides."""
    listed = [*BY_SHOP, *BY_ID, *HIDDEN, *OPEN, *(name for name in BESIDES if name not in BY_ID)]
    assert sorted(metadata.tables) == sorted(listed)


def test_every_column_shop_is_a_wall() -> None:
    """No table that names the shop of its rows is walled by anything else."""
    assert sorted(BY_SHOP) == sorted(name for name, table in metadata.tables.items() if "shop" in table.c)


def test_the_migration_says_the_same() -> None:
    """What the migration wrote down once is what store/rls.py says now."""
    policies = importlib.import_module(MIGRATION)._POLICIES
    assert policies == {name: found for name in metadata.tables if (found := condition(name))}


def test_the_database_holds_them(postgres_url: str) -> None:
    """Every table that is not open has its policy, also for its owner."""
    look = "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid WHERE relforcerowsecurity"
    engine = create_engine(postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        walled = sorted(connection.execute(text(f"{look} AND relrowsecurity")).scalars())
    engine.dispose()
    assert sorted(set(metadata.tables) - set(OPEN)) == walled
