"""The program as somebody sees it who watches over it: the figures and whether it is ready, read seldom and cheaply."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from time import monotonic
from typing import Protocol

import structlog

from bot.watching.following import follow
from bot.watching.metrics import Metrics
from bot.watching.readiness import Readiness
from followup.ports import Clock
from scheduler.outbox import Outbox
from store import watch_views
from store.log_ids import stamp
from store.sql_tx import SqlTx
from store.store import SqlStore

log = structlog.get_logger(__name__)
SELDOM = 2.0
"""Seconds for which figures that were read are good enough."""
PATIENCE = 3.0


class Engine(Protocol):
    """Whether this process listens, serves and hands over."""

    @property
    def leads(self) -> bool: ...


class Watching:
    """Watches the store, the outboxes and the engine of one process."""

    def __init__(self, store: SqlStore, clock: Clock, outboxes: Sequence[Outbox], heard: Iterable[str] = ()) -> None:
        self._store, self._clock = store, clock
        self._senders = tuple(outbox.channel.name for outbox in outboxes)
        self._heard = tuple(dict.fromkeys((*heard, *self._senders)))
        self.readiness = Readiness(store)
        self.metrics = Metrics(self._senders, _version(), store.engine.dialect.name)
        self.engine: Engine | None = None
        self._read_at, self._reading = float("-inf"), asyncio.Lock()
        self._asking: asyncio.Future[watch_views.Watched | None] | None = None
        store.on_commit = self._committed
        for outbox in outboxes:
            outbox.on_results = self.metrics.sent
        stamp(worker=lambda: store.worker)

    @property
    def leads(self) -> bool:
        """Whether this process is the one that listens and serves."""
        return self.readiness.started and self.engine is not None and self.engine.leads

    async def page(self) -> bytes:
        """The figures as Prometheus reads them, at most `SELDOM` seconds old."""
        async with self._reading:
            if monotonic() - self._read_at >= SELDOM:
                reasons, seen = await asyncio.gather(self.readiness.reasons(), self._seen())
                self.metrics.show(seen, self._heard, reasons, self.leads)
                self._read_at = monotonic()
        return self.metrics.page()

    async def _seen(self) -> watch_views.Watched | None:
        """None if the database fails, or does not answer in time: one that hangs is asked no second time meanwhile."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(asyncio.to_thread(self._try_read))
        done, _ = await asyncio.wait({self._asking}, timeout=PATIENCE)
        if not done:
            log.warning("figures_not_read", error=TimeoutError.__name__)
            return None
        return self._asking.result()

    def _try_read(self) -> watch_views.Watched | None:
        try:
            return self.read()
        except Exception as error:  # noqa: BLE001 - whoever watches hears of it by the figures
            log.warning("figures_not_read", error=type(error).__name__)
            return None

    def read(self) -> watch_views.Watched:
        """What the database says; raises what it raises when it cannot be asked."""
        with self._store.engine.connect() as connection:
            return watch_views.read(connection, self._store.dialect, self._senders, self._clock.now())

    def _committed(self, tx: SqlTx, seconds: float) -> None:
        self.metrics.committed(tx, seconds)
        follow(tx)


def _version() -> str:
    try:
        return version("huifang")
    except PackageNotFoundError:
        return "unknown"
