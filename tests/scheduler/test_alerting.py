"""The job that tells people of their tasks: on a database, after crashes, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from followup.desk.places import Place, Service
from followup.events import Outcome
from followup.model import Chat, Outgoing, OutgoingState, State, Task, TaskState, Thread
from followup.policy import Policy
from handlers.desk import cards
from handlers.desk.giving import give
from scheduler.alerting import Alerting, alert_jobs
from scheduler.outbox import Outbox, recover
from store.alert_views import last_alerts
from store.codec import to_micros
from store.wanted import Wanted
from tests.scheduler.shop import MINUTE, NOON, ScriptedChannel, Shop, on_both

GROUP, PHONE = "telegram.desk", "alerts.phone"
ALERT, CARD = f"desk/alert/s/{GROUP}/2026-03-02T04:00", "desk/card/t1"


class Told(Shop):
    """A shop with a group and a phone."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        places, services = {"s": Place(GROUP, "-100")}, (Service(PHONE),)
        self.deps = replace(self.deps, places=places, services=services)
        self.group, self.phone = (ScriptedChannel(self.clock, name) for name in (GROUP, PHONE))
        self.alerting = Alerting(self.store, self.deps, self.clock)

    def gives(self, id_: str = "t1", **more: Any) -> None:
        """Somebody has something to do."""
        task = replace(Task(id_, "s", "s/1/unpaid_order", "channel_gap", "words", self.clock.now()), **more)
        self.store.run(lambda tx: give(task, tx, self.deps), Wanted(tasks=(id_,)))

    def closes(self, id_: str = "t1") -> None:
        """Somebody did it."""

        def close(tx: Any) -> None:
            done = {"state": TaskState.DONE, "closed_at": self.clock.now(), "closed_by": "li"}
            tx.save(replace(tx.get(Task, id_), **done))

        self.store.run(close, Wanted(tasks=(id_,)))

    def task(self, id_: str = "t1") -> Task:
        """A task as it is stored."""
        return self.store.run(lambda tx: tx.get(Task, id_), Wanted(tasks=(id_,)))  # type: ignore[return-value]

    def restarts(self) -> None:
        """The program dies and starts again: nothing is known but what is stored."""
        self.alerting = Alerting(self.store, self.deps, self.clock)

    async def sends(self) -> None:
        """Whatever is due goes out."""
        for channel in (self.group, self.phone):
            await Outbox(channel, self.store, self.deps, self.clock).drain()


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[Told]:
    """Such a shop, at noon in Shanghai."""
    told = Told(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))
    yield told
    told.store.close()


@on_both
async def test_an_alert_a_card_and_the_phone(shop: Told) -> None:
    """One alert for each way, a card in the group, and the task knows that it was told."""
    shop.gives()
    assert 1 == await shop.alerting.tell()
    await shop.sends()
    assert [ALERT, CARD] == shop.group.calls
    assert [f"desk/alert/s/{PHONE}/2026-03-02T04:00"] == shop.phone.calls
    assert (1, NOON + 5 * MINUTE) == (shop.task().alerts, shop.task().alert_at)


async def test_one_alert_a_minute_also_after_a_restart(shop: Told) -> None:
    """What comes in the same minute waits for the next, whoever remembers the first."""
    shop.gives()
    await shop.alerting.tell()
    shop.clock.move(timedelta(seconds=10))
    shop.gives("t2")
    assert 0 == await shop.alerting.tell()
    shop.restarts()
    assert 0 == await shop.alerting.tell()
    shop.clock.move(timedelta(seconds=50))
    assert 1 == await shop.alerting.tell()
    await shop.sends()
    assert 2 == sum("alert" in id_ for id_ in shop.group.calls)


@on_both
async def test_a_crash_before_the_commit_loses_nothing(shop: Told) -> None:
    """Alert, card and task are one commit: it all happened, or it comes once more."""
    shop.gives()

    def breaks(tx: Any) -> None:
        from handlers.desk.alerting import tell

        tell("s", ["t1"], tx, shop.deps, NOON)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await shop.store.transact(breaks, Wanted(tasks=("t1",)))
    assert ({}, 0) == (shop.states(), shop.task().alerts)
    shop.restarts()
    assert 1 == await shop.alerting.tell()


async def test_a_crash_after_the_commit_tells_once(shop: Told) -> None:
    """The rows wait in the outbox; the next start sends each of them once and writes no more."""
    shop.gives()
    await shop.alerting.tell()
    shop.restarts()
    await recover(shop.store, shop.deps, shop.clock)
    await shop.alerting.run()
    await shop.sends()
    await shop.sends()
    assert [ALERT, CARD] == shop.group.calls
    assert {"sent"} == set(shop.states().values())


async def test_an_alert_in_flight_comes_again(shop: Told) -> None:
    """Of one that was being sent nobody knows whether it arrived: an alert twice is better than none."""
    shop.gives()
    await shop.alerting.tell()

    def sending(tx: Any) -> None:
        tx.save(replace(tx.get(Outgoing, ALERT), state=OutgoingState.SENDING, attempts=1))

    shop.store.run(sending, Wanted(outgoing=(ALERT,)))
    shop.restarts()
    await recover(shop.store, shop.deps, shop.clock)
    await shop.sends()
    assert [ALERT, CARD] == shop.group.calls


