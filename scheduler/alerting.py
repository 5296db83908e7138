"""Telling the shop's people of their tasks: a look every few seconds for those whose time has come."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from functools import partial

import structlog

from followup.model import Instant, Task
from followup.ports import Clock
from handlers.deps import Deps
from handlers.desk import cards
from handlers.desk.alerting import roads, tell, wanted
from scheduler.jobs import Job, every
from store import alert_views
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx
from store.wanted import Wanted

log = structlog.get_logger(__name__)
LOOK = timedelta(seconds=3)
MOST = 500
RECENT = timedelta(days=1)


class Alerting:
    """Alerts and cards of all shops whose people can be told. The truth is in the tasks and the outbox; what is kept
    here only saves looking twice: in which minute a shop was told last, and which tasks have a card in a group."""

    def __init__(self, store: SqlStore, deps: Deps, clock: Clock) -> None:
        self._store, self._deps, self._clock = store, deps, clock
        self._shops = [shop for shop in deps.policies if roads(shop, deps)]
        self._grouped = [shop for shop in deps.policies if shop in deps.places]
        self._told_in: dict[str, Instant] = {}
        self._cards: set[str] | None = None

    async def run(self) -> None:
        """Tell what is to be told, and have cards say what became of their tasks."""
        await self.tell()
        if self._grouped:
            await self.refresh()

    async def tell(self) -> int:
        """Tell of every task whose time has come, shop by shop; returns how many were told of."""
        now = self._clock.now()
        minute = now.replace(second=0, microsecond=0)
        shops = [shop for shop in self._shops if self._told_in.get(shop) != minute]
        due: dict[str, list[str]] = defaultdict(list)
        for shop, id_ in await self._store.transact(partial(_due, shops, now)) if shops else ():
            due[shop].append(id_)
        return sum([await self._tell(shop, ids, now) for shop, ids in due.items()])

    async def _tell(self, shop: str, ids: list[str], now: Instant) -> int:
        """Tell the people of one shop; what breaks there keeps nothing from those of the others."""
        work = partial(tell, shop, ids, deps=self._deps, now=now)
        try:
            told = await self._store.transact(work, wanted(shop, ids, self._deps, now))
        except Exception as error:
            log.exception("alerts_failed", shop=shop, error=type(error).__name__)
            return 0
        if told:
            self._told_in[shop] = now.replace(second=0, microsecond=0)
        if self._cards is not None and shop in self._grouped:
            self._cards.update(task.id for task in told)
        return len(told)

    async def refresh(self) -> int:
        """Have the cards of tasks that were closed since say so, whoever closed them; returns how many."""
        shown = await self._shown()
        over = await self._store.transact(partial(_closed, list(shown))) if shown else []
        now = self._clock.now()
        if over:
            await self._store.transact(partial(self._change, over, now=now), Wanted(tasks=tuple(over)))
            shown.difference_update(over)
        return len(over)

    async def _shown(self) -> set[str]:
        """The tasks whose cards are in a group. After a start nobody knows what the cards say of those that were closed
        lately; the same is never said twice."""
        if self._cards is None:
            since = self._clock.now() - RECENT
            self._cards = set(await self._store.transact(partial(_known, self._grouped, since)))
        return self._cards

    def _change(self, ids: list[str], tx: Tx, now: Instant) -> None:
        for task in filter(None, (tx.get(Task, id_) for id_ in ids)):
            cards.changed(task, tx, self._deps, now)


def alert_jobs(store: SqlStore, deps: Deps, clock: Clock) -> tuple[Job, ...]:
    """The job that tells people of their tasks; none where there is no way to tell anybody."""
    if not deps.places and not deps.services:
        return ()
    return (Job("alerts", Alerting(store, deps, clock).run, every(LOOK.total_seconds())),)


def _due(shops: list[str], now: Instant, tx: Tx) -> list[tuple[str, str]]:
    assert isinstance(tx, SqlTx)
    return alert_views.to_tell(tx.connection, shops, now, MOST)


def _closed(ids: list[str], tx: Tx) -> list[str]:
    assert isinstance(tx, SqlTx)
    return alert_views.closed(tx.connection, ids)


def _known(shops: list[str], since: Instant, tx: Tx) -> list[str]:
    assert isinstance(tx, SqlTx)
    return alert_views.shown(tx.connection, shops, since)
