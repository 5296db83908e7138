"""Writes the next version: what store/schema.py has and the versions so far have not."""

from __future__ import annotations

import sys
from tempfile import TemporaryDirectory

from alembic import command

from store.engine import open_engine
from store.migrate import upgrade
from store.migrations import configured, head


def propose(message: str) -> None:
    """Write a file into `versions/`, to be read and tidied by a person."""
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/scratch.db")
        if head() != "0000":
            upgrade(engine)
        with engine.begin() as connection:
            command.revision(configured(connection), message, autogenerate=True, rev_id=f"{int(head()) + 1:04}")
        engine.dispose()


if __name__ == "__main__":
    propose(" ".join(sys.argv[1:]))
