"""Bringing a file of orders into the store: good rows are kept, bad rows are put aside, nothing is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

import structlog

from bot.orders.rejected import write_rejected
from followup.events import OrderChanged
from followup.model import Instant
from followup.ports import BadRow, Clock, OrderSource
from handlers.deps import Deps
from handlers.order_changed import Change, order_changed, wanted
from store.store import Store
from store.tx import Tx
from store.wanted import Wanted

log = structlog.get_logger(__name__)
BATCH = 500
Taken = tuple[Counter[Change], list[BadRow]]


@dataclass
class Imported:
    """What an import did: how many orders were new, changed, the same; the bad rows and where they were put,
    or why they could not be put there."""

    counts: Counter[Change] = field(default_factory=Counter)
    rejected: list[BadRow] = field(default_factory=list)
    rejected_file: Path | None = None
    trouble: str = ""

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
    writing: asyncio.Task[Taken] | None = None
    try:
        for batch in batches(_good(source.read(path), imported)):
            if writing is not None:
                _note(await writing, imported, progress)
            take = partial(_take, batch, deps=deps, now=clock.now())
            writing = asyncio.create_task(store.transact(take, Wanted.all_of(map(wanted, batch))))
            await asyncio.sleep(0)  # the batch is on its way to the writer while the next one is read
    finally:
        if writing is not None:
            _note(await writing, imported, progress)
    try:
        imported.rejected_file = write_rejected(path, imported.rejected)
    except OSError as error:
        imported.trouble = f"the rejected rows could not be written beside {path}: {error.strerror or error}"
    return imported


def _note(taken: Taken, imported: Imported, progress: Callable[[int], None]) -> None:
    counts, poisoned = taken
    imported.counts += counts
    imported.rejected += poisoned
    progress(counts.total() + len(poisoned))


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


def _take(batch: tuple[OrderChanged, ...], tx: Tx, deps: Deps, now: Instant) -> Taken:
    counts: Counter[Change] = Counter()
    poisoned: list[BadRow] = []
    for event in batch:
        mark = tx.mark()
        try:
            counts[order_changed(event, tx, deps, now)] += 1
        except Exception as error:  # noqa: BLE001 - one order that breaks does not hold up the rest
            tx.back_to(mark)
            log.error("order_put_aside", order=event.order.id, error=type(error).__name__)
            poisoned.append(_poisoned(event, error))
    return counts, poisoned


def _poisoned(event: OrderChanged, error: Exception) -> BadRow:
    """An order that was read well but could not be followed up; its line is not known any more."""
    why = f"an order that can be followed up ({type(error).__name__}: {error})"
    return BadRow(0, "order", event.order.id, why, (event.order.id,))
