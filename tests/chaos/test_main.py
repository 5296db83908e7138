"""The command: what it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.chaos import __main__ as chaos
from tests.chaos.scenario import Run


def _holds(run: Run) -> None:
    """nothing happens"""
    run.kills += 2


def _breaks(run: Run) -> None:
    """a promise is broken"""
    run.broken += ["doubled: m1 was told twice", "lost: m2", "scenario: slow"]


def _raises(run: Run) -> None:
    """it cannot be carried out"""
    raise OSError("no room")


@pytest.fixture(autouse=True)
def scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenarios without processes."""
    monkeypatch.setattr(chaos, "SCENARIOS", {"holds": _holds, "breaks": _breaks, "raises": _raises})


def test_a_run_in_which_all_holds(tmp_path: Path) -> None:
    """It ends with 0, and the report says on what machine, by which seed, and what was counted."""
    assert 0 == chaos.main(["holds", "--seed", "7", "--out", str(tmp_path / "new" / "chaos.json")])
    report = json.loads((tmp_path / "new" / "chaos.json").read_text())
    assert (True, 7) == (report["ok"], report["seed"])
    assert {"cores", "load", "python", "system", "sqlite"} == set(report["machine"])
    (one,) = report["scenarios"]
    assert ("holds", True, 2, 0) == (one["name"], one["ok"], one["kills"], one["lost"])


def test_a_run_in_which_a_promise_is_broken(tmp_path: Path) -> None:
    """It ends with 1, whatever else holds, and the report counts what is broken by its kind."""
    assert 1 == chaos.main(["--out", str(tmp_path / "chaos.json")])
    report = json.loads((tmp_path / "chaos.json").read_text())
    _, broken, raised = report["scenarios"]
    assert (False, 1, 1, 0) == (broken["ok"], broken["doubled"], broken["lost"], broken["disordered"])
    assert ["scenario: it ended with OSError: no room"] == raised["broken"]


def test_an_unknown_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends with 2 and names those that there are."""
    assert 2 == chaos.main(["nothing", "--out", str(tmp_path / "chaos.json")])
    assert "there is no scenario 'nothing'; here are holds, breaks, raises\n" == capsys.readouterr().err
