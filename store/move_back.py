"""Turning back from a move before anybody began at work in the new database."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from store import fence
from store.move import Move, NotMoved, name_of
from store.move_compared import Compared, sorted_out, tables
from store.move_rows import Rows, beside, portions, storable


def turn_back(source: Engine, target: Engine | None) -> None:
    """Take the fence away from a database that was left, before anybody began at work in the new one; that one is
    fenced instead. `target` is None if it is gone for good. Raises NotMoved if anything was written there since."""
    here = name_of(source)
    with source.connect() as connection:
        to = fence.moved_to(connection)
    if not to:
        raise NotMoved(f"{here} has no fence: the shop is there")
    if target is not None:
        if to != name_of(target):
            raise NotMoved(f"the shop moved to {to}, not to {name_of(target)}")
        _fence_instead(source, target)
    with source.connect().execution_options(writes=True) as connection, connection.begin():
        fence.unfence(connection)


def _fence_instead(source: Engine, target: Engine) -> None:
    """Have nobody begin at work in the new database, if nobody did so far."""
    with target.connect().execution_options(writes=True) as there, there.begin():
        if fence.moved_to(there) == name_of(source):
            return
        fence.stop_writers(there)
        if not fence.coming_from(there):
            with source.connect() as here:
                _see_that_nothing_was_written(Move(source, target), here, there)
            fence.fence(there, name_of(source))


def _see_that_nothing_was_written(move: Move, here: Connection, there: Connection) -> None:
    for table in tables():
        rows, found = Rows(table), Compared(table.name)
        for portion in portions(storable(beside(rows.read(here), rows.read(there), rows.key_of))):
            _, _, found = sorted_out(rows, portion, found)
        if found.differ:
            raise NotMoved(
                f"{found.differ} rows of {table.name} were written in {move.there} since; to take them along, move"
                f" back: huifang move --from {move.there} --to {move.here}"
            )
