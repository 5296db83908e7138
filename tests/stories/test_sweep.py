"""Weeks of a shop whose planned looks were lost: the sweep finds every late and stuck order all the same (rule 25)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from followup.events import LOOK, OrderChanged
from followup.model import Parcel, ParcelStatus, Rating, Review, Status, Task, TaskState
from followup.sweep import Care, Coverage
from handlers.order_changed import order_changed, wanted
from scheduler.clock import FakeClock
from scheduler.reminders import fire_all_due
from scheduler.sweeping import sweep, sweep_if_due
from store import schema
from store.tables import KEPT
from tests.scheduler.shop import DAY, HOUR, Shop, an_order

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 11, 0, tzinfo=SHANGHAI)


class Weeks(Shop):
    """A shop on a database, with orders that may be late and parcels that may stand still."""

    def paid(self, *numbers: int, **more: object) -> None:
        """These orders are paid now, and the source would say if they were shipped."""
        now = self.clock.now()
        self.learn(*(an_order(n, now, status=Status.PAID, paid_at=now, tells_shipping=True, **more) for n in numbers))

    def sent(self, number: int) -> None:
        """An order leaves now, and the courier has seen its parcel."""
        now = self.clock.now()
        order = an_order(number, now, status=Status.SHIPPED, paid_at=now, shipped_at=now, tells_shipping=True)
        parcel = Parcel("s", f"YT10000{number}", order.id, ParcelStatus.ON_ITS_WAY, now, now, "圆通", moved_at=now)
        event = OrderChanged(order, parcels=(parcel,))
        self.store.run(lambda tx: order_changed(event, tx, self.deps, now), wanted(event))

    def loses_its_looks(self) -> None:
        """Somebody deletes what was planned."""
        with self.store.engine.begin() as connection:
            connection.execute(delete(schema.reminders).where(schema.reminders.c.step == LOOK))

    def after(self, days: float) -> None:
        """Time goes by, and what is due fires."""
        self.clock.move(days * DAY)
        asyncio.run(fire_all_due(self.store, self.deps, self.clock))

    def sweeps(self) -> Coverage:
        """The sweep comes by."""
        return asyncio.run(sweep("s", self.store, self.deps, self.clock))[0]

    def reports(self) -> list[Task]:
        """All reports, the oldest first."""
        tasks = schema.tasks.c
        with self.store.engine.connect() as connection:
            found = connection.execute(
                select(schema.tasks).where(tasks.reason == "sweep_report").order_by(tasks.created_at)
            )
            return [KEPT[Task].codec.decode(row) for row in found]

    def threads(self) -> dict[str, str]:
        """The state of each thread."""
        with self.store.engine.connect() as connection:
            return {row.id: row.state for row in connection.execute(select(schema.threads))}


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest) -> Iterator[Weeks]:
    weeks = Weeks(str(request.getfixturevalue(f"{request.param}_url")), FakeClock(MONDAY))
    yield weeks
    weeks.store.close()


def counts(coverage: Coverage) -> dict[str, int]:
    return {care.value: coverage.count(care) for care in Care if coverage.count(care)}


def test_a_lost_look_is_made_up_for(shop: Weeks) -> None:
    """Two late orders and a stuck parcel, and all looks deleted: nothing happened by itself; the sweep opens them."""
    shop.paid(1, 2)
    shop.sent(3)
    shop.loses_its_looks()
    shop.after(4)
    assert {} == shop.threads()
    coverage = shop.sweeps()
    assert ({"opened": 3}, (2, 1), True) == (counts(coverage), (coverage.late, coverage.stuck), coverage.adds_up)
    assert {"s/o1/late_shipment", "s/o2/late_shipment", "s/o3/stuck_parcel"} == set(shop.threads())
    assert ["late_shipment", "late_shipment", "stuck_parcel", "sweep_report"] == sorted(
        task.reason for task in shop.tasks()
    )
    assert ({"圆通": 1}, True) == (coverage.couriers(), "圆通 1" in shop.reports()[-1].text)


def test_the_next_sweep_finds_them_followed(shop: Weeks) -> None:
    """Three days later: the same three, all in hand; the new report takes the place of the old."""
    test_a_lost_look_is_made_up_for(shop)
    shop.after(3)
    coverage = shop.sweeps()
    assert ({"followed": 3}, True, 2) == (counts(coverage), coverage.adds_up, coverage.overdue)
    assert [TaskState.CANCELLED, TaskState.OPEN] == [task.state for task in shop.reports()]


def test_each_order_stands_in_one_column(shop: Weeks) -> None:
    """Followed by the bot, with a colleague, closed by a person, unreachable: the sum is what there is."""
    shop.paid(1, 2, 3, 4)
    shop.after(2)
    _set(shop, "s/o2/late_shipment", "with_agent")
    _set(shop, "s/o3/late_shipment", "closed")
    with shop.store.engine.begin() as connection:
        chats = schema.chats
        connection.execute(chats.update().where(chats.c.buyer == "b4").values(unreachable_at=1))
    coverage = shop.sweeps()
    assert {"followed": 1, "with_agent": 1, "closed": 1, "unreachable": 1} == counts(coverage)
    assert (4, True, ["o4"]) == (coverage.all, coverage.adds_up, coverage.orders(Care.UNREACHABLE))
    assert "o4" in shop.reports()[-1].text


def test_what_was_shipped_or_signed_is_not_found(shop: Weeks) -> None:
    """Only what is late or stuck now counts; a report of nothing is kept, and waits for nobody."""
    shop.paid(1)
    shop.after(3)
    shop.learn(an_order(1, shop.clock.now(), status=Status.SHIPPED, tells_shipping=True))
    coverage = shop.sweeps()
    assert (0, {}, [TaskState.DONE]) == (coverage.all, counts(coverage), [task.state for task in shop.reports()])


def test_an_order_that_breaks_is_named_and_hides_no_other(shop: Weeks) -> None:
    """Its words cannot be rendered: it is told of as failed, the rest is opened, and the sum says that one is left."""
    shop.paid(1)
    shop.paid(2, goods="poison")
    shop.loses_its_looks()
    shop.after(4)
    shop.deps = replace(shop.deps, scripts=Poisoned(shop.deps.scripts))
    coverage = shop.sweeps()
    assert ({"opened": 1, "failed": 1}, False) == (counts(coverage), coverage.adds_up)
    assert "o2" in shop.reports()[-1].text


def test_it_comes_on_mondays_and_thursdays_and_makes_up_for_a_stop(shop: Weeks) -> None:
    """At half past nine; after three days without the program, as soon as it runs again, once."""
    times = []
    for hours in (22, 24, 23.5, 1, 24 * 5, 1, 24):
        shop.clock.move(hours * HOUR)
        before = len(shop.reports())
        asyncio.run(sweep_if_due("s", shop.store, shop.deps, shop.clock))
        if len(shop.reports()) > before:
            times.append(f"{shop.clock.now().astimezone(SHANGHAI):%a %d %H:%M}")
    assert ["Tue 03 09:00", "Thu 05 09:30", "Tue 10 09:30"] == times


def test_many_orders_are_swept_batch_by_batch(shop: Weeks, monkeypatch: pytest.MonkeyPatch) -> None:
    """More orders than one batch holds: none is left out, none counted twice."""
    monkeypatch.setattr("scheduler.sweeping.BATCH", 3)
    shop.paid(*range(10, 20))
    shop.loses_its_looks()
    shop.after(3)
    coverage = shop.sweeps()
    assert (10, {"opened": 10}) == (coverage.all, counts(coverage))
    assert {f"o{n}" for n in range(10, 20)} == set(coverage.orders(Care.OPENED))


def test_several_complaints_about_the_same_goods_are_one_task_a_week(shop: Weeks) -> None:
    """Three orders of one cup with a case or a bad review: verify the batch, then tell production (rule 83)."""
    for number in (1, 2, 3):
        _complains(shop, number, "白瓷 茶杯")
    _complains(shop, 4, "竹筷")
    shop.sweeps()
    shop.after(1)
    shop.sweeps()
    told = [task for task in shop.tasks() if task.reason == "cluster"]
    assert 1 == len(told)
    assert all(part in told[0].text for part in ("白瓷 茶杯", "3", "o1", "o2", "o3"))
    shop.after(7)
    for number in (5, 6, 7):
        _complains(shop, number, "白瓷茶杯")
    shop.sweeps()
    assert 2 == len([task for task in shop.tasks() if task.reason == "cluster"])


class Poisoned:
    """Scripts that fail for one kind of goods."""

    def __init__(self, scripts: object) -> None:
        self._scripts = scripts

    def render(self, script: str, lang: str, facts: dict[str, object], *more: object) -> object:
        if facts.get("goods") == "poison":
            raise ValueError("bad fact")
        return self._scripts.render(script, lang, facts, *more)  # type: ignore[attr-defined]


def _set(shop: Weeks, thread: str, state: str) -> None:
    with shop.store.engine.begin() as connection:
        connection.execute(schema.threads.update().where(schema.threads.c.id == thread).values(state=state))


def _complains(shop: Weeks, number: int, goods: str) -> None:
    now = shop.clock.now()
    order = an_order(number, now, status=Status.FINISHED, paid_at=now, goods=goods)
    event = OrderChanged(order, reviews=(Review("s", f"v{number}", order.id, Rating.BAD, now, now, "裂了"),))
    shop.store.run(lambda tx: order_changed(event, tx, shop.deps, now), wanted(event))
