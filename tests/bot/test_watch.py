"""The watched folder: what is imported, when, and where it ends."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.watch import Watch, watch_job
from scheduler.clock import FakeClock
from store import views
from store.store import SqlStore
from tests.bot.tea import a_config, an_order, some_deps, write_jsonl


class Folder:
    """A watched folder and the database behind it."""

    def __init__(self, url: str, root: Path, *shops: str) -> None:
        self.root, self.store, self.clock = root, SqlStore(url), FakeClock(datetime.now(UTC) + timedelta(minutes=5))
        config = a_config(root, *shops)
        self.watch = Watch(config, self.store, some_deps(config, self.store, self.clock), self.clock)

    def files(self) -> list[str]:
        """All files, relative to the folder."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file())

    def orders(self) -> int:
        """How many orders are known."""
        with self.store.engine.connect() as connection:
            return views.counts(connection)["orders"]


@pytest.fixture
def folder(sqlite_url: str, tmp_path: Path) -> Iterator[Folder]:
    """The folder of the only shop."""
    folder = Folder(sqlite_url, tmp_path / "orders")
    yield folder
    folder.store.close()


@pytest.fixture
def two_shops(sqlite_url: str, tmp_path: Path) -> Iterator[Folder]:
    """A folder for two shops."""
    folder = Folder(sqlite_url, tmp_path / "orders", "tea", "cups")
    yield folder
    folder.store.close()


async def test_the_folders_are_made(two_shops: Folder) -> None:
    """After the first look there is a place to drop exports for every shop."""
    await two_shops.watch.look()
    assert sorted(path.name for path in two_shops.root.iterdir()) == ["cups", "tea"]


async def test_an_export_is_imported_and_moved_to_done(folder: Folder) -> None:
    """Once: the next look finds nothing."""
    await folder.watch.look()
    write_jsonl(folder.root / "tea" / "a.jsonl", map(an_order, range(3)))
    await folder.watch.look()
    await folder.watch.look()
    assert (folder.orders(), folder.files()) == (3, ["tea/done/a.jsonl"])


async def test_with_one_shop_the_folder_itself_will_do(folder: Folder) -> None:
    """Who has one shop may drop its exports without asking where."""
    await folder.watch.look()
    write_jsonl(folder.root / "a.jsonl", [an_order(1)])
    await folder.watch.look()
    assert (folder.orders(), folder.files()) == (1, ["done/a.jsonl"])


async def test_with_two_shops_it_asks_whose_orders_they_are(two_shops: Folder) -> None:
    """A file that may be either's is left where it is, and the log says so once."""
    await two_shops.watch.look()
    write_jsonl(two_shops.root / "a.jsonl", [an_order(1)])
    with capture_logs() as told:
        for _ in range(3):
            await two_shops.watch.look()
    assert [line["event"] for line in told] == ["orders_of_which_shop"]
    assert (two_shops.orders(), two_shops.files()) == (0, ["a.jsonl"])


async def test_a_growing_file_is_left_until_it_rests(folder: Folder) -> None:
    """Somebody wrote to it a moment ago: not yet; two seconds later: now."""
    await folder.watch.look()
    path = write_jsonl(folder.root / "a.jsonl", [an_order(1)])
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    folder.clock.move_to(written + timedelta(seconds=1))
    await folder.watch.look()
    await folder.watch.look()
    assert folder.orders() == 0
    folder.clock.move_to(written + timedelta(seconds=2))
    await folder.watch.look()
    assert folder.orders() == 1


async def test_a_file_from_the_future_is_imported_when_it_rests(folder: Folder) -> None:
    """A file server's clock runs ahead: what looks the same at two looks is complete."""
    await folder.watch.look()
    path = write_jsonl(folder.root / "a.jsonl", [an_order(1)])
    ahead = (folder.clock.now() + timedelta(hours=1)).timestamp()
    os.utime(path, (ahead, ahead))
    await folder.watch.look()
    assert folder.orders() == 0
    await folder.watch.look()
    assert folder.orders() == 1


