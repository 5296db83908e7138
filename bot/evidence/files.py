"""The folder of evidence: what buyers sent, under names of our own making, readable by nobody else."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from hashlib import file_digest, sha256
from pathlib import Path

from bot.evidence.types import type_of
from followup.evidence import Evidence, NotKept, Stored, Why
from followup.model import Instant

PARTIAL = ".partial-"
STALE = timedelta(hours=1)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class EvidenceFolder:
    """Keeps files of at most `largest` bytes below `root`, at most `most` of one thread."""

    root: Path
    largest: int
    most: int

    def keep(self, evidence: Evidence, content: bytes) -> Stored:
        """Put the bytes on disk for good, whole or not at all; the same evidence again takes the same place.

        Raises NotKept, and OSError if the disk will not have it.
        """
        if len(content) > self.largest:
            raise NotKept(Why.TOO_LARGE, f"{len(content)} bytes")
        found = type_of(content)
        if found is None:
            raise NotKept(Why.WRONG_TYPE, "by its bytes it is nothing that is kept")
        ending, mime = found
        path = place_of(evidence, ending)
        write_whole(self.root, path, content)
        return Stored(path.as_posix(), sha256(content).hexdigest(), len(content), mime)

    def drop(self, stored: Stored) -> None:
        """Take a file away again that is not to be kept after all."""
        self.at(stored.path).unlink(missing_ok=True)

    def remove(self, path: str) -> None:
        """Delete a file for good, with the folders that it leaves empty; one that is gone already is well. Raises
        OSError."""
        file = self.at(path)
        file.unlink(missing_ok=True)
        for folder in file.parents:
            if folder == self.root.resolve() or not folder.is_dir() or any(folder.iterdir()):
                return
            folder.rmdir()

    def at(self, path: str) -> Path:
        """Where the file of that path stands. Raises ValueError for a path that leads out of the folder."""
        found = (self.root / path).resolve()
        if not path or not found.is_relative_to(self.root.resolve()):
            raise ValueError(f"{path!r} is not in the folder of evidence")
        return found

    def state_of(self, evidence: Evidence) -> str:
        """Whether the file still is what was kept: "intact", "altered" or "missing", as one that leads elsewhere is."""
        try:
            with self.at(evidence.path).open("rb") as file:
                return "intact" if file_digest(file, "sha256").hexdigest() == evidence.sha256 else "altered"
        except (OSError, ValueError):
            return "missing"

    def sweep(self, now: Instant) -> int:
        """Remove what a crash left half written; returns how many files that were."""
        before, swept = (now - STALE).timestamp(), 0
        for path in self.root.rglob(f"{PARTIAL}*"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                swept += 1
        return swept


def place_of(evidence: Evidence, ending: str) -> Path:
    """Where evidence stands below the folder: `<shop>/<thread>/<when>-<digest>.<ending>`. No word of the buyer's makes
    a part of it that could lead anywhere else."""
    of = evidence.thread.removeprefix(f"{evidence.shop}/") or f"chat/{evidence.chat}"
    name = f"{evidence.at:%Y%m%d-%H%M%S}-{_digest(evidence.id)}.{ending}"
    return Path(safe(evidence.shop), safe(of), name)


def safe(name: str) -> str:
    """A name for a file or folder that says what `name` says and belongs to it alone."""
    plain = _UNSAFE.sub("_", name).strip("_")[:60]
    return plain if plain and plain == name else f"{plain}-{_digest(name)}".lstrip("-_")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def write_whole(root: Path, path: Path, content: bytes) -> None:
    """To a file beside it first, which takes its place once it is on disk whole."""
    folder = root
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in path.parent.parts:
        folder /= part
        folder.mkdir(mode=0o700, exist_ok=True)
    handle, partial = tempfile.mkstemp(prefix=PARTIAL, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, root / path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Have the name on disk too, where folders can be synced."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
