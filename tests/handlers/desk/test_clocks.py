"""What clocks make people hear, and what they take back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.desk.deadlines import ClockState, Due
from followup.events import thread_id
from followup.model import Outgoing, OutgoingState, Role, Status, TaskState
from handlers.desk.clocks import clock_due, reconcile
from store.wanted import Wanted
from tests.stories.clocked import ClockShop
from tests.stories.shop import SHOP

HOUR = timedelta(hours=1)
REFUND = thread_id(SHOP, "1001", "pending_refund")


def waiting() -> ClockShop:
    """A refund was asked for at two, and the bot has said so; nothing more is planned to be said."""
    shop = ClockShop("2026-03-02 14:00").paid_order().refund(deadline=None)
    shop.tasks()
    for reminder in shop.reminders():
        shop.store.run(lambda tx, it=reminder: tx.save(replace(it, state=type(it.state).CANCELLED)))  # type: ignore[misc]
    return shop


class TestDailyWord:
    def test_at_risk_and_breached_give_tasks_of_their_own(self) -> None:
        """Where nothing is planned and nobody has anything to do: first a warning, then a task for the supervisor."""
        shop = waiting().until("2026-03-03 12:00")
        warned = shop.open_task("clock_risk")
        assert ("每天给买家一个进展" in warned.text, "1001" in warned.text, "3月3日 16:00" in warned.text) == (
            True,
        ) * 3
        late = shop.until("2026-03-03 16:30").open_task("clock_breached")
        assert (True, late.created_at, ["clock_breached"]) == (late.urgent, late.due_at, shop.open_reasons())

    def test_taken_back_when_he_hears(self) -> None:
        """The task for the supervisor is over; the clock was late all the same, and begins again."""
        shop = waiting().until("2026-03-03 16:30").person_says("正在处理，明天上午给您消息", "pending_refund")
        assert (TaskState.CANCELLED, "clock_breached") == (
            shop.task("clock_breached").state,
            shop.task("clock_breached").answer,
        )
        assert ["breached", "running"] == [line.split()[-1] for line in shop.clocks("daily_word")[-2:]]

    def test_a_word_in_another_matter_counts(self) -> None:
        """One nudge a day for each buyer, so that two matters take turns."""
        shop = waiting()
        nudged = shop.moment("2026-03-02 20:00")
        shop.store.run(lambda tx: tx.save(replace(shop.buyer(), nudged_at=nudged, nudged_by="shop/2/x/y")))
        shop.until("2026-03-03 17:00")
        assert ["daily_word Tue 16:00 met", "daily_word Wed 11:00 running"] == shop.clocks("daily_word")
        assert [] == shop.open_reasons()

    def test_a_message_that_nobody_heard_does_not_count(self) -> None:
        """It failed: the buyer has not heard from us."""
        shop = waiting()
        (said,) = [each for each in shop.outbox() if each.step == "refund.acknowledge"]
        unheard = replace(said, id="x", created_at=said.created_at + HOUR, state=OutgoingState.FAILED, role=Role.NUDGE)
        shop.store.run(lambda tx: tx.save(unheard))
        assert ["daily_word"] == shop.until("2026-03-03 16:30").late()
        assert isinstance(unheard, Outgoing)

    def test_who_was_promised_a_time_hears_then(self) -> None:
        """A promise for the day after tomorrow is no silence: the clock waits for it."""
        shop = waiting().person_says("后天下午3点前给您答复", "pending_refund")
        shop.until("2026-03-04 14:00")
        assert ([], "daily_word Wed 15:00 running") == (shop.late(), shop.clocks("daily_word")[-1])


class TestAutoClose:
    def taken(self) -> ClockShop:
        """小李 took an unpaid order."""
        shop = ClockShop("2026-03-02 14:00").order()
        mine, now = replace(shop.thread("unpaid_order"), agent="li"), shop.clock.now()
        shop.store.run(lambda tx: (tx.save(mine), reconcile(mine, tx, shop.deps, now)))
        return shop

    def test_who_took_it_is_warned(self) -> None:
        """Three hours before it closes, whatever else there is to do."""
        shop = self.taken().until("2026-03-05 11:30")
        assert "买家付款" in shop.open_task("clock_risk").text
        assert "li" == shop.open_task("clock_risk").assignee

    def test_closed_is_told_by_its_own_step(self) -> None:
        """The step tells that it is lost; the warning is taken back."""
        shop = self.taken().until("2026-03-05 14:01")
        assert ["unpaid_lost"] == shop.open_reasons()
        assert ClockState.BREACHED is shop.last_clock("auto_close").state

    def test_paid(self) -> None:
        """Nothing is left to be done."""
        shop = self.taken().until("2026-03-05 11:30").changes(status=Status.PAID, paid_at=self.taken().clock.now())
        assert (ClockState.MET, []) == (shop.last_clock("auto_close").state, shop.open_reasons())


class TestRefund:
    def test_its_step_tells_people_once(self) -> None:
        """A day before the platform decides there is one task, and none of the clock."""
        shop = ClockShop("2026-03-02 14:00").paid_order()
        shop.refund(deadline=shop.moment("2026-03-05 14:00")).until("2026-03-05 15:00")
        assert (["refund"], 1) == (shop.late(), shop.open_reasons().count("refund_deadline"))
        assert ([], True) == (shop.spoken_of("refund"), shop.task("refund_deadline").urgent)


@pytest.mark.parametrize("at", ["2026-03-02 14:10", "2026-03-03 15:00"])
def test_looked_at_too_early_or_twice_nothing_happens(at: str) -> None:
    """A clock that is not due, or was moved meanwhile, is left alone."""
    shop = waiting().until(at)
    clock = shop.last_clock("daily_word")
    wanted = Wanted(threads=(REFUND,))
    shop.store.run(lambda tx: clock_due(clock, tx, shop.deps, shop.clock.now()), wanted)
    assert (clock, Due.DAILY_WORD) == (shop.last_clock("daily_word"), clock.due)
