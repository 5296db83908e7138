"""What people ask about after-sales cases: how they stand, which are open, what came with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, select

from followup.after_sales.model import AfterSale
from followup.evidence import Evidence
from followup.model import Thread
from store import schema
from store.schema import in_state
from store.tables import KEPT

KIND = "after_sales"


def sales_of(connection: Connection, threads: Iterable[str]) -> Mapping[str, AfterSale]:
    """How the cases of these threads stand, by thread; those without one are left out."""
    wanted = select(schema.after_sales).where(schema.after_sales.c.thread.in_(list(threads)))
    return {sale.thread: sale for sale in _all(connection, AfterSale, wanted)}


def cases(connection: Connection, limit: int, only_open: bool = True) -> list[tuple[Thread, AfterSale]]:
    """The newest cases, the newest first."""
    threads = schema.threads
    statement = select(threads).where(threads.c.kind == KIND).order_by(threads.c.opened_at.desc()).limit(limit)
    if only_open:
        statement = statement.where(in_state(threads, "open", "with_agent", "solved"))
    found: list[Thread] = _all(connection, Thread, statement)
    sales = sales_of(connection, (thread.id for thread in found))
    return [(thread, sales[thread.id]) for thread in found if thread.id in sales]


def evidence_of(connection: Connection, thread: str) -> list[Evidence]:
    """What the buyer sent in a case, in the order of time."""
    of = schema.evidence.c
    return _all(connection, Evidence, select(schema.evidence).where(of.thread == thread).order_by(of.at, of.id))


def _all(connection: Connection, cls: type, statement: Select[Any]) -> list[Any]:
    return [KEPT[cls].codec.decode(row) for row in connection.execute(statement)]
