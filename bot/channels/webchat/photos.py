"""The folder of photos: what buyers show and what the shop sends them, under names of our own making.

`<folder>/<account>/<address>/<id>.<ending>`, readable by nobody else. An id that begins with "b" is of a buyer's photo,
with "s" of what the shop sent. A file is as old as the clock of the shop says.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.evidence.files import PARTIAL, write_whole
from bot.evidence.types import mime_of, type_of
from followup.model import Attachment, Instant, Media
from followup.webchat import is_address

UNUSED = timedelta(days=1)
MOST_OF_A_CHAT = 200
LEAST_FREE = 500_000_000
"""Bytes that are left on the disk for the rest of the program, whoever shows us photos."""
KINDS = ("jpg", "png", "webp", "gif", "heic")
_ID = re.compile(r"[bs][0-9a-f]{31}")


class NotTaken(ValueError):
    """The file is not taken; `why` is the word for it in a frame."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Photos:
    """The photos of one account, of at most `largest` bytes each, below `root`."""

    root: Path
    largest: int

    def take(self, address: str, content: bytes, now: Instant) -> str:
        """Keep what a buyer shows; returns its id. What it is its bytes say. Raises NotTaken, OSError."""
        if len(content) > self.largest:
            raise NotTaken("too_large")
        found = type_of(content)
        if found is None or found[0] not in KINDS:
            raise NotTaken("bad_photo")
        if sum(1 for _ in self._of(address, "b*")) >= MOST_OF_A_CHAT:
            raise NotTaken("too_many")
        id_ = f"b{secrets.token_hex(16)[:31]}"
        self._write(address, f"{id_}.{found[0]}", content, now)
        return id_

    def copy(self, address: str, id_: str, path: Path, now: Instant) -> None:
        """Keep what the shop sends; the same once more takes the same place. Raises NotTaken, OSError."""
        content = path.read_bytes()
        if not 0 < len(content) <= self.largest:
            raise NotTaken("too_large")
        found = type_of(content)
        self._write(address, f"{id_}.{found[0] if found else 'bin'}", content, now)

    def shown(self, address: str, id_: str) -> Attachment | None:
        """A photo that the buyer of this chat has uploaded, as an attachment; None if it is not his."""
        file = self.find(address, id_)
        if file is None or not file.name.startswith("b"):
            return None
        mime = mime_of(file.suffix[1:])
        return Attachment(Media.PHOTO, f"{address}/{file.name}", mime=mime, size=file.stat().st_size)

    def find(self, address: str, id_: str) -> Path | None:
        """The file of this id in this chat."""
        if not (_ID.fullmatch(id_) and is_address(address)):
            return None
        return next(self._of(address, f"{id_}.*"), None)

    def read(self, ref: str) -> bytes:
        """The bytes of an attachment. Raises FileNotFoundError."""
        address, _, name = ref.partition("/")
        file = self.find(address, name.partition(".")[0])
        if file is None:
            raise FileNotFoundError
        return file.read_bytes()

    def unused(self, now: Instant) -> dict[str, list[str]]:
        """What buyers uploaded more than a day ago, by their addresses: it may belong to no message."""
        before, found = (now - UNUSED).timestamp(), dict[str, list[str]]()
        for folder in self.root.iterdir() if self.root.is_dir() else ():
            old = [each.name for each in (*folder.glob("b*"), *folder.glob(f"{PARTIAL}*")) if _age(each) < before]
            if old:
                found[folder.name] = [f"{folder.name}/{name}" for name in old]
        return found

    def drop(self, refs: Collection[str]) -> int:
        """Delete these files; returns how many there were."""
        gone = [self.root / ref for ref in refs if (self.root / ref).is_file()]
        for file in gone:
            file.unlink(missing_ok=True)
            if not any(file.parent.iterdir()):
                file.parent.rmdir()
        return len(gone)

    def forget(self, address: str) -> None:
        """Delete everything of one chat. Raises OSError."""
        folder = self.root / address
        if is_address(address) and folder.is_dir():
            shutil.rmtree(folder)

    def _of(self, address: str, pattern: str) -> Iterator[Path]:
        return (self.root / address).glob(pattern)

    def _write(self, address: str, name: str, content: bytes, now: Instant) -> None:
        """Whole or not at all, unless the disk is nearly full."""
        self.root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self.root.parent).free < LEAST_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        path = Path(address, name)
        write_whole(self.root, path, content)
        os.utime(self.root / path, (now.timestamp(), now.timestamp()))


def _age(file: Path) -> float:
    return file.stat().st_mtime
