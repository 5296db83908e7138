"""The folder of reports: one a shop, its files for nobody else to read; what is old goes."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import structlog

from followup.model import Instant
from followup.ports import Clock
from scheduler.jobs import Job, every

log = structlog.get_logger(__name__)
PRIVATE = 0o600
PARTIAL, PICTURE = ".partial-", ".png"
LOOK = timedelta(hours=6)
_OURS = re.compile(r"handover-\d{4}-\d\d-\d\d-\d{4}-.+\.md|digest-\d{4}-\d\d-\d\d\.md|day-\d{4}-\d\d-\d\d\.png")


def keep(folder: Path, name: str, text: str) -> Path:
    """Write a file whole or not at all, readable by its owner alone; one of that name is written anew."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=PARTIAL, delete=False) as file:
        file.write(text)
    os.chmod(file.name, PRIVATE)
    os.replace(file.name, path)
    return path


def naming(folder: Path, is_named_in: Callable[[str], bool]) -> list[Path]:
    """The files of a shop's folder that name somebody, and those that cannot be read as text, which may."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != PICTURE)
    return sorted(path for path in files if (text := _text_of(path)) is None or is_named_in(text))


def is_ours(name: str) -> bool:
    """Whether a file of that name is a handover, a digest or a picture of the day."""
    return _OURS.fullmatch(name) is not None


def _text_of(path: Path) -> str | None:
    """What a document says, without the marks before what Markdown would misread."""
    try:
        return path.read_text("utf-8").replace("\\", "")
    except (OSError, UnicodeDecodeError):
        return None


def reports_job(folder: Path, age: timedelta, clock: Clock) -> Job:
    """Deletes what is older than `age`, now and then."""

    async def look() -> None:
        gone = await asyncio.to_thread(sweep, folder, clock.now() - age)
        if gone:
            log.info("reports_deleted", files=gone)

    return Job("reports", look, every(LOOK.total_seconds()), at_start=True)


def sweep(folder: Path, before: Instant) -> int:
    """Delete the handovers, digests and pictures of all shops that were written before then, and what a crash left
    half written; returns how many files that were. What people put there themselves stays. Raises OSError."""
    ours = (path for path in folder.glob("*/*") if _OURS.fullmatch(path.name) or path.name.startswith(PARTIAL))
    old = [path for path in ours if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