@on_both
async def test_a_way_that_works_again_needs_nobody(shop: Told) -> None:
    """The phone refuses one alert and takes the next: its task closes by itself, also after a restart."""
    shop.gives()
    await shop.alerting.tell()
    shop.phone.answers[f"desk/alert/s/{PHONE}/2026-03-02T04:00"] = [Outcome.REFUSED]
    await shop.sends()
    (undelivered,) = [task for task in shop.tasks() if task.reason == "alert_undelivered"]
    assert ("s/alerts.phone", TaskState.OPEN) == (undelivered.thread, undelivered.state)
    shop.clock.move(5 * MINUTE)
    shop.restarts()
    await shop.alerting.tell()
    await shop.sends()
    assert [f"desk/alert/s/{PHONE}/2026-03-02T04:0{minute}" for minute in (0, 5)] == shop.phone.calls
    assert TaskState.CANCELLED is shop.task(undelivered.id).state
    assert TaskState.OPEN is shop.task().state


async def test_a_way_that_works_is_not_looked_at_twice(shop: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """One look after a start, and none for what buyers are told by."""
    looks: list[str] = []
    monkeypatch.setattr("scheduler.outbox.works_again", lambda channel, *_, **__: looks.append(channel))
    phone, buyers = Outbox(shop.phone, shop.store, shop.deps, shop.clock), shop.an_outbox()
    for minute in (0, 1):
        shop.gives(f"t{minute}")
        shop.waiting(f"m{minute}")
        await shop.alerting.tell()
        await phone.drain()
        await buyers.drain()
        shop.clock.move(MINUTE)
    assert (2, 2) == (len(shop.phone.calls), len(shop.channel.calls))
    assert [PHONE] == looks


async def test_a_shop_that_breaks_keeps_nothing_from_the_others(shop: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tasks stay due; those of the next shop are told of all the same."""
    policies = {"broken": Policy("broken"), "s": shop.deps.policies["s"]}
    shop.deps = replace(shop.deps, policies=policies)
    shop.restarts()
    shop.store.run(lambda tx: give(Task("t0", "broken", "broken", "channel_gap", "w", NOON - MINUTE), tx, shop.deps))
    shop.gives()
    whole = cards.line

    def breaks(task: Task, *args: Any) -> str:
        if task.shop == "broken":
            raise ValueError("no words")
        return whole(task, *args)

    monkeypatch.setattr("handlers.desk.alerting.line", breaks)
    assert 1 == await shop.alerting.tell()
    assert (0, 1) == (shop.task("t0").alerts, shop.task().alerts)


async def test_what_was_closed_meanwhile_is_not_told(shop: Told) -> None:
    """Between the look and the transaction somebody did it: no alert and no card."""
    shop.gives()
    shop.closes()
    assert 0 == await shop.alerting.tell()
    assert {} == shop.states()


@on_both
async def test_a_card_says_that_its_task_is_over(shop: Told) -> None:
    """Whoever closed it, also while nothing ran; and the same is said once."""
    shop.gives()
    await shop.alerting.run()
    shop.closes()
    await shop.alerting.run()
    await shop.alerting.run()
    edits = [id_ for id_ in shop.states() if id_.startswith(f"{CARD}/done")]
    assert 1 == len(edits)
    shop.restarts()
    await shop.alerting.run()
    assert edits == [id_ for id_ in shop.states() if id_.startswith(f"{CARD}/done")]
    assert CARD == shop.message(edits[0]).edits


async def test_a_task_closed_while_nothing_ran(shop: Told) -> None:
    """The next start takes its buttons away."""
    shop.gives()
    await shop.alerting.run()
    shop.closes()
    shop.restarts()
    await shop.alerting.run()
    assert any(id_.startswith(f"{CARD}/done") for id_ in shop.states())


async def test_the_card_stands_in_the_topic_of_its_thread(shop: Told) -> None:
    """It names the thread that it is about; the alert is for the whole group."""
    thread = Thread("s/1/unpaid_order", "s", "1", "unpaid_order", "b1", "s/manual/b1", State.OPEN, NOON, NOON)

    def save(tx: Any) -> None:
        tx.save(Chat("s/manual/b1", "s", "b1", "manual", "b1"))
        tx.save(thread)

    shop.store.run(save)
    shop.gives()
    await shop.alerting.tell()
    assert (thread.id, "") == (shop.message(CARD).about, shop.message(ALERT).about)
    assert "1" in shop.message(ALERT).text
    assert "b1" in shop.message(ALERT).text


async def test_a_quiet_look_is_one_indexed_statement(shop: Told) -> None:
    """With nothing to tell, a look reads one index and loads nothing."""
    shop.gives(alert_at=NOON + 9 * MINUTE)
    await shop.alerting.tell()
    statements: list[str] = []
    event.listen(shop.store.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    await shop.alerting.tell()
    assert 1 == len([each for each in statements if each.startswith("SELECT")])
    with shop.store.engine.connect() as connection:
        plan = " ".join(
            str(row)
            for row in connection.execute(
                text("EXPLAIN QUERY PLAN SELECT shop, id FROM tasks WHERE state = 'open' AND alert_at <= :now"),
                {"now": to_micros(NOON)},
            )
        )
    assert "tasks_to_tell" in plan


def test_a_shop_with_nobody_to_tell_has_no_job(shop: Told) -> None:
    """Where there is neither a group nor a service, nothing looks."""
    assert () == alert_jobs(shop.store, replace(shop.deps, places={}, services=()), shop.clock)
    assert ["alerts"] == [job.name for job in alert_jobs(shop.store, shop.deps, shop.clock)]


async def test_the_newest_alert_of_each_way(shop: Told) -> None:
    """What `huifang alerts` shows."""
    shop.gives()
    await shop.alerting.tell()
    with shop.store.engine.connect() as connection:
        assert [PHONE] == list(last_alerts(connection, (PHONE, "alerts.none")))
