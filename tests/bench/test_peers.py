"""The bench beside other schedulers: its contract with ours, and the tables it writes. No peer is needed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bench.peers import aims, table
from bench.peers.contract import PEERS
from bench.peers.measured import Figures, Receiver
from bench.peers.runner import KILLS, Place, Run

FLOORS = {"sqlite_schedule": 10_000.0, "sqlite_fire": 5_000.0, "postgres_schedule": 8_000.0, "postgres_fire": 4_000.0}


def a_result(*figures: Figures) -> dict[str, Any]:
    """Raw figures as the bench keeps them."""
    return {
        "machine": {"cores": 2, "cpu": "a processor", "python": "3.11", "sqlite": "3.40", "load": [1.0, 1.0, 1.0]},
        "versions": {"huey": "3.5"},
        "postgres": {"server_version": "18", "fsync": "on"},
        "floors": [FLOORS, FLOORS],
        "figures": [json.loads(json.dumps(asdict(each))) for each in figures],
        "memory": {"1000": 70.0, "1000000": 75.0},
        "load_after": [1.0, 1.0, 1.0],
    }


def some(peer: str, **more: Any) -> Figures:
    """A peer that has done a thousand in half a second, killed three times."""
    figures = Figures(peer, 1000, 1000, 5000.0, 0.4, 1000, 2000.0, 0.25, 0.5, 70.0, [1.0], 3, [0.8, 0.9, 0.7], 0, 0, 8)
    for name, value in more.items():
        setattr(figures, name, value)
    return figures


def test_ours_is_measured_through_the_contract(tmp_path: Path) -> None:
    """Two hundred reminders are scheduled and told, and neither lost nor doubled over three kills."""
    figures = Run("ours", 200, Place(str(tmp_path), tmp_path / "told.txt")).killed()
    assert (200, len(KILLS)) == (figures.scheduled, figures.kills)
    assert (0, 0) == (figures.lost, figures.doubled)
    assert figures.listed is not None
    assert 200 == figures.told + figures.listed
    assert figures.schedule_rate is not None
    assert figures.start_up is not None
    assert len(KILLS) >= len(figures.recovery) > 0


def test_the_receiver_counts_what_came_twice_or_never(tmp_path: Path) -> None:
    """Doubled is what came more than once; lost is what neither came nor is listed; half a line is no line yet."""
    told = tmp_path / "told.txt"
    receiver = Receiver(told)
    told.write_text("a 10.0\nb 11.5\nb 12.0\nc 1", encoding="utf-8")
    assert 3 == receiver.look()
    assert 1 == receiver.doubled()
    assert 1 == receiver.lost(4, ["d"])
    assert (1.5, 2.0) == (receiver.late(10.0, 0.5), receiver.late(10.0, 0.99))
    assert 11.5 == receiver.first_after(10.5)


def test_the_tables_stand_between_their_markers(tmp_path: Path) -> None:
    """The page keeps what is around them, and written twice it is the same."""
    page = tmp_path / "page.md"
    begin, end = table.markers()
    page.write_text(f"before\n\n{begin}\nwhat stood here\n{end}\n\nafter\n", encoding="utf-8")
    result = a_result(some("ours"), some("huey", lost=12), some("dbos", told=0, note="not tried"))
    text = table.markdown(result) + aims.markdown(result)
    table.put_into(page, text)
    once = page.read_text(encoding="utf-8")
    table.put_into(page, text)
    assert once == page.read_text(encoding="utf-8")
    assert once.startswith("before")
    assert once.endswith("after\n")
    assert "what stood here" not in once
    assert "| Huifang, SQLite | 5,000 (0.50) | 2,000 (0.40) | 250 ms | 500 ms |" in once
    assert "| DBOS, SQLite | not tried |" in once


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written where nobody said that it may be."""
    page = tmp_path / "page.md"
    page.write_text("before\n", encoding="utf-8")
    with pytest.raises(ValueError, match="expected"):
        table.put_into(page, "text")
    assert "before\n" == page.read_text(encoding="utf-8")


def test_only_who_keeps_its_word_can_be_ahead() -> None:
    """A peer that lost something does not count in the aim, but is named as ahead all the same."""
    quick_but_loses = some("huey", fire_rate=9000.0, lost=1)
    said = aims.markdown(a_result(some("ours"), quick_but_loses))
    assert (
        "| first in every column among those that lose and double nothing | those are: Huifang, SQLite | yes |" in said
    )
    assert "- told/s, N = 1,000: ours 2,000/s; Huey, SQLite 9,000/s" in said
    said = aims.markdown(a_result(some("ours"), some("huey", fire_rate=9000.0)))
    assert "told/s, N = 1,000: ours 2,000/s; Huey, SQLite 9,000/s | no |" in said


def test_aims_are_read_off_the_figures() -> None:
    """Rates beside their floor and beside Procrastinate, two workers beside one, the worst recovery, memory."""
    said = aims.markdown(
        a_result(
            some("ours-pg-1", fire_rate=1300.0),
            some("ours-pg-2", fire_rate=2000.0, recovery=[0.5, 1.4, 0.6]),
            some("procrastinate", fire_rate=100.0, doubled=1),
        )
    )
    assert "| PostgreSQL, 1 worker: ≥ 0.3 of its floor | 1,300/s, 0.33 | yes |" in said
    assert "| PostgreSQL: ≥ 15 × Procrastinate alone | 2,000/s beside 100/s: 20.0 × | yes |" in said
    assert "| two workers ≥ 1.6 × one | 1.54 × | no |" in said
    assert "| first reminder within 1 s of kill -9 | 500 ms to 1.4 s | no |" in said
    assert "| memory from 1,000 to 1,000,000 pending: + 10 % at most | 70 → 75 MB, +7% | yes |" in said


def test_every_peer_says_how_it_was_made_durable() -> None:
    """One line each, and a module that exists."""
    folder = Path(table.__file__).parent
    for entry in PEERS.values():
        assert entry.how
        assert (folder / f"{entry.module}.py").is_file()
