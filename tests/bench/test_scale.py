"""The bench of many workers: the page that it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import scale_page
from bench.peers.table import markers


def a_run(rate: int, **more: Any) -> dict[str, Any]:
    """One number of workers."""
    return {
        "rate": rate,
        "schedule_rate": 3000,
        "late_p50": 2.0,
        "late_p99": 4.5,
        "cores": [0.8],
        "memory_mb": 85,
        "connections": 12,
        "wal_bytes_to_schedule": 3000,
        "wal_bytes_to_tell": 9000,
        "bytes_kept": 8000,
        **more,
    }


def told() -> dict[str, Any]:
    """What a bench found."""
    pending = {"resident": 84.0, "start_up": 0.5, "rate": 900}
    return {
        "machine": {"cores": 2, "cpu": "a processor", "python": "3.11", "load": [1.0, 1.0, 1.0]},
        "scale": {
            "postgres": {"server_version": "18", "fsync": "on"},
            "reminders": 20_000,
            "floor": {"schedule": 9000, "fire": 5000},
            "procrastinate_alone": {"reminders": 2000, "rate": 250.0, "late_p99": 8.0},
            "workers": {"1": a_run(1000), "2": a_run(1700, cores=[0.7, 0.65]), "4": a_run(1800)},
            "memory_mb": {"1000": pending, "1000000": {**pending, "resident": 88.2}},
            "load_after": [1.5, 1.0, 1.0],
        },
    }


def test_the_curve_stands_beside_its_floor_and_one_worker() -> None:
    """Each row has its rate as shares of both, and what each worker used of a core."""
    said = scale_page.markdown(told())
    assert "| 2 | 1,700 | 0.34 | 1.70 | 2.0 s | 4.5 s | 70%, 65% | 85 MB | 3,000 |" in said
    assert "250/s; ours is 7.2 × that" in said
    assert "84 and 88 MB (+5%)" in said


def test_what_a_shop_needs_follows_from_what_was_measured() -> None:
    """A million orders a day: 400,000 at nine, 400 s for one worker at 1,000/s, 12 kB of log and 8 kB kept each."""
    said = scale_page.markdown(told())
    assert "| 1,000,000 | 400,000 | 400.0 s | 444.4/s | 12.000 GB | 365,000,000 | 2,920.0 GB |" in said
    assert "| 100 | 40 | 40 ms |" in said


def test_the_page_has_its_markers(tmp_path: Path) -> None:
    """What the bench writes finds its place in docs/scale.md and leaves the rest alone."""
    docs = Path(__file__).parents[2] / "docs" / "scale.md"
    page = tmp_path / "scale.md"
    page.write_text(docs.read_text(encoding="utf-8"), encoding="utf-8")
    before, _, rest = page.read_text(encoding="utf-8").partition(markers("scale", "python -m bench.scale")[0])
    scale_page.write(page, told())
    written = page.read_text(encoding="utf-8")
    assert rest
    assert written.startswith(before)
    assert "| 2 | 1,700 |" in written
