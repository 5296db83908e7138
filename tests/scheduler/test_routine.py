"""The day's routine on a database: made when it is due, once, made up for after a stop, each shop for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Thread as Worker

import pytest
from sqlalchemy import Connection, select

from followup.after_sales.model import Grant, GrantState, Loss, Remedy
from followup.desk.digest import Digest
from followup.desk.handover import Handing, Matter
from followup.desk.hours import Hours, Shift
from followup.desk.places import Place
from followup.desk.records import Handover
from followup.events import thread_id
from followup.model import Cursor, Money, Outgoing, Parcel, ParcelStatus, State, Status, Task, TaskState, Thread
from followup.policy import Policy
from scheduler.clock import FakeClock
from scheduler.routine import Document, Plan, digest_if_due, hand_over_if_due, routine_jobs
from store import register_views, routine_views, schema
from store.tables import KEPT
from store.wanted import Wanted
from tests.scheduler.shop import Shop, an_order

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine in the morning in Shanghai
DAY, WEEK = timedelta(days=1), timedelta(days=7)
POLICY = Policy("s", hours=Hours((Shift("day", opens=time(9), closes=time(18)),)))
PLAN = Plan()


@dataclass
class Papers:
    """Documents as a test reads them: what they were made of, and under which name."""

    made: list[Handing | Digest] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    is_full: bool = False

    def handover(self, told: Handing) -> Document:
        self.made.append(told)
        return Document("whole", f"posted {told.id}")

    def digest(self, told: Digest) -> Document:
        self.made.append(told)
        return Document("whole", f"digest of {told.matters}")

    def keep(self, shop: str, name: str, text: str) -> Path:
        if self.is_full:
            raise OSError("no space left")
        self.kept.append(f"{shop}/{name}")
        return Path(name)


class Routine(Shop):
    """A shop whose people have a group, with the routine's looks."""

    def __init__(self, url: str) -> None:
        super().__init__(url, FakeClock(MONDAY))
        self.papers = Papers()
        self.deps = replace(self.deps, policies={"s": POLICY}, places={"s": Place("telegram.desk", "-100")})

    def has(self, *items: object) -> None:
        """The database holds these."""
        self.store.run(lambda tx: [tx.save(item) for item in items])

    def matter(self, number: int, kind: str = "after_sales", **more: object) -> Thread:
        """A matter that begins now."""
        now, order = self.clock.now(), an_order(number, self.clock.now(), status=Status.SHIPPED)
        id_ = thread_id("s", order.id, kind)
        thread = Thread(id_, "s", order.id, kind, order.buyer, f"s/manual/{order.buyer}", State.OPEN, now, now)
        self.has(order, thread := replace(thread, **more))
        return thread

    def hands_over(self) -> None:
        asyncio.run(hand_over_if_due("s", self.store, self.deps, self.clock, self.papers))

    def digests(self) -> None:
        asyncio.run(digest_if_due("s", self.store, self.deps, self.clock, self.papers, PLAN))

    def all_of(self, cls: type) -> list:  # type: ignore[type-arg]
        """Everything of a kind that is kept."""
        with self.store.engine.connect() as connection:
            return [KEPT[cls].codec.decode(row) for row in connection.execute(select(KEPT[cls].table))]

    def posted(self) -> list[str]:
        """What went to the group."""
        return [message.text for message in self.all_of(Outgoing) if message.step == "notice"]


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest) -> Iterator[Routine]:
    made = Routine(str(request.getfixturevalue(f"{request.param}_url")))
    yield made
    made.store.close()


