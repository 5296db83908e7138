"""A backup as a file: a ZIP with a manifest, written beside its name first, so that half a backup never has it."""

from __future__ import annotations

import errno
import os
import shutil
import struct
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from bot.backup.manifest import NAME, Manifest, NoBackup, Part, unpacked
from store.backup import sync_folder

PARTIAL = ".partial-"
LEFT_BEHIND = 86400.0
BLOCK = 1 << 20
MANIFEST_MOST = 1 << 28
BROKEN = (BadZipFile, EOFError, zlib.error, struct.error, NotImplementedError, UnicodeDecodeError)
PACKED = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".zip", ".pdf", ".m4a", ".mp3")
"""What would not become smaller."""

File = tuple[str, Path]
"""A name in the backup, and the file that has it."""


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder below this one that is gone afterwards, and that nobody else may look into."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    with TemporaryDirectory(dir=folder, prefix=PARTIAL) as path:
        yield Path(path)


def _sweep(folder: Path) -> None:
    """Delete what a program that was killed a day ago or earlier has left there: it may hold a whole database."""
    for path in folder.glob(f"{PARTIAL}*"):
        if path.lstat().st_mtime > time.time() - LEFT_BEHIND:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def write(into: ZipFile, files: Iterable[File]) -> dict[str, Part]:
    """Pack files; one that somebody deleted meanwhile is left out. Raises OSError."""
    parts = {}
    for name, path in files:
        try:
            with path.open("rb") as file:
                parts[name] = _write_one(into, name, file)
        except FileNotFoundError:
            continue
    return parts


def _write_one(into: ZipFile, name: str, file: IO[bytes]) -> Part:
    info = ZipInfo(name)
    info.compress_type = ZIP_STORED if name.lower().endswith(PACKED) else ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    with into.open(info, "w", force_zip64=True) as packed:
        return _part_of(file, packed)


@contextmanager
def new(place: Path, work: Path) -> Iterator[ZipFile]:
    """A ZIP that gets its name once it is on the disk whole; nobody but its owner reads it. Raises OSError."""
    partial = work / place.name
    handle = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with os.fdopen(handle, "w+b") as file:
        with ZipFile(file, "w", compresslevel=1) as into:
            yield into
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, place)
    sync_folder(place.parent)


@contextmanager
def opened(place: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """A backup and its manifest, of which nothing becomes larger than it says. Raises NoBackup and OSError."""
    with ExitStack() as stack:
        with _readable("it is no backup of Huifang, or damaged"):
            packed = stack.enter_context(ZipFile(place))
            if NAME not in packed.namelist():
                raise NoBackup("it holds no manifest: it is no backup of Huifang")
            if not _is_plain(packed.getinfo(NAME)) or packed.getinfo(NAME).file_size > MANIFEST_MOST:
                raise NoBackup("its manifest cannot be read: it is damaged, or no backup of Huifang")
            manifest = unpacked(packed.read(NAME))
        held = {info.filename: info for info in packed.infolist()}
        for name, part in manifest.files.items():
            if name not in held or not _is_plain(held[name]) or held[name].file_size != part.size:
                raise NoBackup(f"{name!r} in it is not what was packed: it is damaged")
        yield packed, manifest


def _is_plain(info: ZipInfo) -> bool:
    return info.compress_type in (ZIP_STORED, ZIP_DEFLATED) and not info.flag_bits & 1


@contextmanager
def _readable(otherwise: str) -> Iterator[None]:
    try:
        yield
    except BROKEN:
        raise NoBackup(otherwise) from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place in the file where there can be nothing
            raise
        raise NoBackup(otherwise) from None


def see_room(folder: Path, size: int) -> None:
    """Raises OSError if there is no room for so many bytes, before any is written."""
    if shutil.disk_usage(folder).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def prove(packed: ZipFile, manifest: Manifest, name: str) -> None:
    """Raises NoBackup for a file that is not what was packed."""
    with _readable(f"{name!r} in it cannot be unpacked: it is damaged"), packed.open(name) as source:
        if _part_of(source) != manifest.files[name]:
            raise NoBackup(f"{name!r} in it is not what was packed: it is damaged")


def unpack(packed: ZipFile, manifest: Manifest, name: str, to: Path) -> None:
    """Write a file of the backup to a place where there is none, whole or not at all. Raises NoBackup for one that is
    not what was packed, and OSError."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = to.with_name(f"{PARTIAL}{sha256(to.name.encode()).hexdigest()[:16]}")
    try:
        damaged = f"{name!r} in it cannot be unpacked: it is damaged"
        with _readable(damaged), packed.open(name) as source, open(partial, "wb", opener=_private) as target:
            part = _part_of(source, target)
            target.flush()
            os.fsync(target.fileno())
        if part != manifest.files[name]:
            raise NoBackup(f"{name!r} in it is not what was packed: it is damaged")
        os.replace(partial, to)
    finally:
        partial.unlink(missing_ok=True)


def inside(folder: Path, name: str) -> Path:
    """Where a name of a backup stands below a folder. Raises NoBackup for one that leads out of it."""
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or name.startswith("/") or any(each in name for each in "\\:\0"):
        raise NoBackup(f"{name!r} in it leads elsewhere: it is no backup of Huifang")
    return folder.joinpath(*parts)


def same(path: Path, part: Part) -> bool:
    """Whether a file is the one that was packed."""
    if not path.is_file() or path.stat().st_size != part.size:
        return False
    with path.open("rb") as file:
        return _part_of(file) == part


def _part_of(file: IO[bytes], into: IO[bytes] | None = None) -> Part:
    """What is read, and copied meanwhile."""
    digest, size = sha256(), 0
    while block := file.read(BLOCK):
        if into is not None:
            into.write(block)
        digest.update(block)
        size += len(block)
    return Part(size, digest.hexdigest())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
