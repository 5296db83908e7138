"""A backup takes the place of the database: prepared in a scratch file, and put in its place as the last step.

So whatever fails before leaves the shop as it was. Files that are there are moved aside, never overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bot.backup import archive, forgotten, placing
from bot.backup.making import database
from bot.backup.manifest import DATABASE, Manifest, NoBackup
from bot.backup.places import Places
from followup.model import Instant
from followup.restored import Gap
from handlers.deps import Deps
from handlers.restored import Restored, restored
from scheduler.erasing import Files, erase_buyer
from store import backup
from store.migrate import upgrade
from store.migrations import head
from store.sql_tx import SqlTx
from store.store import SqlStore

MakeDeps = Callable[[SqlStore], Deps]


@dataclass(frozen=True, slots=True)
class Done:
    """What was restored: the gap, what may have gone in it, how many buyers were forgotten again, where what was there
    is now, and which files were written (`asides` are those that had to make room)."""

    gap: Gap
    manifest: Manifest
    maybe: Restored
    forgotten: int
    aside: str
    files: tuple[Path, ...]
    asides: tuple[Path, ...]


@dataclass(frozen=True)
class Restore:
    """Where a backup goes: the database's address, the places of files, and who must not come back."""

    url: str
    places: Places
    files: Files
    lists: tuple[Path, ...]
    deps: MakeDeps

    def run(self, path: Path, now: Instant) -> Done:
        """Restore a backup. Raises NoBackup, DatabaseError, OSError and DBAPIError; then all is as it was."""
        with archive.opened(path) as (packed, manifest), archive.scratch(self._near(path)) as work:
            if manifest.version > head():
                raise NoBackup(f"it was made by a newer Huifang (version {manifest.version}): update Huifang first")
            beside = placing.missing(packed, manifest, self.places)
            archive.see_room(work, sum(manifest.files[name].size for name in (DATABASE, *dict(beside))))
            file = database(packed, manifest, work / DATABASE)
            gap = Gap(min(manifest.made_at, now), now)
            with placing.placed(packed, manifest, beside, now) as placed:
                maybe, gone = self._prepare(file, gap)
                aside = backup.put_in_place(file, self.url, now)
        asides = tuple(aside for _, aside in placed.asides)
        return Done(gap, manifest, maybe, gone, aside, tuple(placed.written), asides)

    def _near(self, path: Path) -> Path:
        """On the disk of the database, so that the file only has to change its name; else beside the backup."""
        is_file = self.url.startswith("sqlite")
        return Path(self.url.removeprefix("sqlite:///")).absolute().parent if is_file else path.absolute().parent

    def _prepare(self, file: Path, gap: Gap) -> tuple[Restored, int]:
        """Make of the backup what may go on: nothing is sent again, nobody who was forgotten is there."""
        upgrade(f"sqlite:///{file}")
        with _store(file) as store:
            deps = self.deps(store)
            maybe = store.run(lambda tx: restored(gap, cast(SqlTx, tx), deps))
            gone = sum(self._forget(folder, store, deps, gap.ends) for folder in dict.fromkeys(self.lists))
        backup.read(file)
        return maybe, gone

    def _forget(self, folder: Path, store: SqlStore, deps: Deps, now: Instant) -> int:
        listed = forgotten.read(folder)
        with store.engine.connect() as connection:
            there = list(dict.fromkeys(forgotten.still_there(connection, listed)))
        store.run(lambda tx: forgotten.remember(cast(SqlTx, tx).connection, listed))
        for shop, buyer in there:
            erase_buyer(shop, buyer, "huifang", store, deps, now, self.files)
        return len(there)


@contextmanager
def _store(file: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{file}")
    try:
        yield store
    finally:
        store.close()
