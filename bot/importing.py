"""Bringing a file of orders into the store: good rows are kept, bad rows are put aside, nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bot.orders.rejected import write_rejected
from followup.events import OrderChanged
from followup.ports import BadRow, Clock, OrderSource
from handlers.deps import Deps, UnknownShop
from handlers.order_changed import Change, order_changed, wanted
from store.store import Store
from store.tx import Tx
from store.wanted import Wanted

BATCH = 500


@dataclass
class Imported:
    """What an import did: how many orders were new, changed, the same; the bad rows and where they were put."""

    counts: Counter[Change] = field(default_factory=Counter)
    rejected: list[BadRow] = field(default_factory=list)
    rejected_file: Path | None = None

    @property
    def total(self) -> int:
        """Rows read."""
        return self.counts.total() + len(self.rejected)


async def import_file(
    path: Path,
    source: OrderSource,
    store: Store,
    deps: Deps,
    clock: Clock,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Imported:
    """Import one file; importing it again, or a newer one of the same orders, brings only what changed.

    `progress` is told the rows of each batch. Raises `UnknownFormat` and OSError.
    """
    imported = Imported()
    for batch in batches(_good(source.read(path), imported)):
        counts, poisoned = await store.transact(
            lambda tx, batch=batch: _take(batch, tx, deps, clock),  # type: ignore[misc]
            Wanted.all_of(map(wanted, batch)),
        )
        imported.counts += counts
        imported.rejected += poisoned
        progress(len(batch))
    imported.rejected_file = write_rejected(path, imported.rejected)
    return imported


def batches(events: Iterator[OrderChanged]) -> Iterator[tuple[OrderChanged, ...]]:
    """The events in portions of one transaction each."""
    while batch := tuple(islice(events, BATCH)):
        yield batch


def _good(rows: Iterator[OrderChanged | BadRow], imported: Imported) -> Iterator[OrderChanged]:
    for row in rows:
        if isinstance(row, BadRow):
            imported.rejected.append(row)
        else:
            yield row


def _take(batch: tuple[OrderChanged, ...], tx: Tx, deps: Deps, clock: Clock) -> tuple[Counter[Change], list[BadRow]]:
    counts: Counter[Change] = Counter()
    poisoned: list[BadRow] = []
    now = clock.now()
    for event in batch:
        mark = tx.mark()
        try:
            counts[order_changed(event, tx, deps, now)] += 1
        except UnknownShop as error:
            tx.back_to(mark)
            poisoned.append(BadRow(0, "shop", event.order.shop, str(error), (event.order.id,)))
    return counts, poisoned
