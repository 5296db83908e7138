"""A TinyDB storage for a small file that people read: diffable, replaced whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

Tables = dict[str, dict[str, Any]]


class OverridesDamaged(ValueError):
    """The file of the shop's own words cannot be read. It is left as it is."""


class AtomicJSON(Storage):
    """Writes beside the file, syncs, then replaces it, so that a crash leaves the old or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Tables | None:
        """The tables, None when there is no file yet. Raises `OverridesDamaged`."""
        try:
            tables = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError) as error:
            raise OverridesDamaged(f"{self._path} is damaged and was left alone: {error}") from None
        if not _is_tables(tables):
            raise OverridesDamaged(f"{self._path} is damaged and was left alone: not a TinyDB file")
        return dict(tables)

    def write(self, data: Tables) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(self._path.name + ".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False, indent=2, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        _sync_directory(self._path.parent)


def _is_tables(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(table, dict) and all(isinstance(row, dict) for row in table.values()) for table in value.values()
    )


def _sync_directory(path: Path) -> None:
    # A rename is durable only once the directory is; Windows cannot open one and does not need it.
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
