"""The folder of backups: how they are called, which is the newest, and which go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from followup.model import Instant

_NAME = re.compile(r"huifang-(\d{8}T\d{6})Z(?:-\d+)?\.zip")
_TIME = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A backup by its name, which says when it was made."""

    made_at: Instant
    path: Path


def name_for(folder: Path, now: Instant) -> Path:
    """A name of which there is none in the folder yet."""
    named = f"huifang-{now.astimezone(UTC):{_TIME}}Z"
    tries = (folder / f"{named}{more}.zip" for more in ("", *(f"-{number}" for number in range(2, 100))))
    return next(path for path in tries if not path.exists())


def kept(folder: Path) -> list[Kept]:
    """The backups of a folder, the newest first; none if there is no such folder, or nobody may look into it."""
    try:
        names = sorted(folder.iterdir(), reverse=True)
    except OSError:
        return []
    found = ((path, _NAME.fullmatch(path.name)) for path in names)
    return [Kept(datetime.strptime(is_one[1], _TIME).replace(tzinfo=UTC), path) for path, is_one in found if is_one]


def newest(folder: Path) -> Path | None:
    """The newest backup, if there is one."""
    return next((each.path for each in kept(folder)), None)


def prune(folder: Path, keep: int, days: int, now: Instant) -> list[Path]:
    """Delete all but the newest so many, and those that are too old; the newest stays. Raises OSError."""
    before, (_, *older) = now - timedelta(days=days), kept(folder) or (None,)
    gone = [each.path for number, each in enumerate(older, 2) if number > keep or each.made_at < before]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def gone_by(each: Kept, days: int) -> Instant:
    """When a backup is deleted at the latest, if newer ones are made."""
    return each.made_at + timedelta(days=days)
