"""`huifang clocks` and the clocks in `huifang why`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bench.shop import a_deps, unpaid
from bot.app import bootstrap
from bot.cli import app
from bot.config import load
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.model import Chat, Instant
from handlers.order_changed import order_changed, wanted
from store.store import SqlStore

HOUR = timedelta(hours=1)
Run = Callable[..., Result]


def clock(due: Due, thread: str, ahead: timedelta, now: Instant, **more: object) -> Deadline:
    """A clock of ten hours of which so much is left."""
    due_at, start = now + ahead, now + ahead - 10 * HOUR
    fresh = Deadline(f"{thread}/{due}@1", thread, "s", due, start, due_at - 2 * HOUR, due_at, due_at - 2 * HOUR)
    return replace(fresh, **more)  # type: ignore[arg-type]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command, on a shop with one clock at risk, one late, one that stands still and one of a chat."""
    file = tmp_path / "config.toml"
    database = f"sqlite:///{tmp_path / 'shop.db'}"
    file.write_text(f'[shops.s]\n[shops.t]\n[database]\nurl = "{database}"\n[agents]\nlang = "en"\n', "utf-8")
    main = bootstrap(load(file), speaking=False)
    keep(main.store)
    main.close()
    return lambda *args: CliRunner().invoke(app, [*args, "--config", str(file)], env={"COLUMNS": "200"})


def keep(store: SqlStore) -> None:
    now, deps = datetime.now(UTC), a_deps()
    event = next(unpaid(1))
    event = replace(event, order=replace(event.order, created_at=now, observed_at=now))
    store.run(lambda tx: order_changed(event, tx, deps, now), wanted(event))
    thread = "s/o0/unpaid_order"
    late = clock(Due.DETAILS, thread, -3 * HOUR, now, breached_at=now - 3 * HOUR, next_at=None)
    paused = clock(Due.LOGISTICS, thread, HOUR, now, state=ClockState.PAUSED, left=5 * 3_600_000_000)
    over = clock(Due.REFUND, thread, HOUR, now, state=ClockState.MET, closed_at=now)
    guest = Chat("s/manual/77", "s", "guest", "manual", "77")
    known = [
        late,
        paused,
        over,
        clock(Due.FIRST_REPLY, thread, HOUR, now),
        clock(Due.FIRST_REPLY, guest.id, 9 * HOUR, now),
    ]
    store.run(lambda tx: [tx.save(each) for each in (guest, *known)])


def lines(result: Result) -> list[str]:
    """The rows of the table, without its frame."""
    assert 0 == result.exit_code, result.output
    return [line for line in result.output.splitlines() if line.startswith("│")]


def test_what_is_open_the_first_due_on_top(run: Run) -> None:
    """How much is left, how late it is, that it stands still; of which order and whose buyer."""
    late, *others = lines(run("clocks"))
    assert ("3 hours late" in late, "answer to the buyer's question" in late, "o0" in late) == (True, True, True)
    assert "王芳" in late
    assert 4 == 1 + len(others)
    assert 1 == sum("paused for the buyer (5 hours left)" in line for line in others)
    assert 1 == sum("at risk" in line for line in others)
    assert 1 == sum("guest" in line for line in others)


@pytest.mark.parametrize(
    ("options", "expected"),
    [(["--breached"], 1), (["--at-risk"], 1), (["--breached", "--at-risk"], 2), (["--shop", "s"], 4)],
)
def test_only_some(run: Run, options: list[str], expected: int) -> None:
    """Those that are late, those that are nearly, those of a shop."""
    assert expected == len(lines(run("clocks", *options)))


def test_none(run: Run) -> None:
    """The other shop keeps no one waiting."""
    assert "No clock is running." in run("clocks", "--shop", "t").output


def test_a_shop_that_is_not_there(run: Run) -> None:
    """One sentence with the names that there are."""
    result = run("clocks", "--shop", "x")
    assert 2 == result.exit_code
    assert "--shop: expected one of s, t, got 'x'" in result.output


def test_as_json(run: Run) -> None:
    """Times as ISO text, for other programs."""
    rows = [json.loads(line) for line in run("clocks", "--json").output.splitlines()]
    assert ["details", "o0", "unpaid_order"] == [rows[0][name] for name in ("due", "order", "kind")]
    assert datetime.fromisoformat(rows[0]["due_at"]) < datetime.now(UTC)


def test_in_the_story_of_the_order(run: Run) -> None:
    """What was counted from when, and what came of it."""
    told = run("why", "o0").output
    assert "clock started: refund request decided, by" in told
    assert "clock over: refund request decided" in told
    assert "in time" in told
