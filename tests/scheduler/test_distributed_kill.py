"""Workers as processes of their own that are killed, on a real PostgreSQL."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from store.audit import audit
from store.store import SqlStore
from tests.crash.shop import open_shop
from tests.scheduler.a_worker import hold

LIMIT = 60.0


class Process:
    """A worker, started."""

    def __init__(self, url: str, told: Path, pause: float) -> None:
        command = [sys.executable, "-m", "tests.scheduler.a_worker", url, str(told), str(pause)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.first_line = self._process.stdout.readline().strip()

    def kill(self) -> None:
        """As the kernel kills."""
        self._process.kill()
        self._process.wait()

    def end(self) -> int:
        """SIGTERM; returns the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(LIMIT)
        finally:
            self._process.kill()
            assert self._process.stdout is not None
            self._process.stdout.close()


@contextmanager
def working(url: str, told: Path, count: int, pause: float) -> Iterator[list[Process]]:
    """So many workers, the first of which leads."""
    workers: list[Process] = []
    try:
        for number in range(count):
            workers.append(Process(url, told, pause))
            assert "works" if number else "leads" in workers[-1].first_line
        yield workers
    finally:
        for worker in workers:
            worker.end()


class Ledger:
    """What the database says, on one connection."""

    def __init__(self, url: str) -> None:
        self._store = SqlStore(url)

    def states(self) -> dict[str, int]:
        """How many messages are in each state."""
        return dict(self.ask("SELECT state, count(*) FROM outbox GROUP BY state"))  # type: ignore[arg-type]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self._store.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def close(self) -> list[str]:
        """Let go; returns what the audit found."""
        with self._store.engine.connect() as connection:
            found = audit(connection)
        self._store.close()
        return [f"{each.rule} {each.id}" for each in found.findings]


def until(true: Callable[[], Any]) -> float:
    """Wait until something is true; returns how long that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < LIMIT, "it did not happen"
        time.sleep(0.05)
    return time.monotonic() - began


def test_a_worker_dies_in_mid_window(postgres_url: str, tmp_path: Path) -> None:
    """What it was sending is unsure within seconds, and a task each; the others go on, and nothing is sent twice."""
    told, ledger = tmp_path / "told", Ledger(postgres_url)
    hold(told).touch()
    with working(postgres_url, told, 2, pause=0.0) as (_, victim):
        open_shop(postgres_url, 200)
        number = "SELECT DISTINCT sent_by FROM outbox WHERE state = 'sending' ORDER BY sent_by"
        until(lambda: len(ledger.ask(number)) == 2)
        victim.kill()
        hold(told).unlink()
        until(lambda: ledger.states().get("unsure", 0) > 0)
        until(lambda: ledger.states().keys() == {"sent", "unsure"} and sum(ledger.states().values()) == 200)
    lines, unsure = told.read_text().split(), ledger.states()["unsure"]
    tasks = ledger.ask("SELECT count(*) FROM tasks WHERE reason = 'unsure' AND state = 'open'")
    assert len(lines) == len(set(lines)) >= 200 - unsure
    assert 1 <= unsure <= 16, "two windows of eight at the most"
    assert [(unsure,)] == tasks
    assert [] == ledger.close()


def test_the_leader_dies(postgres_url: str, tmp_path: Path) -> None:
    """Another leads, hands over what is left, and settles what the dead one was sending."""
    open_shop(postgres_url, 100)
    told, ledger = tmp_path / "told", Ledger(postgres_url)
    hold(told).touch()
    with working(postgres_url, told, 2, pause=0.0) as (leader, _):
        until(lambda: ledger.states().get("sending", 0) >= 16)
        leader.kill()
        hold(told).unlink()
        until(lambda: sum(ledger.states().values()) == 100 and ledger.states().keys() <= {"sent", "unsure"})
    lines = told.read_text().split()
    assert len(lines) == len(set(lines)) >= 100 - ledger.states().get("unsure", 0)
    assert [] == ledger.close()


def test_sigterm_drains(postgres_url: str, tmp_path: Path) -> None:
    """A worker that is told to stop finishes its windows and leaves nothing unsure; the next goes on."""
    open_shop(postgres_url, 60)
    told, ledger = tmp_path / "told", Ledger(postgres_url)
    with working(postgres_url, told, 1, pause=0.2) as (worker,):
        until(lambda: told.exists() and len(told.read_text().split()) >= 8)
        assert 0 == worker.end()
    assert {"sent"} <= ledger.states().keys() <= {"sent", "due"}
    assert [] == ledger.ask("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")
    with working(postgres_url, told, 1, pause=0.0):
        until(lambda: ledger.states() == {"sent": 60})
    lines = told.read_text().split()
    assert 60 == len(lines) == len(set(lines))
    assert [] == ledger.close()
