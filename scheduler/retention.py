"""Every day, what was kept long enough goes: in portions, beside everything else, and never of what is open."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import cast

import structlog

from followup.model import Cursor, Instant
from followup.ports import Clock
from handlers.desk.erasing import to_delete
from scheduler.erasing import Files, delete_files
from scheduler.jobs import Job, every
from store import erasing, retention
from store.raw_rows import cursor
from store.retention import Days, Key, Rule
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx

log = structlog.get_logger(__name__)
LOOK, A_DAY = timedelta(minutes=5), timedelta(days=1)
LAST = "retention/last"
"""Under this name the cursors say when it last began."""


def retention_job(store: SqlStore, days: Days, clock: Clock, files: Files) -> Job:
    """Lets go of what is too old once a day; what a stop has missed, five minutes after the start."""

    async def look() -> None:
        now = clock.now()
        if not await store.transact(partial(_begins, now=now)):
            return
        gone = await asyncio.to_thread(retain, store, days, now, files)
        if gone:
            log.info("retention", **{table: count for (_, table), count in gone.items()})

    return Job("retention", look, every(LOOK.total_seconds()))


def _begins(tx: Tx, now: Instant) -> bool:
    """Whether a day has passed since the last time (or less than nothing, for clocks are set), which is noted."""
    last = cursor(cast(SqlTx, tx), LAST)
    if last and timedelta() <= now - datetime.fromisoformat(last) < A_DAY:
        return False
    tx.save(Cursor(LAST, now.isoformat()))
    return True


def retain(store: SqlStore, days: Days, now: Instant, files: Files) -> dict[tuple[str, str], int]:
    """Let go of everything that is too old; returns how many rows of which kind and table that were."""
    gone: Counter[tuple[str, str]] = Counter()
    for rule in retention.RULES:
        if days.get(rule.kind):
            gone[rule.kind, str(rule.table.name)] += _retain(store, rule, now - timedelta(days=days[rule.kind]))
    delete_files(store, files)
    if +gone:
        erasing.settle(store.engine)
    return dict(+gone)


def _retain(store: SqlStore, rule: Rule, before: Instant) -> int:
    count = 0
    with store.engine.connect() as connection:
        for keys in retention.portions(connection, rule, before):
            connection.rollback()  # so that a read that takes its time keeps nothing from being cleaned up
            count += store.run(partial(_apply, rule=rule, before=before, keys=keys))
    return count


def _apply(tx: Tx, rule: Rule, before: Instant, keys: list[Key]) -> int:
    connection = cast(SqlTx, tx).connection
    with erasing.for_good(connection):
        files = retention.apply(connection, rule, before, keys)
    to_delete(files, cast(SqlTx, tx))
    return len(keys)
