"""The files of a backup beside its database: they take their places, and leave them again if the restore fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipFile

from bot.backup import archive
from bot.backup.archive import File
from bot.backup.manifest import DATABASE, Manifest
from bot.backup.places import CONFIG, Places
from followup.model import Instant
from store.backup import free_name


@dataclass
class Placed:
    """Which files were written, and which had to make room for them, with where each is now."""

    written: list[Path] = field(default_factory=list)
    asides: list[tuple[Path, Path]] = field(default_factory=list)

    def undo(self) -> None:
        """Everything is where it was. Raises OSError."""
        for path in self.written:
            path.unlink(missing_ok=True)
        for place, aside in self.asides:
            os.replace(aside, place)


def missing(packed: ZipFile, manifest: Manifest, places: Places) -> list[File]:
    """The files that are not there yet, or are other ones, by the place of each; a configuration is put beside the one
    that is there. All are proven. Raises NoBackup."""
    found = []
    for name, part in manifest.files.items():
        place = None if name == DATABASE else places.at(name)
        if place is None or archive.same(place, part):
            continue
        archive.prove(packed, manifest, name)
        is_beside = name == CONFIG and place.exists()
        found.append((name, place.with_name(f"{place.name}.from-backup") if is_beside else place))
    return found


@contextmanager
def placed(packed: ZipFile, manifest: Manifest, files: list[File], now: Instant) -> Iterator[Placed]:
    """Put files in their places; what fails then or meanwhile puts back what was there. Raises NoBackup and OSError."""
    done = Placed()
    try:
        for name, place in files:
            if place.exists():
                done.asides.append((place, _aside(place, now)))
            archive.unpack(packed, manifest, name, place)
            done.written.append(place)
        yield done
    except BaseException:
        done.undo()
        raise


def _aside(place: Path, now: Instant) -> Path:
    aside = free_name(place, now)
    place.rename(aside)
    return aside
