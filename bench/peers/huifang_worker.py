"""One of Huifang's workers on PostgreSQL: due reminders are handed over in batches, future ones are not."""

from __future__ import annotations

from collections.abc import Sequence

from bench.peers.huifang import Huifang
from followup.ports import Clock
from handlers.deps import Deps
from scheduler.distributed import Distributed
from scheduler.outbox import Outbox
from store.store import SqlStore


class Worker(Huifang):
    def _engine(self, store: SqlStore, deps: Deps, clock: Clock, outboxes: Sequence[Outbox]) -> Distributed:
        return Distributed(store, deps, clock, outboxes)
