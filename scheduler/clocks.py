"""Looking at the clocks whose time has come: at risk, or breached. What a stop has missed is looked at afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from followup.desk.deadlines import Deadline
from followup.model import Instant
from followup.ports import Clock
from handlers.deps import Deps
from handlers.desk.clocks import clock_due
from scheduler.jobs import Job, every
from store import clock_views
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted

log = structlog.get_logger(__name__)
BATCH = 100
EVERY = 15.0
AFTER_TROUBLE = timedelta(hours=1)


async def check_clocks(store: SqlStore, deps: Deps, clock: Clock, batch: int = BATCH) -> int:
    """Look at every clock whose time has come, batch by batch; returns how many that were."""
    total = 0
    while due := await store.transact(partial(_first_due, clock.now(), batch)):
        work = partial(_look_at, [each.clock for each in due], deps=deps, now=clock.now())
        await store.transact(work, _wanted(due))
        total += len(due)
    return total


def clocks_job(store: SqlStore, deps: Deps, clock: Clock) -> Job:
    """A look at the clocks every few seconds."""

    async def run() -> None:
        await check_clocks(store, deps, clock)

    return Job("clocks", run, every(EVERY), anywhere=True)


def _first_due(now: Instant, limit: int, tx: Tx) -> list[clock_views.Due]:
    assert isinstance(tx, SqlTx)
    return clock_views.first_due(tx.connection, now, limit)


def _wanted(due: Sequence[clock_views.Due]) -> Wanted:
    threads = tuple(dict.fromkeys(each.clock.thread for each in due if each.of_thread))
    chats = tuple(dict.fromkeys(each.clock.thread for each in due if not each.of_thread))
    return Wanted(threads=threads, chats=chats, alone=True)


def _look_at(due: Sequence[Deadline], tx: Tx, deps: Deps, now: Instant) -> None:
    """One after another; one that breaks something is tried again later and does not hold up the rest."""
    tx.read_ahead([clock.thread for clock in due])
    for read in due:
        current = tx.get(Deadline, read.id)
        if current is None or current.next_at is None or current.next_at > now:
            continue
        mark = tx.mark()
        try:
            clock_due(current, tx, deps, now)
        except Exception as error:
            tx.back_to(mark)
            log.exception("clock_failed", clock=read.id, error=type(error).__name__)
            tx.save(replace(current, next_at=now + AFTER_TROUBLE))
