"""Bringing a file of orders into the store: good rows are kept, bad rows are put aside, nothing is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import structlog

from bot.orders.rejected import write_rejected
from followup.events import OrderChanged
from followup.model import Instant
from followup.ports import BadRow, Clock, OrderSource, UnknownFormat
from handlers.deps import Deps
from handlers.order_changed import Change, order_changed, wanted
from store.log_ids import about, ids_of
from store.store import Store
from store.tx import Tx
from store.wanted import Wanted

log = structlog.get_logger(__name__)
BATCH = 500
MOST_BAD, LARGEST_BAD = 100_000, 100_000_000
"""Rows that can be put aside of one file, and how many characters; with more it is another kind of file."""
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

    `progress` is told the rows of each batch. Raises OSError, and `UnknownFormat` also for more bad rows than memory is
    to hold: the good ones before them are kept.
    """
    imported = Imported()
    writing: asyncio.Task[Taken] | None = None
    try:
        for batch in batches(_good(source.read(path), imported, path)):
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
    """The events in portions of one transaction each; those before a place where a file breaks off count too."""
    batch: list[OrderChanged] = []
    try:
        for event in events:
            batch.append(event)
            if len(batch) == BATCH:
                yield tuple(batch)
                batch = []
    except (UnknownFormat, OSError):
        if batch:
            yield tuple(batch)
        raise
    if batch:
        yield tuple(batch)


def _good(rows: Iterator[OrderChanged | BadRow], imported: Imported, path: Path) -> Iterator[OrderChanged]:
    size = 0
    for row in rows:
        if not isinstance(row, BadRow):
            yield row
            continue
        imported.rejected.append(row)
        size += sum(map(len, row.cells)) + 8 * len(row.cells)
        if len(imported.rejected) > MOST_BAD or size > LARGEST_BAD:
            raise UnknownFormat(_too_many(path, imported.rejected))


def _too_many(path: Path, bad: list[BadRow]) -> str:
    first = bad[0]
    what = f"line {first.line}, {first.column or 'the row'}: expected {first.expected}"
    return f"{path.name}: {len(bad):,} rows cannot be read, and no more are looked at; the first is {what}"


def _take(batch: tuple[OrderChanged, ...], tx: Tx, deps: Deps, now: Instant) -> Taken:
    counts: Counter[Change] = Counter()
    poisoned: list[BadRow] = []
    for event in batch:
        mark = tx.mark()
        try:
            counts[order_changed(event, tx, deps, now)] += 1
        except Exception as error:  # noqa: BLE001 - one order that breaks does not hold up the rest
            tx.back_to(mark)
            with about(**ids_of(error)):
                log.error("order_put_aside", order=event.order.id, error=type(error).__name__)
            poisoned.append(_poisoned(event, error))
    return counts, poisoned


def _poisoned(event: OrderChanged, error: Exception) -> BadRow:
    """An order that was read well but could not be followed up; its line is not known any more."""
    why = f"an order that can be followed up ({type(error).__name__}: {error})"
    return BadRow(0, "order", event.order.id, why, (event.order.id,))
