"""The figures: what is counted after each commit and window, and what is read when somebody asks."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest

from bot.watching import watching as module
from followup.model import Health
from tests.bot.watching.watched import THREAD, WHO, Watched, on_both

COUNTED = ("verdicts_total", "commit_seconds_bucket", "reminders_fired_total", "sends_total", "events_total")
READ = (
    "due_lag_seconds",
    "outbox_messages",
    "unsure_messages",
    "channel_up",
    "events_waiting",
    "tasks_open",
    "workers",
)
NAMES = [f"huifang_{name}" for name in (*COUNTED, *READ, "leader", "ready", "database_up", "build_info")]


@pytest.fixture(autouse=True)
def _read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are read anew whenever they are asked for."""
    monkeypatch.setattr(module, "SELDOM", 0.0)


@on_both
async def test_one_thread_is_counted(watched: Watched) -> None:
    """A reminder that fires, its verdict, its sending, and what the buyer said, each once."""
    await watched.says("1", "hello")
    await watched.imports()
    before = await watched.page()
    await watched.later(0.5)
    after = await watched.page()

    def grew(name: str) -> float:
        return after[name] - before[name]

    assert 1 == grew("huifang_reminders_fired_total")
    assert 1 == grew('huifang_verdicts_total{verdict="sent"}')
    assert 1 == grew('huifang_sends_total{channel="fake",outcome="accepted"}')
    assert 0 < grew("huifang_commit_seconds_count")
    assert 1 == after['huifang_events_total{channel="fake",state="waiting"}']
    assert 1 == after['huifang_events_total{channel="fake",state="handled"}']


async def test_what_went_wrong_is_counted(watched: Watched) -> None:
    """A message of which nobody knows is a figure and a task, and its attempt counts as unsure; an event put aside
    counts as such."""
    await watched.says("1", "hello")
    await watched.imports()
    watched.channel.answers[f"{THREAD}/unpaid.help"] = [RuntimeError("boom")]
    await watched.later(0.5)
    watched.channel.trouble["2"] = [ValueError("boom")]
    await watched.says("2", "hm")
    found = await watched.page()

    assert 1 == found["huifang_unsure_messages"] == found['huifang_outbox_messages{state="unsure"}']
    assert 1 == found['huifang_sends_total{channel="fake",outcome="unsure"}']
    assert 1 == found['huifang_events_total{channel="fake",state="put_aside"}']
    assert 2 <= found['huifang_tasks_open{urgent="no"}'] + found['huifang_tasks_open{urgent="yes"}']


async def test_what_is_late_shows(watched: Watched) -> None:
    """A reminder that nobody fired for ten minutes is ten minutes of lag."""
    await watched.says("1", "hello")
    await watched.imports()
    watched.clock.move(timedelta(minutes=25))

    assert 600 == (await watched.page())["huifang_due_lag_seconds"]


async def test_every_name_is_there_and_no_buyer(watched: Watched) -> None:
    """All names of the contract, and no label that holds anything of a buyer or an order."""
    (inbox,) = watched.app.inboxes
    await inbox.report(Health.UP)
    await watched.says("1", "hello")
    await watched.imports()
    await watched.later(0.5)
    text = (await watched.watching.page()).decode()

    assert [] == [
        name for name in NAMES if not re.search(rf"^{name}[ {{]", text, re.M) and name != "huifang_channel_up"
    ]
    assert [] == [word for word in (WHO, "o1/", "Anna1", "unpaid.help") if word in text]
    labels = set(re.findall(r'[{,](\w+)="', text))
    assert {"channel", "database", "le", "outcome", "python", "state", "urgent", "verdict", "version"} == labels


@on_both
async def test_only_commits_that_kept_something_count(watched: Watched) -> None:
    """On SQLite a look that writes nothing is no commit; PostgreSQL does not tell."""
    before = (await watched.page())["huifang_commit_seconds_count"]
    for _ in range(5):
        await watched.app.store.transact(lambda _tx: None)
    after = (await watched.page())["huifang_commit_seconds_count"]

    assert watched.app.store.dialect.is_sqlite == (before == after)


async def test_a_database_that_does_not_answer(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted is shown all the same, what would be read is left out, and a figure says why."""
    await watched.says("1", "hello")
    await watched.page()

    def fails() -> Any:
        raise OSError("gone")

    monkeypatch.setattr(watched.watching, "read", fails)
    found = await watched.page()

    assert 0 == found["huifang_database_up"]
    assert 1 == found['huifang_events_total{channel="fake",state="handled"}']
    assert [] == [name for name in found if name.startswith(("huifang_outbox_messages", "huifang_tasks_open"))]


async def test_a_database_that_hangs(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks is not kept waiting, and however often he asks, one thread waits for it; then all is read again."""
    go, asked = threading.Event(), []
    read = watched.watching.read

    def hangs() -> Any:
        asked.append(1)
        assert go.wait(60)
        return read()

    monkeypatch.setattr(watched.watching, "read", hangs)
    monkeypatch.setattr(module, "PATIENCE", 0.01)
    hung = [(await watched.page())["huifang_database_up"] for _ in range(3)]
    go.set()
    monkeypatch.setattr(module, "PATIENCE", 30)

    assert ([0, 0, 0], 1) == (hung, len(asked))
    assert 1 == (await watched.page())["huifang_database_up"]


async def test_a_counter_that_breaks_breaks_nothing(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed is committed, and the next one is counted again."""

    def fails(*_: Any) -> None:
        raise RuntimeError("boom")

    watched.app.store.on_commit = fails
    await watched.says("1", "hello")

    assert 1 == len(watched.channel.calls)
