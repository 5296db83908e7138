"""Whether a pack still is what was sealed: part by part, without unpacking anything to disk."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import orjson

from bot.evidence.pack import CHUNK, FORMAT, MANIFEST, digest_of

MOST_PARTS = 20_000
LARGEST_MANIFEST = 16_000_000
SWOLLEN = 20
SMALL = 64_000_000
DAMAGE = (BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)
"""What the library makes of archives that are not what they seem."""


class NotAPack(ValueError):
    """The file is no evidence pack, or none that is safe to read."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: the pack's own digest, the order it is about, and the parts that are not as they were."""

    digest: str
    order: str
    parts: int
    altered: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def intact(self) -> bool:
        """Whether every part is as the manifest says, and there is no other."""
        return not (self.altered or self.missing or self.added)


def verify(path: Path) -> Checked:
    """Compare the parts of a pack with its manifest. Raises NotAPack and OSError."""
    try:
        with ZipFile(path) as archive:
            found = _parts(archive, path.stat().st_size)
            manifest = _manifest(archive, found)
            sealed: dict[str, Any] = manifest["parts"]
            altered = tuple(
                name for name in sealed if name in found and not _is_same(archive, found[name], sealed[name])
            )
    except NotAPack:
        raise
    except DAMAGE as error:
        raise NotAPack(f"it cannot be read as a zip archive: {error}") from None
    missing = tuple(name for name in sealed if name not in found)
    added = tuple(name for name in found if name not in sealed and name != MANIFEST)
    return Checked(digest_of(path), str(manifest["order"]), len(sealed), altered, missing, added)


def _parts(archive: ZipFile, size: int) -> dict[str, ZipInfo]:
    """The entries by name, if the archive is as plain as a pack is."""
    entries = archive.infolist()
    if len(entries) > MOST_PARTS:
        raise NotAPack(f"{len(entries)} entries are more than any pack has")
    if sum(entry.file_size for entry in entries) > max(SMALL, SWOLLEN * size):
        raise NotAPack("its contents would swell to many times its size")
    if any(entry.flag_bits & 1 for entry in entries):
        raise NotAPack("it is encrypted")
    found = {entry.filename: entry for entry in entries}
    if len(found) < len(entries):
        raise NotAPack("it holds several entries of one name")
    return found


def _manifest(archive: ZipFile, found: dict[str, ZipInfo]) -> dict[str, Any]:
    entry = found.get(MANIFEST)
    if entry is None:
        raise NotAPack(f"it holds no {MANIFEST}")
    if entry.file_size > LARGEST_MANIFEST:
        raise NotAPack(f"its {MANIFEST} is too large")
    try:
        manifest = orjson.loads(archive.read(entry))
        parts = manifest["parts"]
        plain = all(isinstance(part["sha256"], str) and isinstance(part["bytes"], int) for part in parts.values())
    except (ValueError, TypeError, KeyError, AttributeError):
        raise NotAPack(f"its {MANIFEST} cannot be read") from None
    if not plain or manifest.get("format") != FORMAT or "order" not in manifest:
        raise NotAPack(f"its {MANIFEST} is none of a pack of this kind")
    return dict(manifest)


def _is_same(archive: ZipFile, entry: ZipInfo, sealed: dict[str, Any]) -> bool:
    if entry.file_size != sealed["bytes"]:
        return False
    digest = sha256()
    try:
        with archive.open(entry) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except DAMAGE:
        return False
    return bool(digest.hexdigest() == sealed["sha256"])
