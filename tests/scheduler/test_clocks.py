"""The job that looks at clocks: each once when its time comes, in batches, also after a stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bench.shop import NOW, a_deps, open_threads
from followup.desk.deadlines import ClockState, Deadline, Due
from followup.events import MessageReceived, thread_id
from followup.model import Instant, Task, TaskState
from handlers.buyer_message import buyer_message, wanted
from handlers.deps import Deps
from scheduler.clock import FakeClock
from scheduler.clocks import AFTER_TROUBLE, check_clocks, clocks_job
from store.store import SqlStore
from store.tables import KEPT
from store.wanted import Wanted

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[SqlStore]:
    """A shop with five unpaid orders."""
    made = SqlStore(sqlite_url)
    open_threads(made, a_deps(), 5)
    yield made
    made.close()


def ask(store: SqlStore, deps: Deps, *buyers: str, at: Instant = NOW) -> None:
    """Buyers ask what the bot cannot answer."""
    for buyer in buyers:
        event = MessageReceived("s", "manual", buyer, f"{buyer}-{at}", "这个料子起球吗，会不会掉色", at)
        store.run(partial(buyer_message, event, deps=deps, now=at), wanted(event))


def tasks_of(store: SqlStore, thread: str) -> list[Task]:
    """What people still have to do about a thread."""
    return store.run(lambda tx: tx.open_tasks(thread), Wanted(threads=(thread,)))


def kept(store: SqlStore, due: Due = Due.FIRST_REPLY) -> list[Deadline]:
    """The clocks of that name, by their threads."""
    how = KEPT[Deadline]
    with store.engine.connect() as connection:
        rows = connection.execute(how.table.select().where(how.table.c.due == due).order_by(how.table.c.id))
        return [how.codec.decode(row) for row in rows]


async def look(store: SqlStore, deps: Deps, at: Instant, batch: int = 100) -> int:
    return await check_clocks(store, deps, FakeClock(at), batch)


async def test_each_is_looked_at_when_its_time_comes(store: SqlStore) -> None:
    """Not before it is at risk, then once at risk, once breached, and never again."""
    deps = a_deps()
    ask(store, deps, "b0")
    times = [3, 4, 4, 5, 5, 60]
    assert [0, 1, 0, 1, 0, 0] == [await look(store, deps, NOW + minutes * MINUTE) for minutes in times]
    (clock,) = kept(store)
    assert (ClockState.RUNNING, NOW + 5 * MINUTE, None) == (clock.state, clock.breached_at, clock.next_at)


async def test_a_stop_is_caught_up_with(store: SqlStore) -> None:
    """Whoever was not warned in time is told at once that it is late; more than a batch is no matter."""
    deps = a_deps()
    ask(store, deps, "b0", "b1", "b2", "b3", "b4")
    assert 5 == await look(store, deps, NOW + 60 * MINUTE, batch=2)
    assert {NOW + 5 * MINUTE} == {clock.breached_at for clock in kept(store)}


async def test_a_chat_in_which_nothing_is_followed_up(store: SqlStore) -> None:
    """A stranger's clock stands in his chat."""
    deps = a_deps()
    ask(store, deps, "stranger")
    (before,) = kept(store)
    assert 1 == await look(store, deps, NOW + 6 * MINUTE)
    (after,) = kept(store)
    assert (before.id, NOW + 5 * MINUTE) == (after.id, after.breached_at)


async def test_one_that_breaks_something_does_not_hold_up_the_rest(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again later, and nothing of it is kept."""
    import scheduler.clocks as module

    deps, real = a_deps(), module.clock_due
    ask(store, deps, "b0", "b1")

    def breaks(clock: Deadline, *rest: object) -> None:
        real(clock, *rest)  # type: ignore[arg-type]
        if clock.thread == thread_id("s", "o0", "unpaid_order"):
            raise RuntimeError("poison")

    monkeypatch.setattr(module, "clock_due", breaks)
    now = NOW + 6 * MINUTE
    assert 2 == await look(store, deps, now)
    broken, fine = kept(store)
    assert (None, now + AFTER_TROUBLE, NOW + 5 * MINUTE) == (broken.breached_at, broken.next_at, fine.breached_at)


async def test_a_shop_that_is_gone(store: SqlStore) -> None:
    """Nobody can answer for a shop that is not configured any more."""
    deps = a_deps()
    ask(store, deps, "b0")
    gone = replace(deps, policies={"other": deps.policies["s"]})
    assert 1 == await look(store, gone, NOW + 4 * MINUTE)
    assert [ClockState.DROPPED] == [clock.state for clock in kept(store)]


async def test_a_task_that_was_closed_in_some_other_way(store: SqlStore) -> None:
    """Nobody waits any more, and nobody is told."""
    deps = a_deps()
    ask(store, deps, "b0")
    (clock,) = kept(store)
    (task,) = tasks_of(store, clock.thread)
    store.run(lambda tx: tx.save(replace(task, state=TaskState.CANCELLED)), Wanted(tasks=(task.id,)))
    assert 1 == await look(store, deps, NOW + 4 * MINUTE)
    assert [ClockState.DROPPED] == [each.state for each in kept(store)]
    assert [] == tasks_of(store, clock.thread)


async def test_the_job(store: SqlStore) -> None:
    """It looks by the program's own clock, every few seconds."""
    deps = a_deps()
    ask(store, deps, "b0")
    job = clocks_job(store, deps, FakeClock(NOW + 5 * MINUTE))
    await job.run()
    assert ("clocks", [NOW + 5 * MINUTE]) == (job.name, [clock.breached_at for clock in kept(store)])


def test_questions_of_one_buyer_are_one_clock(store: SqlStore) -> None:
    """In one transaction or in two; and they are one task, whose clock is that of the first."""
    deps = a_deps()
    ask(store, deps, "b0")
    ask(store, deps, "b0", at=NOW + MINUTE)
    assert [NOW] == [clock.started_at for clock in kept(store)]
    assert [NOW] == [clock.started_at for clock in kept(store, Due.DETAILS)]
    with store.engine.connect() as connection:
        rows = connection.execute(KEPT[Task].table.select().where(KEPT[Task].table.c.reason == "buyer_message"))
        assert 1 == len(rows.all())
