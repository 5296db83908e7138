"""Who was forgotten, as hashes, beside the backups: a backup that was made before is restored without them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select

from bot.backup.manifest import NoBackup
from followup.desk.erased import digest_of
from store.backup import sync_folder
from store.him import subjects_of
from store.schema import cursors, suppressed
from store.suppression import KEY
from store.wanted import Pair

FILE = "forgotten.json"


@dataclass(frozen=True, slots=True)
class _Listed:
    key: str
    forgotten: list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """By (shop, digest) when somebody was forgotten, in microseconds, and the key of the digests."""

    key: str = ""
    at: Mapping[Pair, int] = field(default_factory=dict)

    def and_of(self, other: Forgotten) -> Forgotten:
        """With those of another list of the same key; of another key, the one that says more."""
        if self.key and other.key and self.key != other.key:
            return max(self, other, key=lambda each: len(each.at))
        return Forgotten(self.key or other.key, {**other.at, **self.at})


def known(connection: Connection) -> Forgotten:
    """Whom a database knows to be forgotten."""
    key = connection.execute(select(cursors.c.value).where(cursors.c.name == KEY)).scalar() or ""
    return Forgotten(key, {(row.shop, row.digest): row.at for row in connection.execute(select(suppressed))})


def read(folder: Path) -> Forgotten:
    """The list of a folder; nobody if there is none. Raises OSError and NoBackup."""
    try:
        listed = TypeAdapter(_Listed).validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        return Forgotten()
    except ValueError:
        raise NoBackup(f"{folder / FILE} is damaged: put a copy of it there, or move it away") from None
    return Forgotten(listed.key, {(shop, digest): at for shop, digest, at in listed.forgotten})


def keep(connection: Connection, folder: Path) -> None:
    """Add to a folder's list whom the database knows; without anybody there is no file. Raises OSError, NoBackup."""
    add(known(connection), folder)


def add(here: Forgotten, folder: Path) -> None:
    """Add to a folder's list. Raises OSError and NoBackup."""
    if not here.at:
        return
    before = read(folder)
    now = before.and_of(here)
    if now == before:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = sorted((shop, digest, at) for (shop, digest), at in now.at.items())
    with NamedTemporaryFile("wb", dir=folder, prefix=".partial-", delete=False) as file:
        file.write(orjson.dumps({"key": now.key, "forgotten": rows}))
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, folder / FILE)
    sync_folder(folder)


def still_there(connection: Connection, forgotten: Forgotten) -> Iterator[Pair]:
    """The buyers (shop, id) of a database who are on the list, and stand in it under their names."""
    here = known(connection)
    fresh = {pair for pair in forgotten.at if here.key != forgotten.key or pair not in here.at}
    for shop, buyer, subject in subjects_of(connection) if fresh else ():
        if (shop, digest_of(forgotten.key, shop, subject)) in fresh:
            yield shop, buyer


def remember(connection: Connection, forgotten: Forgotten) -> None:
    """Have a database know whom the list knows. Of a list with another key only those count who are found by name."""
    here = known(connection)
    if not forgotten.at or here.key not in ("", forgotten.key):
        return
    if not here.key:
        connection.execute(insert(cursors).values(name=KEY, value=forgotten.key))
    fresh = [(pair, at) for pair, at in forgotten.at.items() if pair not in here.at]
    if fresh:
        rows = [{"shop": shop, "digest": digest, "at": at} for (shop, digest), at in fresh]
        connection.execute(insert(suppressed), rows)
