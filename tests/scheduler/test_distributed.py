"""Many workers in one process, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from followup.events import DeliveryResult, Outcome
from followup.model import Outgoing, OutgoingState
from followup.policy import Policy
from handlers.order_changed import order_changed, wanted
from scheduler.clock import FakeClock, PacedClock
from scheduler.distributed import Distributed
from scheduler.jobs import Job, every
from scheduler.outbox import Outbox, recover
from store.engine import DatabaseError
from store.store import SqlStore
from store.wanted import Wanted
from tests.crash.shop import NOW, a_deps, an_order, open_shop
from tests.scheduler.a_worker import DUE, LineChannel, hold
from tests.scheduler.shop import Shop

LIMIT = 60.0
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1818583396"
"""Cut off whoever leads."""


class Server:
    """A service of the leader, such as the one for webhooks."""

    def __init__(self) -> None:
        self.runs, self.starts = False, 0

    async def start(self) -> None:
        self.runs, self.starts = True, self.starts + 1

    async def stop(self) -> None:
        self.runs = False


class Worker:
    """One worker with a store of its own."""

    def __init__(self, url: str, path: Path, jobs: tuple[Job, ...] = (), lead: bool = True, **more: Any) -> None:
        self.store, self.clock, self.deps = SqlStore(url), PacedClock(DUE), more.pop("deps", a_deps())
        self.server, self.channel = Server(), more.pop("channel", None) or LineChannel(str(path), self.clock)
        outbox = Outbox(self.channel, self.store, self.deps, self.clock)
        self.engine = Distributed(
            self.store, self.deps, self.clock, [outbox], jobs, services=[self.server], lead=lead, batch=20, **more
        )


@asynccontextmanager
async def at_work(*workers: Worker) -> AsyncIterator[None]:
    """Start them in their order, and stop them."""
    try:
        for worker in workers:
            await worker.engine.start()
        yield
    finally:
        for worker in workers:
            await worker.engine.stop()
            worker.store.close()


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Where the channel writes what it sends."""
    return tmp_path / "told"


def lines(told: Path) -> list[str]:
    return told.read_text().split() if told.exists() else []


async def until(true: Callable[[], Any], what: str) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(LIMIT):
        while not true():  # noqa: ASYNC110 - what it waits for happens in other processes and threads too
            await asyncio.sleep(0.02)
    assert true(), what


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    store = SqlStore(url)
    try:
        with store.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        store.close()


def done(url: str) -> dict[str, int]:
    return dict(ask(url, "SELECT state, count(*) FROM outbox GROUP BY state"))  # type: ignore[arg-type]


