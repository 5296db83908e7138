"""Making a backup: what the database is at one moment, then the files, and the proof that it can be restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

from bot.backup import archive, keeping
from bot.backup.manifest import DATABASE, NAME, Manifest, NoBackup
from bot.backup.places import CONFIG, Places
from followup.model import Instant
from store import backup
from store.migrations import head
from store.store import SqlStore


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made; `verified` if it was unpacked and compared."""

    path: Path
    manifest: Manifest
    verified: bool


def make(
    store: SqlStore,
    places: Places,
    folder: Path,
    now: Instant,
    *,
    evidence: bool = True,
    verify: bool = True,
    secrets: Sequence[str] = (),
) -> Made:
    """Write a backup into a folder; nobody has to stop for it. It gets its name once all of it is on the disk and, to
    `verify`, was unpacked and compared. Raises NoBackup, DatabaseError, DBAPIError, sqlite3.Error and OSError."""
    place = keeping.name_for(folder, now)
    with archive.scratch(folder) as work:
        database = work / DATABASE
        rows = backup.snapshot(store.engine, database)
        own = [(name, _without(secrets, path, work) if name == CONFIG else path) for name, path in places.own()]
        sent = places.evidence() if evidence else ()
        ready = work / "ready"
        ready.mkdir()
        with archive.new(ready / place.name, work) as into:
            files = archive.write(into, [(DATABASE, database), *own])
            files |= archive.write(into, sent)
            kind = store.engine.dialect.name
            manifest = Manifest(now, version("huifang"), head(), kind, rows, files)
            into.writestr(NAME, manifest.packed())
        database.unlink()
        if verify:
            check(ready / place.name, work)
        (ready / place.name).replace(place)
        backup.sync_folder(folder)
    return Made(place, manifest, verify)


def check(path: Path, work: Path) -> Manifest:
    """Restore a backup into a scratch database and compare it with its manifest, row by row. Raises NoBackup."""
    with archive.opened(path) as (packed, manifest):
        database(packed, manifest, work / "check.db")
        if (damaged := packed.testzip()) is not None:
            raise NoBackup(f"{damaged} in it is damaged")
        return manifest


def database(packed: ZipFile, manifest: Manifest, to: Path) -> Path:
    """Unpack the database of a backup and prove that it is what was packed. Raises NoBackup."""
    archive.unpack(packed, manifest, DATABASE, to)
    if wrong := backup.check(to):
        raise NoBackup(f"the database in it is damaged ({wrong[0]})")
    if manifest.version == head() and backup.read(to) != manifest.rows:
        raise NoBackup("the database in it holds other rows than were packed")
    return to


def _without(secrets: Sequence[str], path: Path, work: Path) -> Path:
    """The configuration without what must not be in it, should somebody have written it there in a comment."""
    text = path.read_text("utf-8-sig")
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    copy = work / CONFIG
    copy.write_text(text, "utf-8")
    return copy
