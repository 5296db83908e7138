"""Importing a file of orders: what is new, what changed, and what could not be read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import importing
from bot.importing import BATCH, Imported, import_file
from bot.orders.sources import open_source
from followup.model import Status
from followup.ports import UnknownFormat
from handlers.order_changed import Change, order_changed
from scheduler.clock import FakeClock
from store import views
from store.store import SqlStore
from tests.bot.tea import HOUR, NOON, a_config, an_order, some_deps, write_jsonl


class Desk:
    """Imports into one database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.store, self.clock, self.folder = SqlStore(url), FakeClock(NOON), folder
        self.deps = some_deps(a_config(folder), self.store, self.clock)

    async def bring(self, path: Path) -> Imported:
        """Import a file."""
        return await import_file(path, open_source(path, "tea"), self.store, self.deps, self.clock)

    def rows(self) -> dict[str, int]:
        """How many rows each table holds."""
        with self.store.engine.connect() as connection:
            return views.counts(connection)


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A shop without orders."""
    desk = Desk(sqlite_url, tmp_path)
    yield desk
    desk.store.close()


async def test_orders_are_kept_and_followed_up(desk: Desk) -> None:
    """Every order becomes a row, every unpaid one a thread."""
    paid = an_order(3, status=Status.PAID, paid_at=NOON)
    imported = await desk.bring(write_jsonl(desk.folder / "a.jsonl", [an_order(1), an_order(2), paid]))
    assert imported == Imported(Counter({Change.NEW: 3}))
    assert (desk.rows()["orders"], desk.rows()["threads"]) == (3, 2)


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    """All its rows are known, and nothing is planned twice."""
    path = write_jsonl(desk.folder / "a.jsonl", map(an_order, range(20)))
    await desk.bring(path)
    before = desk.rows()
    assert (await desk.bring(path)).counts == {Change.SAME: 20}
    assert desk.rows() == before


async def test_a_newer_file_brings_only_what_changed(desk: Desk) -> None:
    """Of 20 known orders one was paid, and one is new."""
    await desk.bring(write_jsonl(desk.folder / "a.jsonl", map(an_order, range(20))))
    paid = an_order(5, status=Status.PAID, paid_at=NOON + HOUR, observed_at=NOON + HOUR)
    newer = [paid if order.id == paid.id else order for order in map(an_order, range(21))]
    imported = await desk.bring(write_jsonl(desk.folder / "b.jsonl", newer))
    assert imported.counts == {Change.NEW: 1, Change.CHANGED: 1, Change.SAME: 19}


async def test_many_rows_are_taken_in_batches(desk: Desk) -> None:
    """A file longer than a batch is imported whole, and the progress tells every row."""
    told: list[int] = []
    path = write_jsonl(desk.folder / "a.jsonl", map(an_order, range(BATCH + 7)))
    source = open_source(path, "tea")
    imported = await import_file(path, source, desk.store, desk.deps, desk.clock, told.append)
    assert (imported.total, told) == (BATCH + 7, [BATCH, 7])


async def test_a_bad_row_does_not_hold_up_the_rest(desk: Desk) -> None:
    """It is reported by line and column, and put beside the file; the others are imported."""
    path = write_jsonl(desk.folder / "a.jsonl", [an_order(1)], '{"type": "order", "id": ""}', '{"type": "ord')
    imported = await desk.bring(path)
    assert imported.counts == {Change.NEW: 1}
    assert [row.line for row in imported.rejected] == [2, 3]
    assert imported.rejected_file == desk.folder / "a.jsonl.rejected.csv"
    assert imported.total == 3


async def test_an_order_that_breaks_is_put_aside(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """If following up one order raises, the other orders of its batch are kept, and this one is named."""

    def poisonous(event, tx, deps, now):  # type: ignore[no-untyped-def]
        change = order_changed(event, tx, deps, now)
        if event.order.id == "o2":
            raise ZeroDivisionError("poison")
        return change

    monkeypatch.setattr(importing, "order_changed", poisonous)
    imported = await desk.bring(write_jsonl(desk.folder / "a.jsonl", map(an_order, range(5))))
    assert imported.counts == {Change.NEW: 4}
    (row,) = imported.rejected
    assert (row.value, "ZeroDivisionError: poison" in row.expected) == ("o2", True)
    assert (desk.rows()["orders"], desk.rows()["threads"]) == (4, 4)


async def test_a_folder_that_cannot_be_written_to_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The good rows are imported all the same; it says that the bad ones could not be put aside."""

    def refuse(_path: Path, _rows: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(importing, "write_rejected", refuse)
    imported = await desk.bring(write_jsonl(desk.folder / "a.jsonl", [an_order(1)], "{"))
    assert (imported.counts, len(imported.rejected), imported.rejected_file) == ({Change.NEW: 1}, 1, None)
    assert "Permission denied" in imported.trouble


async def test_a_file_of_no_known_kind_is_refused(desk: Desk) -> None:
    """With a sentence, and with nothing imported."""
    path = desk.folder / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UnknownFormat, match=r"a\.csv"):
        await desk.bring(path)
    assert desk.rows()["orders"] == 0


async def test_an_old_file_after_a_newer_one_reopens_nothing(desk: Desk) -> None:
    """Files may come in any order: a settled matter stays settled."""
    paid = an_order(1, status=Status.PAID, paid_at=NOON, observed_at=NOON + HOUR)
    await desk.bring(write_jsonl(desk.folder / "new.jsonl", [paid]))
    await desk.bring(write_jsonl(desk.folder / "old.jsonl", [replace(an_order(1), observed_at=NOON)]))
    assert desk.rows()["threads"] == 0


async def test_a_file_that_breaks_off_keeps_what_was_read(desk: Desk) -> None:
    """If a later part of a file cannot be read it is refused, and no batch before it is left hanging."""
    path = write_jsonl(desk.folder / "a.jsonl", map(an_order, range(2 * BATCH)), "x" * 1_000_001)
    with pytest.raises(UnknownFormat, match="longer than"):
        await desk.bring(path)
    assert desk.rows()["orders"] % BATCH == 0
    assert desk.rows()["orders"] > 0
    assert len(asyncio.all_tasks()) == 1
