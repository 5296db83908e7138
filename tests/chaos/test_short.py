"""The short form of `make chaos`: one round of everything that is quick, by the same code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.__main__ import SEED
from tests.chaos.postgres import Server
from tests.chaos.scenario import carry_out
from tests.chaos.scenarios import SCENARIOS
from tests.databases import unavailable

NEEDS_POSTGRES = {"kill-workers", "pg-restarts-alone"}
QUICK = ("kill-sqlite", "kill-workers", "pg-restarts-alone", "locked", "damaged", "clock-jumps", "storm-one-chat")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One for all scenarios that need it."""
    try:
        server = Server()
    except ImportError as error:
        unavailable(error)
    yield server
    server.end()


@pytest.mark.parametrize("name", QUICK)
def test_the_promises_hold(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """After one round of a fault nothing is lost, doubled or out of order, and what is uncertain is shown."""
    lent = request.getfixturevalue("server") if name in NEEDS_POSTGRES else None
    tmp_path.chmod(0o711)
    report = carry_out(name, SCENARIOS[name], tmp_path, SEED, short=True, lent=lent)
    print(report)  # noqa: T201 - the figures, where it fails
    assert [] == report.broken


def test_every_scenario_says_what_it_does() -> None:
    """`--help` lists each with a sentence."""
    assert all(scenario.__doc__ for scenario in SCENARIOS.values())