async def test_the_oldest_file_goes_first(folder: Folder) -> None:
    """Exports that piled up are imported in the order in which they were made."""
    await folder.watch.look()
    for name, age in (("b.jsonl", 30), ("a.jsonl", 20), ("c.jsonl", 10)):
        path = write_jsonl(folder.root / name, [an_order(age)])
        written = folder.clock.now().timestamp() - age
        os.utime(path, (written, written))
    with capture_logs() as told:
        await folder.watch.look()
    assert [line["file"] for line in told] == ["b.jsonl", "a.jsonl", "c.jsonl"]


async def test_what_cannot_be_read_is_set_apart(folder: Folder) -> None:
    """A file of no known kind goes to `unreadable`, with the reason in the log, and the others are imported."""
    await folder.watch.look()
    (folder.root / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder.root / "empty.csv").touch()
    write_jsonl(folder.root / "b.jsonl", [an_order(1)])
    with capture_logs() as told:
        await folder.watch.look()
    assert [line["event"] for line in told].count("orders_unreadable") == 2
    assert folder.files() == ["done/b.jsonl", "unreadable/a.csv", "unreadable/empty.csv"]


async def test_rejected_rows_go_along(folder: Folder) -> None:
    """They end beside their file, and mended they may be dropped in again."""
    await folder.watch.look()
    write_jsonl(folder.root / "a.jsonl", [an_order(1)], "{")
    await folder.watch.look()
    assert folder.files() == ["done/a.jsonl", "done/a.jsonl.rejected.csv"]


async def test_a_name_that_was_there_before_is_not_overwritten(folder: Folder) -> None:
    """Exports of the same name are all kept."""
    await folder.watch.look()
    for number in range(3):
        write_jsonl(folder.root / "a.jsonl", [an_order(number)])
        await folder.watch.look()
    assert folder.files() == ["done/a-1.jsonl", "done/a-2.jsonl", "done/a.jsonl"]


async def test_the_very_same_file_may_come_again(folder: Folder) -> None:
    """Dropped in once more, with its old time, it is taken and moved again."""
    await folder.watch.look()
    path = write_jsonl(folder.root / "a.jsonl", [an_order(1)])
    shutil.copy2(path, folder.root.parent / "copy.jsonl")
    await folder.watch.look()
    shutil.copy2(folder.root.parent / "copy.jsonl", path)
    await folder.watch.look()
    assert folder.files() == ["done/a-1.jsonl", "done/a.jsonl"]


@pytest.mark.parametrize("name", [".a.jsonl", "~$a.xlsx", "a.jsonl.part", "notes.txt", "a.crdownload"])
async def test_what_is_no_finished_export_is_left_alone(folder: Folder, name: str) -> None:
    """Hidden files, lock files of spreadsheets, half a download and notes stay where they are."""
    await folder.watch.look()
    write_jsonl(folder.root / name, [an_order(1)])
    await folder.watch.look()
    assert (folder.orders(), folder.files()) == (0, [name])


async def test_a_file_that_cannot_be_moved_is_imported_once(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder that may only be read, an export is imported and then left in peace until it changes."""
    await folder.watch.look()
    path = write_jsonl(folder.root / "a.jsonl", [an_order(1)])

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("bot.watch.shutil.move", refuse)
    with capture_logs() as told:
        for _ in range(3):
            await folder.watch.look()
    assert [line["event"] for line in told] == ["orders_imported", "orders_not_moved"]
    write_jsonl(path, [an_order(1), an_order(2)])
    await folder.watch.look()
    assert folder.orders() == 2


async def test_a_folder_that_is_none_is_told(sqlite_url: str, tmp_path: Path) -> None:
    """If a file stands where the folder should be, the log says so, and nothing breaks."""
    (tmp_path / "orders").touch()
    folder = Folder(sqlite_url, tmp_path / "orders")
    with capture_logs() as told:
        await folder.watch.look()
    folder.store.close()
    assert [line["event"] for line in told] == ["orders_folder_unusable"]


def test_the_first_look_comes_before_the_first_word(folder: Folder) -> None:
    """What lies there at a start is learnt before anybody is reminded of it."""
    config = a_config(folder.root)
    job = watch_job(config, folder.store, some_deps(config, folder.store, folder.clock), folder.clock)
    assert (job.name, job.at_start) == ("orders", True)
