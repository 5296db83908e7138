"""What a backup says of itself: when it was made, of what, and the digest of each file in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from pydantic import TypeAdapter

from followup.model import Instant
from store.copying import Sum

NAME = "manifest.json"
DATABASE = "huifang.db"
FORMAT = 1


class NoBackup(ValueError):
    """A file is no backup, is damaged, or cannot be used here; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a backup."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at` is before anything was read, `version` that of the database, `kind` what database it was."""

    made_at: Instant
    program: str
    version: str
    kind: str
    rows: Mapping[str, Sum]
    files: Mapping[str, Part]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of the tables that tell how large a shop is."""
        return {table: self.rows[table].rows for table in ("orders", "threads", "outbox") if table in self.rows}

    def packed(self) -> bytes:
        """As it is written."""
        table = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        return orjson.dumps(table, option=orjson.OPT_INDENT_2)


def unpacked(text: bytes) -> Manifest:
    """The manifest that was written so. Raises NoBackup."""
    try:
        table: dict[str, Any] = orjson.loads(text)
        is_ours = table.pop("format") == FORMAT
        manifest = TypeAdapter(Manifest).validate_python(table) if is_ours else None
    except (KeyError, TypeError, AttributeError, ValueError):
        raise NoBackup("its manifest cannot be read: it is damaged, or no backup of Huifang") from None
    if manifest is None:
        raise NoBackup("it was made by a newer Huifang: update Huifang first")
    if DATABASE not in manifest.files or manifest.made_at.tzinfo is None:
        raise NoBackup("its manifest is none of Huifang's: it is damaged, or no backup of Huifang")
    return manifest
