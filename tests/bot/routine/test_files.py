"""The folder of reports: what is old goes, what people put there stays; files that name somebody are found."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.routine.files import keep, naming, reports_job
from scheduler.clock import FakeClock

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def written(folder: Path, name: str, days_ago: float, text: str = "x") -> None:
    """A file of the shop s that was written so many days ago."""
    path = keep(folder / "s", name, text)
    at = (NOW - days_ago * DAY).timestamp()
    os.utime(path, (at, at))


def test_what_is_old_goes(tmp_path: Path) -> None:
    """Handovers, digests, pictures and what a crash left half written; not the younger ones, and not what people keep
    there themselves."""
    ours = ("handover-2026-03-01-2200-late.md", "digest-2026-03-01.md", "day-2026-03-01.png", ".partial-x1")
    for name in (*ours, "my report.xlsx", "digest-notes.md"):
        written(tmp_path, name, 91)
    written(tmp_path, "digest-2026-03-08.md", 89)
    asyncio.run(reports_job(tmp_path, 90 * DAY, FakeClock(NOW)).run())
    assert ["digest-2026-03-08.md", "digest-notes.md", "my report.xlsx"] == sorted(os.listdir(tmp_path / "s"))


def test_without_a_folder_there_is_nothing_to_do(tmp_path: Path) -> None:
    """As long as nothing was written down."""
    asyncio.run(reports_job(tmp_path / "none", DAY, FakeClock(NOW)).run())
    assert [] == naming(tmp_path / "none", lambda _: True)


def test_files_that_name_somebody(tmp_path: Path) -> None:
    """Also where Markdown needs a mark in his name, and what cannot be read as text; no pictures, and nobody else's."""
    written(tmp_path, "a.md", 0, r"买家 tb\_lin 说")
    written(tmp_path, "b.md", 0, "买家 tb_wang 说")
    written(tmp_path, "day-2026-03-01.png", 0, "tb_lin")
    (tmp_path / "s" / "c.xlsx").write_bytes(b"PK\xff\xfe")
    found = naming(tmp_path / "s", lambda text: "tb_lin" in text)
    assert ["a.md", "c.xlsx"] == [path.name for path in found]
