"""The ledger of promises, for people: who promised what to whom, by when, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from followup.promises import Promise
from store.schema import buyers, in_state, promises, threads
from store.tables import KEPT


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise with the order it is about ("" for none) and the buyer's name, or his id."""

    promise: Promise
    order_id: str
    buyer: str


def promised(connection: Connection, everything: bool = False) -> list[Promised]:
    """The open promises, or all of them, in the order in which they are due."""
    name = func.coalesce(func.nullif(buyers.c.name, ""), threads.c.buyer, "")
    statement = (
        select(promises, func.coalesce(threads.c.order_id, ""), name)
        .outerjoin_from(promises, threads, threads.c.id == promises.c.thread)
        .outerjoin(buyers, (buyers.c.shop == threads.c.shop) & (buyers.c.id == threads.c.buyer))
        .order_by(promises.c.due_at, promises.c.id)
    )
    rows = connection.execute(statement if everything else _open(statement))
    decode = KEPT[Promise].codec.decode
    return [Promised(decode(row), row[-2], row[-1]) for row in rows]


def promises_of(connection: Connection, thread: str) -> list[Promise]:
    """All promises of a thread, in the order in which they were made."""
    statement = select(promises).where(promises.c.thread == thread).order_by(promises.c.made_at, promises.c.id)
    return [KEPT[Promise].codec.decode(row) for row in connection.execute(statement)]


def _open(statement: Select[Any]) -> Select[Any]:
    return statement.where(in_state(promises, "open"))