class TestSharing:
    async def test_two_share_what_is_due(self, postgres_url: str, told: Path) -> None:
        """Hundreds of due reminders are each sent once, some by either; what is not due yet is not handed over."""
        open_shop(postgres_url, 600)
        hold(told).touch()
        one, other = Worker(postgres_url, told), Worker(postgres_url, told)
        seen: list[int] = []
        async with at_work(one, other):
            senders = "SELECT DISTINCT sent_by FROM outbox WHERE state = 'sending'"
            await until(lambda: len(ask(postgres_url, senders)) == 2, "both are sending")
            hold(told).unlink()

            def all_sent() -> bool:
                seen.append(ask(postgres_url, "SELECT count(*) FROM procrastinate_jobs")[0][0])
                return done(postgres_url).get("sent") == 600

            await until(all_sent, "all were sent")
        assert 600 == len(set(lines(told))) == len(lines(told))
        assert max(seen) < 100, "the queue holds batches, not reminders"
        assert [(1200,)] == ask(postgres_url, "SELECT count(*) FROM reminders WHERE state = 'pending'")
        assert [(0,)] == ask(postgres_url, "SELECT count(*) FROM procrastinate_jobs")

    async def test_what_is_planned_now_is_sent_now(self, postgres_url: str, told: Path) -> None:
        """What a worker that does not lead plans for this moment is sent soon, without anybody waiting for it."""
        open_shop(postgres_url, 0)
        leader, worker = Worker(postgres_url, told), Worker(postgres_url, told, lead=False)
        async with at_work(leader, worker):
            event, deps = an_order(1), worker.deps
            await worker.store.transact(lambda tx: order_changed(event, tx, deps, NOW), wanted(event))
            await until(lambda: len(lines(told)) == 1, "it was sent")

    async def test_the_first_does_not_wait_for_the_last(self, postgres_url: str, told: Path) -> None:
        """What the first batch has to say goes before a second is fired."""
        open_shop(postgres_url, 100)
        hold(told).touch()
        async with at_work(Worker(postgres_url, told, concurrency=1)):
            await until(lambda: lines(told), "the first is being sent")
            assert [(20,)] == ask(postgres_url, "SELECT count(*) FROM reminders WHERE state = 'fired'")
            hold(told).unlink()
            await until(lambda: done(postgres_url).get("sent") == 100, "all were sent")
        assert 100 == len(set(lines(told))) == len(lines(told))

    async def test_a_large_shop_starves_no_other(
        self, postgres_url: str, told: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A shop whose few reminders are due last does not wait until the hundreds of another went."""
        monkeypatch.setattr("scheduler.working.SPELL", 0.01)
        open_shop(postgres_url, 400)
        deps = replace(a_deps(), policies={"s": Policy("s"), "t": Policy("t")}, channels={"s": "manual", "t": "manual"})
        store, order = SqlStore(postgres_url), an_order(1).order
        small = [replace(an_order(n), order=replace(order, shop="t", id=f"o{n}", buyer=f"b{n}")) for n in range(3)]

        def take(tx: Any) -> None:
            for event in small:
                order_changed(event, tx, deps, NOW + timedelta(seconds=30))

        store.run(take, Wanted.all_of(map(wanted, small)))
        store.close()
        worker = Worker(postgres_url, told, deps=deps, concurrency=1)
        async with at_work(worker):
            await until(lambda: sum(id_.startswith("t/") for id_ in lines(told)) == 3, "the small shop had its turn")
            assert len(lines(told)) < 400


class TestLeading:
    async def test_one_leads_and_another_follows(self, postgres_url: str, told: Path) -> None:
        """Only the leader serves; when it stops another does."""
        one, other = Worker(postgres_url, told), Worker(postgres_url, told)
        async with at_work(one, other):
            assert (True, False) == (one.engine.leads, other.engine.leads)
            assert (True, False) == (one.server.runs, other.server.runs)
            await one.engine.stop()
            await until(lambda: other.engine.leads and other.server.runs, "the other leads")
            assert not one.server.runs

    async def test_some_never_lead(self, postgres_url: str, told: Path) -> None:
        """A worker that may not lead serves nothing, and works."""
        open_shop(postgres_url, 30)
        one, other = Worker(postgres_url, told, lead=False), Worker(postgres_url, told)
        async with at_work(one, other):
            assert (False, True) == (one.engine.leads, other.engine.leads)
            await until(lambda: len(lines(told)) == 30, "all were sent")

    async def test_who_loses_the_lock_stops_leading_and_works_on(self, postgres_url: str, told: Path) -> None:
        """The server closes the connection on which the lead hangs: the leader stops serving at once, somebody leads
        again within seconds, and everything due goes out once."""
        open_shop(postgres_url, 200)
        one, other = Worker(postgres_url, told), Worker(postgres_url, told)
        async with at_work(one, other):
            before = one.store.worker
            ask(postgres_url, TERMINATE)
            await until(lambda: one.server.starts + other.server.starts == 2, "somebody leads again")
            await until(lambda: one.store.worker != before, "it has a place again")
            await until(lambda: done(postgres_url).get("sent") == 200, "all were sent")
            await until(lambda: 1 == one.engine.leads + other.engine.leads, "one of them leads")
        assert 200 == len(set(lines(told))) == len(lines(told))

    async def test_who_loses_the_place_while_it_begins_to_lead(self, postgres_url: str, told: Path) -> None:
        """A start that was overtaken by the loss of the place goes no further, and leads from anew."""
        worker = Worker(postgres_url, told)
        begun, after_all = list[str](), asyncio.Event()

        async def start() -> None:
            begun.append(worker.store.worker)
            if len(begun) == 1:
                ask(postgres_url, TERMINATE)
                await after_all.wait()
            worker.server.runs = True

        worker.server.start = start  # type: ignore[method-assign]
        async with at_work(worker):
            await until(lambda: worker.engine.leads, "it leads after all")
            assert 2 == len(set(begun)) == len(begun)
            assert worker.server.runs

    async def test_a_job_that_is_cut_short_is_anothers(self, postgres_url: str, told: Path) -> None:
        """A regular job that SIGTERM did not let finish runs once more where somebody is left."""
        ran: list[str] = []

        def jobs(worker: str, seconds: float) -> tuple[Job, ...]:
            async def run() -> None:
                ran.append(worker)
                await asyncio.sleep(seconds)
                ran.append(f"{worker} done")

            return (Job("once", run, every(0.1), anywhere=True),)

        one = Worker(postgres_url, told, jobs("one", 3600.0))
        other = Worker(postgres_url, told, (replace(jobs("other", 0.0)[0], trigger=every(86400.0)),))
        async with at_work(one):
            await until(lambda: ran == ["one"], "it runs")
            async with at_work(other):
                await one.engine.stop()
                await until(lambda: "other done" in ran, "the other did it")
        assert "one done" not in ran

    async def test_a_job_runs_once_over_all(self, postgres_url: str, told: Path) -> None:
        """A job that may run anywhere runs in one process at a time, once for each time that it is due; one that may
        not runs with the leader."""
        ran: Counter[str] = Counter()
        at_once: list[int] = []

        def jobs(worker: str) -> tuple[Job, ...]:
            async def anywhere() -> None:
                at_once.append(ran["now"] + 1)
                ran["now"] += 1
                await asyncio.sleep(0.3)
                ran["now"] -= 1
                ran["anywhere"] += 1

            async def here() -> None:
                ran[worker] += 1

            return Job("anywhere", anywhere, every(0.1), anywhere=True), Job("here", here, every(0.1))

        one, other = Worker(postgres_url, told, jobs("one")), Worker(postgres_url, told, jobs("other"))
        async with at_work(one, other):
            await until(lambda: ran["anywhere"] >= 3 and ran["one"] >= 3, "they ran")
            assert 0 == ran["other"]
        assert {1} == set(at_once)


class TestTakenForDead:
    """A worker that was cut off is taken for dead while it is sending."""

    @pytest.fixture
    def shop(self, postgres_url: str) -> Iterator[Shop]:
        shop = Shop(postgres_url, FakeClock(NOW))
        shop.store.worker = "77"  # nobody holds this number
        yield shop
        shop.store.close()

    async def test_its_late_outcome_settles_the_matter(self, shop: Shop) -> None:
        """What was called unsure meanwhile is sent when the outcome arrives, and the task about it is closed."""
        shop.waiting("m")
        shop.channel.answers["m"] = [given_up(shop)]
        assert 1 == await shop.outbox.drain()
        assert {"m": "sent"} == shop.states()
        assert [] == shop.tasks()
        assert ["started", "unsure", "accepted"] == words(shop.message("m"))

    async def test_late_trouble_settles_it_too(self, shop: Shop) -> None:
        """A refusal that comes late is a refusal."""
        shop.waiting("m")
        shop.channel.answers["m"] = [given_up(shop, Outcome.REFUSED)]
        await shop.outbox.drain()
        assert {"m": "failed"} == shop.states()
        assert "unsure" not in {task.reason for task in shop.tasks()}

    async def test_not_where_another_has_sent_since(self, shop: Shop) -> None:
        """A message that another worker is sending by now is that one's."""
        shop.idempotent()
        shop.waiting("m")

        async def late(message: Outgoing) -> DeliveryResult:
            await recover(shop.store, shop.deps, shop.clock)
            shop.clock.move(timedelta(minutes=1))
            other = Shop(shop.store.engine.url.render_as_string(hide_password=False), shop.clock)
            other.deps, other.store.worker = shop.deps, "78"
            try:
                claimed = await other.store.transact(lambda tx: mark(tx, shop, "78"))
                assert ["m"] == claimed
            finally:
                other.store.close()
            return DeliveryResult(message.id, Outcome.ACCEPTED, shop.clock.now())

        shop.channel.answers["m"] = [late]
        await shop.outbox.drain()
        assert {"m": "sending"} == shop.states()

    async def test_a_living_worker_is_left_alone(self, postgres_url: str, told: Path) -> None:
        """What a worker that lives is sending is not touched by one that starts."""
        worker = Worker(postgres_url, told)
        async with at_work(worker):
            box = Shop(postgres_url, FakeClock(NOW))
            box.store.worker = worker.store.worker
            box.waiting("m")
            await box.store.transact(lambda tx: mark(tx, box, worker.store.worker))
            assert [] == await recover(box.store, box.deps, box.clock)
            box.store.close()


def test_needs_postgresql(sqlite_url: str, told: Path) -> None:
    """On SQLite there is one process; the error says what to do."""
    with pytest.raises(DatabaseError, match="postgresql"):
        Worker(sqlite_url, told)


def given_up(shop: Shop, outcome: Outcome = Outcome.ACCEPTED) -> Callable[[Outgoing], Awaitable[DeliveryResult]]:
    """An answer before which everybody has given the sender up."""

    async def answer(message: Outgoing) -> DeliveryResult:
        assert [message.id] == await recover(shop.store, shop.deps, shop.clock)
        assert OutgoingState.UNSURE is shop.message(message.id).state
        assert ["unsure"] == [task.reason for task in shop.tasks()]
        return DeliveryResult(message.id, outcome, shop.clock.now())

    return answer


def words(message: Outgoing) -> list[str]:
    return [word.partition("@")[0] for word in message.history]


def mark(tx: Any, shop: Shop, worker: str) -> list[str]:
    from store import outbox_rows

    return [m.id for m in outbox_rows.mark_sending(tx, [shop.message("m")], shop.clock.now(), worker)]