class TestHandover:
    @pytest.fixture(autouse=True)
    def _before(self, shop: Routine) -> None:
        """Something was followed up long before."""
        then = MONDAY - 9 * DAY
        shop.matter(9, opened_at=then, state=State.CLOSED, closed_at=then + DAY)

    def test_each_shift_is_handed_over_once(self, shop: Routine) -> None:
        """At its end, however often somebody looks, with what a person has to do."""
        thread = shop.matter(1)
        shop.has(Task("t", "s", thread.id, "case_late", "?", shop.clock.now()))
        shop.clock.move(8 * timedelta(hours=1))
        shop.hands_over()
        shop.clock.move(timedelta(hours=1, minutes=1))
        shop.hands_over()
        shop.hands_over()
        (kept,) = [each for each in shop.all_of(Handover) if each.ended_at == MONDAY + timedelta(hours=9)]
        assert ((thread.id,), "s/handover/day/2026-03-02T10:00Z") == (kept.threads, kept.id)
        assert "s/handover-2026-03-02-1800-day.md" == shop.papers.kept[-1]
        assert [f"posted {kept.id}"] == [text for text in shop.posted() if kept.id in text]

    def test_a_full_disk_is_tried_again(self, shop: Routine) -> None:
        """Nothing is recorded that nobody can read; the next look makes up for it."""
        shop.matter(1)
        shop.papers.is_full = True
        with pytest.raises(OSError, match="no space"):
            shop.hands_over()
        assert ([], []) == (shop.all_of(Handover), shop.posted())
        shop.papers.is_full = False
        shop.hands_over()
        assert (1, 1) == (len(shop.all_of(Handover)), len(shop.posted()))

    def test_it_is_cleared_when_all_is_closed_or_taken(self, shop: Routine) -> None:
        """And not before."""
        one, two = shop.matter(1), shop.matter(2)
        tasks = [Task(f"t{n}", "s", each.id, "case_late", "?", shop.clock.now()) for n, each in enumerate((one, two))]
        shop.has(*tasks)
        shop.hands_over()
        shop.clock.move(timedelta(hours=1))
        shop.has(replace(one, state=State.CLOSED, closed_at=shop.clock.now()))
        shop.hands_over()
        assert [None] == [each.cleared_at for each in shop.all_of(Handover)]
        taken = replace(tasks[1], assignee="li", taken_at=shop.clock.now())
        shop.store.run(lambda tx: tx.save(taken), Wanted(tasks=(taken.id,)))
        shop.hands_over()
        assert [shop.clock.now()] == [each.cleared_at for each in shop.all_of(Handover)]

    def test_others_write_while_it_is_read(self, shop: Routine, monkeypatch: pytest.MonkeyPatch) -> None:
        """A long look at all that is open keeps no buyer waiting."""
        read, thread = routine_views.open_matters, shop.matter(1)
        shop.has(Task("t", "s", thread.id, "case_late", "?", shop.clock.now()))

        def slow(connection: Connection, id_: str) -> list[Matter]:
            writer = Worker(target=lambda: shop.has(Cursor("written", "meanwhile")), daemon=True)
            writer.start()
            writer.join(timeout=20)
            assert not writer.is_alive()
            return read(connection, id_)

        monkeypatch.setattr(routine_views, "open_matters", slow)
        shop.hands_over()
        assert ((thread.id,), 1) == (shop.all_of(Handover)[0].threads, len(shop.all_of(Cursor)))

    def test_two_programs_hand_over_once(self, shop: Routine) -> None:
        """What another one kept while this one wrote stays as it is, with what was cleared since."""
        thread = shop.matter(1)
        task = Task("t", "s", thread.id, "case_late", "?", shop.clock.now())
        shop.has(task)
        now, ours, shop.papers = shop.clock.now(), shop.papers, Papers()

        def other(told: Handing) -> Document:
            shop.papers = Papers()
            shop.hands_over()
            shop.store.run(lambda tx: tx.save(replace(task, assignee="li", taken_at=now)), Wanted(tasks=("t",)))
            shop.hands_over()
            return ours.handover(told)

        shop.papers.handover = other  # type: ignore[method-assign]
        shop.hands_over()
        assert [now] == [each.cleared_at for each in shop.all_of(Handover)]
        assert 1 == len(shop.posted())

    def test_a_shop_without_shifts_has_none(self, shop: Routine) -> None:
        """Nobody is there to hand anything over."""
        never = Hours((Shift(days=frozenset()),))
        shop.deps = replace(shop.deps, policies={"s": replace(POLICY, hours=never)})
        shop.hands_over()
        assert ([], []) == (shop.all_of(Handover), shop.papers.made)


