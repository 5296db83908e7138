"""Firing what is due, batch by batch, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from followup.model import Instant
from followup.ports import Clock
from handlers.deps import Deps
from handlers.reminder_due import BATCH, fire_due
from store.sql_tx import SqlTx
from store.store import SqlStore, Store
from store.tx import Tx


async def fire_all_due(
    store: Store, deps: Deps, clock: Clock, batch: int = BATCH, going: Callable[[], bool] = lambda: True
) -> int:
    """Fire every reminder that is due now, as long as `going`; returns how many were decided."""
    total = 0
    while going() and (fired := await store.transact(lambda tx: fire_due(tx, deps, clock.now(), batch))):
        total += fired
    return total


async def next_reminder(store: SqlStore) -> Instant | None:
    """When the next reminder is due, if any is pending."""

    def read(tx: Tx) -> Instant | None:
        assert isinstance(tx, SqlTx)
        return tx.next_reminder()

    return await store.transact(read)
