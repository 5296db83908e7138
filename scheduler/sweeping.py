"""The sweep of a shop, batch by batch, and the jobs that run it twice a week and look for clusters every day."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import structlog

from followup.clusters import Complaint, clusters
from followup.model import Instant, Task
from followup.ports import Clock
from followup.sweep import SWEPT, Care, Coverage, Found, last_slot, proven
from handlers.deps import Deps
from handlers.sweep import alert_clusters, report, reports_of, sweep_batch, wanted
from scheduler.jobs import Job, daily, every
from store import sweep_views
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Pair, Wanted

log = structlog.get_logger(__name__)
BATCH = 200
LOOK = timedelta(minutes=10)


async def sweep(shop: str, store: SqlStore, deps: Deps, clock: Clock) -> tuple[Coverage, Task]:
    """Go over every late and stuck order of a shop, open what is missing, keep the report, and look for clusters."""
    now = clock.now()
    (late, found), (stuck, more) = [await _sweep_kind(kind, shop, store, deps, now) for kind in SWEPT]
    stored = await store.transact(partial(_stored, [each.thread for each in (*found, *more)]))
    coverage = Coverage(shop, now, late, stuck, proven((*found, *more), stored))
    task = await store.transact(partial(report, coverage, deps=deps, now=now))
    await find_clusters(shop, store, deps, clock)
    tell = log.info if coverage.adds_up else log.error
    tell("swept", shop=shop, found=coverage.all, opened=coverage.count(Care.OPENED), adds_up=coverage.adds_up)
    return coverage, task


async def _sweep_kind(kind: str, shop: str, store: SqlStore, deps: Deps, now: Instant) -> tuple[int, list[Found]]:
    found: list[Found] = []
    count, after = 0, ""
    while batch := await store.transact(partial(_candidates, kind, shop, after)):
        work = partial(sweep_batch, kind, shop, batch, deps=deps, now=now)
        begun, looked_after = await store.transact(work, wanted(shop, batch))
        count, found, after = count + begun, found + looked_after, batch[-1][0]
    return count, found


async def find_clusters(shop: str, store: SqlStore, deps: Deps, clock: Clock) -> list[Task]:
    """Tell the agents of goods about which several orders complained lately; the tasks that are new."""
    now, policy = clock.now(), deps.policy(shop).after_sales
    told = await store.transact(partial(_complaints, shop, now - policy.cluster_within))
    found = clusters(told, policy, now)
    if not found:
        return []
    ids = tuple(f"{shop}/cluster/{cluster.key(now, deps.policy(shop).zone)}" for cluster in found)
    return await store.transact(partial(alert_clusters, shop, found, deps=deps, now=now), Wanted(tasks=ids))


async def sweep_if_due(shop: str, store: SqlStore, deps: Deps, clock: Clock) -> None:
    """Sweep, unless that was done since it was last due; so a sweep that a stop has missed is made up for."""
    slot = last_slot(clock.now(), deps.policy(shop).zone)
    last = await store.transact(partial(_last_report, shop))
    if last is None or last.created_at < slot:
        await sweep(shop, store, deps, clock)


def sweep_jobs(store: SqlStore, deps: Deps, clock: Clock) -> tuple[Job, ...]:
    """For each shop a look every few minutes whether its sweep is due, and its daily look for clusters."""
    jobs = []
    for shop, policy in deps.policies.items():
        of_shop = partial(sweep_if_due, shop, store, deps, clock)
        jobs.append(Job(f"sweep/{shop}", of_shop, every(LOOK.total_seconds()), anywhere=True))
        look = partial(_clusters, shop, store, deps, clock)
        jobs.append(Job(f"clusters/{shop}", look, daily(9, 0, policy.zone.key), anywhere=True))
    return tuple(jobs)


async def _clusters(shop: str, store: SqlStore, deps: Deps, clock: Clock) -> None:
    await find_clusters(shop, store, deps, clock)


def _candidates(kind: str, shop: str, after: str, tx: Tx) -> list[Pair]:
    assert isinstance(tx, SqlTx)
    return sweep_views.candidates(tx.connection, kind, shop, after, BATCH)


def _stored(ids: list[str], tx: Tx) -> set[str]:
    assert isinstance(tx, SqlTx)
    return sweep_views.stored(tx.connection, ids)


def _complaints(shop: str, since: Instant, tx: Tx) -> list[Complaint]:
    assert isinstance(tx, SqlTx)
    return sweep_views.complaints(tx.connection, shop, since)


def _last_report(shop: str, tx: Tx) -> Task | None:
    assert isinstance(tx, SqlTx)
    return sweep_views.last_report(tx.connection, reports_of(shop))