class TestDigest:
    def test_it_tells_of_the_week_and_the_one_before(self, shop: Routine) -> None:
        """On its day at its time, once; two weeks of complaints are told apart."""
        shop.clock.move(timedelta(minutes=1))
        shop.matter(1, cause="product")
        shop.clock.move(WEEK)
        for number in (2, 3):
            shop.matter(number, cause="courier", closed_at=shop.clock.now() + DAY, state=State.SETTLED)
        shop.clock.move(WEEK)
        shop.digests()
        shop.digests()
        (told,) = shop.papers.made
        assert isinstance(told, Digest)
        assert [("courier", 2, 0), ("product", 0, 1)] == [
            (line.cause, line.matters, line.before) for line in told.lines
        ]
        assert (["digest of 2"], ["s/digest-2026-03-16.md"]) == (shop.posted(), shop.papers.kept)

    def test_it_is_kept_as_a_task_that_is_done(self, shop: Routine) -> None:
        """So that it is made once, and nobody is called because of it."""
        shop.matter(1)
        shop.clock.move(WEEK)
        shop.digests()
        (task,) = shop.all_of(Task)
        assert ("digest", TaskState.DONE, None) == (task.reason, task.state, task.alert_at)

    def test_a_quiet_week_after_a_quiet_week_is_not_told(self, shop: Routine) -> None:
        """No file and no message say nothing."""
        shop.digests()
        assert ([], [], 1) == (shop.posted(), shop.papers.kept, len(shop.all_of(Task)))

    def test_what_was_granted_is_summed(self, shop: Routine) -> None:
        """Of what the buyer was told; cases carry the cause that was found."""
        thread = shop.matter(1)
        money, now = an_order(1).total, shop.clock.now()
        grants = [
            Grant(f"g{n}", thread.id, "s", Remedy.COUPON, Loss.GOODWILL, money, state, "li", now)
            for n, state in enumerate((GrantState.ACCEPTED, GrantState.REFUSED))
        ]
        shop.has(*grants)
        with shop.store.engine.connect() as connection:
            (entry,) = routine_views.entries(connection, "s", MONDAY, MONDAY + DAY)
        assert ((money,), "wool scarf") == (entry.granted, entry.goods)


class TestRegister:
    def test_money_stands_in_one_row_of_its_order(self, shop: Routine) -> None:
        """A refund and a case of one order are two rows, whose sums are right."""
        from tests.bot.tea import a_refund

        shop.matter(1, "pending_refund")
        shop.matter(1)
        (refund,) = a_refund(an_order(1, shop.clock.now())).refunds
        shop.has(replace(refund, shop="s"))
        with shop.store.engine.connect() as connection:
            rows = register_views.registered(connection, "s", MONDAY, MONDAY + DAY)
        assert {"after_sales": 1, "pending_refund": 0} == {row.thread.kind: len(row.refunds) for row in rows}
        assert {"b1"} == {row.account for row in rows}

    def test_a_parcel_that_nobody_followed_is_a_loss_all_the_same(self, shop: Routine) -> None:
        """Each once, whatever else its order has; in the month in which it was lost."""
        now = shop.clock.now()
        for number in (1, 2):
            shop.has(
                an_order(number, now, status=Status.SHIPPED),
                Parcel("s", f"YT{number}", f"o{number}", ParcelStatus.LOST, now, now, "圆通", moved_at=now + DAY),
            )
        shop.matter(2, "stuck_parcel")
        with shop.store.engine.connect() as connection:
            found = register_views.losses(connection, "s", MONDAY, MONDAY + 2 * DAY)
            later = register_views.losses(connection, "s", MONDAY + 2 * DAY, MONDAY + 9 * DAY)
        assert ([("o1", "YT1"), ("o2", "YT2")], []) == ([(each.order_id, each.number) for each in found], later)
        assert {Money(an_order(1).total.amount)} == {each.amount for each in found}


def test_there_are_two_jobs_for_each_shop(shop: Routine) -> None:
    """One that fails stops no other; what is switched off is not looked for."""
    shop.deps = replace(shop.deps, policies={"s": POLICY, "t": replace(POLICY, shop="t")})
    jobs = routine_jobs(shop.store, shop.deps, shop.clock, shop.papers, PLAN)
    assert ["handover/s", "digest/s", "handover/t", "digest/t"] == [job.name for job in jobs]
    off = Plan(handover=False, digest_on=frozenset())
    assert [] == list(routine_jobs(shop.store, shop.deps, shop.clock, shop.papers, off))


def test_the_last_handover_is_the_newest(shop: Routine) -> None:
    """By the end of its shift, of this shop alone."""
    ends = [MONDAY + n * DAY for n in (2, 0, 1)]
    shop.has(*(Handover(f"h{end}", "s", "day", end) for end in ends), Handover("x", "t", "day", MONDAY + 9 * DAY))
    with shop.store.engine.connect() as connection:
        last = routine_views.last_handover(connection, "s")
        assert last is not None
        assert MONDAY + 2 * DAY == last.ended_at
        assert 4 == len(connection.execute(select(schema.handovers)).all())
