"""What was kept long enough goes, what is open stays, and the ledger is proven as before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import select

from bot.config import Retention
from bot.keeping import days_of
from followup.model import Instant, Link, Tries
from scheduler.clock import FakeClock
from scheduler.retention import retain, retention_job
from store.audit import audit
from store.retention import RULES, counted
from store.schema import metadata, tries
from store.store import SqlStore
from tests.stories.databases import SqliteStories
from tests.stories.shop import SHOP, Shop

DAYS = days_of(Retention())


class Files:
    """A folder whose files are deleted."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def remove(self, path: str) -> None:
        self.removed.append(path)


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    """Two buyers were spoken with; one matter is over, of the other a refund is open."""
    made = Shop("2024-03-01 10:00")
    made.store = SqliteStories(database_url)  # type: ignore[assignment]
    made.order("old", "lin", buyer_name="林小雨", phone_tail="4711", region="浙江 杭州").after("20m")
    made.buyer_says("明天付，谢谢", "lin").after("30m").pays("old")
    made.paid_order("new", "mei", buyer_name="梅子", phone_tail="0815").refund(id_="R9", order="new")
    made.after("20m").buyer_says("退款好了吗", "mei").after("1h")
    yield made
    made.store.store.close()


def texts(shop: Shop) -> str:
    """Everything that stands in the database, as one text."""
    assert isinstance(shop.store, SqliteStories)
    with shop.store.store.engine.connect() as connection:
        rows = (row for table in metadata.sorted_tables for row in connection.execute(select(table)))
        return "\n".join(repr(tuple(row)) for row in rows)


def after(shop: Shop, days: int) -> tuple[SqlStore, Instant]:
    """The store, and the time so many days later."""
    assert isinstance(shop.store, SqliteStories)
    return shop.store.store, shop.clock.now() + timedelta(days=days)


def test_what_was_said_goes_once_its_matter_is_over_for_a_year(shop: Shop) -> None:
    """Words of the closed matter are emptied everywhere, those of the open one stay; counting first changes nothing."""
    store, now = after(shop, 366)
    before = texts(shop)
    with store.engine.connect() as connection:
        expected = {key: count for key, count in counted(connection, DAYS, now).items() if count}
    assert before == texts(shop)
    assert ({"outbox", "inbox", "decisions", "notes"}, True) == (
        {table for kind, table in expected if kind == "words"} - {"tasks"},
        "明天付" in before,
    )
    assert expected == retain(store, DAYS, now, Files())
    left = texts(shop)
    assert (False, True, True) == tuple(word in left for word in ("明天付", "退款好了吗", "林小雨"))
    assert {} == retain(store, DAYS, now, Files())


def test_names_go_after_three_years_but_not_of_what_is_open(shop: Shop) -> None:
    """An order of a matter that is over loses name, digits and region; figures stay, and the audit is as before."""
    store, now = after(shop, 1100)
    retain(store, DAYS, now, Files())
    left = texts(shop)
    assert [False, False, False, True, True] == [word in left for word in ("林小雨", "4711", "杭州", "梅子", "0815")]
    with store.engine.connect() as connection:
        rules = {finding.rule for finding in audit(connection).findings}
    assert set() == rules - {"no_start", "attempts"}


def test_what_ran_out_is_deleted(shop: Shop) -> None:
    """Guesses and links that ran out a month ago; those of today stay."""
    store, now = after(shop, 0)
    old = now - timedelta(days=31)
    store.run(lambda tx: tx.save(Tries(SHOP, "order/1", 3, old)))
    store.run(lambda tx: tx.save(Tries(SHOP, "order/2", 3, now)))
    store.run(lambda tx: tx.save(Link("d" * 64, SHOP, "old", old, old)))
    assert {("logins", "tries"): 1, ("logins", "links"): 1} == retain(store, DAYS, now, Files())


def test_nothing_is_kept_back_by_zero() -> None:
    """0 means for good."""
    assert {"events": 7} == days_of(Retention(words=0, names=0, evidence=0, acts=0, logins=0))


def test_every_kind_is_an_option_and_every_option_a_kind() -> None:
    """Who adds a rule adds its days."""
    assert set(Retention.model_fields) == {rule.kind for rule in RULES}


class TestJob:
    """When it runs."""

    @staticmethod
    async def has_run(store: SqlStore, now: Instant) -> bool:
        """Whether a fresh process that looks at this time lets go of what is too old."""
        await store.transact(lambda tx: tx.save(Tries(SHOP, "order/1", 3, now - timedelta(days=40))))
        await retention_job(store, DAYS, FakeClock(now), Files()).run()
        with store.engine.connect() as connection:
            return connection.execute(select(tries)).first() is None

    async def test_it_runs_once_a_day_however_often_the_program_starts(self, shop: Shop) -> None:
        """The time of the last run is kept; what became too old meanwhile goes the next day."""
        store, now = after(shop, 366)
        hours = (0, 1, 23, 24, 25, 47, 48.5, 100)
        ran = [hour for hour in hours if await self.has_run(store, now + timedelta(hours=hour))]
        assert [0, 24, 48.5, 100] == ran

    async def test_a_clock_that_was_set_back_delays_nothing(self, shop: Shop) -> None:
        """A last run that is still to come is none."""
        store, now = after(shop, 366)
        assert await self.has_run(store, now + timedelta(days=365))
        assert await self.has_run(store, now)
        assert not await self.has_run(store, now + timedelta(hours=1))

    def test_it_looks_soon_after_a_start(self, shop: Shop) -> None:
        """A program that never runs for an hour keeps nothing for ever, and its start has no more to do."""
        store, now = after(shop, 0)
        job = retention_job(store, DAYS, FakeClock(now), Files())
        assert isinstance(job.trigger, IntervalTrigger)
        assert (False, True) == (job.at_start, timedelta(minutes=1) <= job.trigger.interval <= timedelta(minutes=10))
