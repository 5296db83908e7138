"""Ledgers made by hand, and what has to be counted in them, on both databases."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from followup.desk.deadlines import ClockState, Deadline, Due
from followup.model import (
    Money,
    Note,
    OutgoingState,
    RefundStatus,
    Role,
    State,
    Status,
    TaskState,
    Verdict,
)
from store.figures import By
from store.figures.clocks import Waiting, waiting
from store.store import SqlStore
from tests.store.figures.ledger import MONDAY, counted, heard, judged, said, tell
from tests.store.makers import DAY, HOUR, MINUTE, NOON, a_buyer, a_chat, a_message, a_refund, a_task, a_thread, an_order

TODAY, TOMORROW = "2026-03-02", "2026-03-03"
SECOND = MINUTE / 60


def micros(minutes: float) -> int:
    return int(minutes * 60_000_000)


class TestTalks:
    def test_first_replies_of_the_bot_and_of_a_person(self, sql_store: SqlStore) -> None:
        """One chat on two days, another unanswered: three conversations, each answered by its own first reply."""
        tell(
            sql_store,
            heard("1", NOON),
            heard("2", NOON + 2 * MINUTE),
            said("a", NOON + 5 * SECOND),
            said("b", NOON + MINUTE),
            said("c", NOON + 7 * MINUTE, "says"),
            heard("3", NOON + DAY),
            said("d", NOON + DAY + 3 * MINUTE, "says"),
            heard("4", NOON + HOUR, "b2"),
        )
        tally = counted(sql_store)
        names = ("conversations", "buyer_messages", "answerable", "answered", "answered_by_person")
        assert [3, 4, 3, 2, 2] == [tally.count(name) for name in names]
        assert [2, 3, 2, 1, 1] == [tally.count(name, TODAY) for name in names]
        assert [5_000_000] == tally.times("first_bot")
        assert ([micros(7)], [micros(3)]) == (tally.times("first_person", TODAY), tally.times("first_person", TOMORROW))

    def test_what_is_no_answer(self, sql_store: SqlStore) -> None:
        """A reminder, a message that never went, one of the day after, and one before he wrote answer nobody."""
        tell(
            sql_store,
            said("before", NOON - MINUTE),
            heard("1", NOON),
            said("nudge", NOON + MINUTE, role=Role.NUDGE),
            said("failed", NOON + MINUTE, state=OutgoingState.FAILED),
            said("late", NOON + 25 * HOUR),
            said("other shop", NOON + MINUTE, shop="t"),
        )
        tally = counted(sql_store)
        assert (1, 0, []) == (tally.count("conversations"), tally.count("answered"), tally.times("first_bot"))

    def test_who_may_still_be_answered_is_not_held_against_us(self, sql_store: SqlStore) -> None:
        """A message of an hour ago without an answer is a conversation, but not yet one that was left unanswered."""
        tell(sql_store, heard("1", NOON), heard("2", NOON, "b2"), said("a", NOON + MINUTE, buyer="b2"))
        tally = counted(sql_store, now=NOON + HOUR)
        assert (2, 1, 1) == tuple(tally.count(name) for name in ("conversations", "answerable", "answered"))

    def test_an_edit_and_the_agents_own_group_are_no_conversations(self, sql_store: SqlStore) -> None:
        """What replaces a message is not one more, and what the shop's people write in their group is not a buyer's."""
        tell(sql_store, heard("1", NOON), heard("2", NOON, edits="1"), heard("3", NOON, chat="telegram.desk/7"))
        assert (1, 1) == (counted(sql_store).count("conversations"), counted(sql_store).count("buyer_messages"))

    def test_by_agent_and_by_kind(self, sql_store: SqlStore) -> None:
        """A conversation is of the person who answered it first, and of the kind of matter in which he did."""
        thread = a_thread(kind="after_sales")
        tell(
            sql_store,
            thread,
            heard("1", NOON),
            said("a", NOON + MINUTE, "says", thread=thread.id),
            Note(thread.id, NOON + MINUTE, "li", "says 您好"),
            Note(thread.id, NOON + MINUTE, "wang", "note 您好"),
            heard("2", NOON, "b2"),
        )
        by_agent, by_kind = counted(sql_store, By.AGENT), counted(sql_store, By.KIND)
        assert (["li", ""], [1, 1]) == (by_agent.parts(), [by_agent.count("conversations", who) for who in ("li", "")])
        assert [1, 1] == [by_kind.count("conversations", kind) for kind in ("after_sales", "")]
        assert (None, 1) == (by_agent.count("answered", "li"), by_agent.count("answered"))

    def test_the_kind_is_that_of_the_matter_the_buyer_wrote_about(self, sql_store: SqlStore) -> None:
        """Whatever answered it first outside all matters, or nothing at all; another buyer's talk is of no matter."""
        thread = a_thread(kind="after_sales")
        tell(
            sql_store,
            thread,
            a_chat("b1", "tg"),
            heard("1", NOON),
            Note(thread.id, NOON + SECOND, "buyer", "在吗"),
            said("a", NOON + MINUTE, thread="s/tg/b1"),
            heard("2", NOON, "b2"),
            said("b", NOON + MINUTE, buyer="b2", thread="s/tg/b2"),
        )
        tally = counted(sql_store, By.KIND)
        names = ("conversations", "buyer_messages", "answered")
        assert [(1, 1), (1, 1), (1, 1)] == [tuple(tally.count(n, k) for k in ("after_sales", "")) for n in names]
        assert ([micros(1)], [micros(1)]) == (tally.times("first_bot", "after_sales"), tally.times("first_bot", ""))


class TestOrders:
    def test_paid_orders_and_what_they_were_worth(self, sql_store: SqlStore) -> None:
        """To the last cent; an order in another currency is counted, but adds to no sum."""
        tell(
            sql_store,
            an_order("1", paid_at=NOON, total=Money(Decimal("10.10"))),
            an_order("2", paid_at=NOON, total=Money(Decimal("10.10"))),
            an_order("3", paid_at=NOON + DAY, total=Money(Decimal("0.05"))),
            an_order("4", paid_at=NOON, total=Money(Decimal("99"), "EUR")),
            an_order("5"),
            an_order("6", paid_at=NOON - 7 * DAY),
        )
        tally = counted(sql_store)
        assert (4, 3, Decimal("20.25")) == tuple(
            tally.count(n) for n in ("orders_paid", "orders_valued", "order_value")
        )
        assert (3, Decimal("20.20")) == (tally.count("orders_paid", TODAY), tally.count("order_value", TODAY))
        assert (None, 4) == (counted(sql_store, By.KIND).count("orders_paid", "x"), tally.count("orders_paid"))

    def test_refunds_by_order_and_by_the_time_they_took(self, sql_store: SqlStore) -> None:
        """An order counts on the day of its first refund alone; a refund's time counts on the day it was settled."""
        settled = {"status": RefundStatus.PAID_BACK, "settled_at": NOON + DAY}
        tell(
            sql_store,
            a_refund("r1", "o1", **settled),
            a_refund("r2", "o1", requested_at=NOON + DAY),
            a_refund("r3", "o2", requested_at=NOON - 9 * DAY, status=RefundStatus.WITHDRAWN, settled_at=NOON),
        )
        tally = counted(sql_store)
        assert (1, 1, 0) == tuple(tally.count("refunds_asked", part) for part in (None, TODAY, TOMORROW))
        assert ([micros(9 * 1440)], [micros(1440)]) == tuple(
            tally.times("refund_took", part) for part in (TODAY, TOMORROW)
        )


class TestInquiries:
    def test_a_question_that_became_an_order(self, sql_store: SqlStore) -> None:
        """Ordered and paid in time, ordered only, too late, before the question, and one that has not had its time."""
        ask = {"order": "", "kind": "inquiry"}
        tell(
            sql_store,
            a_thread(buyer="b1", id="s/@b1/inquiry", **ask),
            an_order("1", "b1", created_at=NOON + HOUR, paid_at=NOON + 2 * HOUR),
            a_thread(buyer="b2", id="s/@b2/inquiry", **ask),
            an_order("2", "b2", created_at=NOON + HOUR, paid_at=NOON + 80 * HOUR),
            a_thread(buyer="b3", id="s/@b3/inquiry", **ask),
            an_order("3", "b3", created_at=NOON + 80 * HOUR, paid_at=NOON + 80 * HOUR),
            a_thread(buyer="b4", id="s/@b4/inquiry", **ask),
            an_order("4", "b4", created_at=NOON - HOUR, paid_at=NOON + HOUR),
            a_thread(buyer="b5", id="s/@b5/inquiry", **ask, opened_at=NOON + DAY),
            an_order("5", "b5", created_at=NOON + DAY + HOUR, paid_at=NOON + DAY + HOUR),
        )
        tally = counted(sql_store, now=NOON + 90 * HOUR)
        names = ("inquiries", "inquiries_ripe", "inquiries_ordered", "inquiries_paid")
        assert [5, 4, 2, 1] == [tally.count(name) for name in names]

    def test_what_the_thread_itself_knows_counts(self, sql_store: SqlStore) -> None:
        """He ordered under another account that was linked later: the thread says so, and that is enough."""
        tell(
            sql_store,
            a_thread("", kind="inquiry", id="s/@b1/inquiry", outcome="ordered", closed_at=NOON + HOUR),
        )
        assert 1 == counted(sql_store).count("inquiries_ordered")


class TestUnpaid:
    def test_recovered_is_paid_after_a_reminder(self, sql_store: SqlStore) -> None:
        """Paid after it, paid before it, reminded in vain, and paid without any."""
        at = NOON + 15 * MINUTE
        for number, paid in enumerate((NOON + HOUR, NOON + MINUTE, None), 1):
            tell(
                sql_store,
                an_order(f"o{number}", paid_at=paid, status=Status.PAID if paid else Status.UNPAID),
                a_thread(f"o{number}"),
                said(f"n{number}", at, "unpaid.help", role=Role.NUDGE, thread=f"s/o{number}/unpaid_order"),
            )
        tell(sql_store, an_order("o4", paid_at=NOON + HOUR), a_thread("o4"))
        tally = counted(sql_store)
        names = ("unpaid_orders", "unpaid_reminded", "unpaid_recovered", "recovered_value")
        assert [4, 3, 1, Decimal("37.00")] == [tally.count(name) for name in names]
        assert 4 == counted(sql_store, By.KIND).count("unpaid_orders", "unpaid_order")

    def test_what_nobody_pasted_reminded_nobody(self, sql_store: SqlStore) -> None:
        """On the platform's own chat a reminder counts from when a person pasted it: o1 paid after, o2 before, o3 never
        had it."""
        for number, (state, minutes) in enumerate(((TaskState.DONE, 30), (TaskState.DONE, 90), (TaskState.OPEN, 0)), 1):
            thread, words = f"s/o{number}/unpaid_order", f"n{number}"
            pasted = NOON + minutes * MINUTE if minutes else None
            tell(
                sql_store,
                an_order(f"o{number}", paid_at=NOON + HOUR),
                a_thread(f"o{number}"),
                said(words, NOON, "unpaid.help", role=Role.NUDGE, thread=thread, channel="manual"),
                a_task(words, thread, reason="paste", outgoing=words, state=state, closed_at=pasted),
            )
        tally = counted(sql_store)
        assert (3, 2, 1) == tuple(tally.count(f"unpaid_{name}") for name in ("orders", "reminded", "recovered"))

    def test_costs(self, sql_store: SqlStore) -> None:
        """A buyer who said stop, and one who was angry, each on his day."""
        tell(sql_store, a_buyer(opted_out_at=NOON + DAY), a_buyer("b2"), a_task(reason="angry"), a_task("t2"))
        tally = counted(sql_store)
        assert ((0, 1), (1, 0)) == tuple(
            tuple(tally.count(name, part) for part in (TODAY, TOMORROW)) for name in ("opt_outs", "complaints")
        )


class TestReviews:
    def test_revised_without_a_benefit(self, sql_store: SqlStore) -> None:
        """Revised, revised after a benefit, still bad and never written to: only the first counts as revised."""
        review = {"kind": "review_revision", "closed_at": NOON + DAY}
        tell(
            sql_store,
            a_thread("o1", "b1", **review, outcome="good", state=State.SETTLED),
            said("m1", NOON + HOUR, "says", thread="s/o1/review_revision"),
            a_thread("o2", "b2", **review, outcome="removed", state=State.SETTLED),
            a_buyer("b2", benefit_at=NOON + HOUR),
            said("m2", NOON + HOUR, "says", thread="s/o2/review_revision"),
            a_thread("o3", "b3", kind="review_revision"),
        )
        names = ("reviews_followed", "reviews_answered", "reviews_revised")
        assert [3, 2, 1] == [counted(sql_store).count(name) for name in names]


def a_clock(id_: str, state: ClockState, **more: object) -> Deadline:
    clock = Deadline(id_, "s/o1/after_sales", "s", Due.FIRST_REPLY, NOON, NOON, NOON + HOUR, None, state)
    return replace(clock, **more)  # type: ignore[arg-type]


class TestClocks:
    def test_met_and_missed(self, sql_store: SqlStore) -> None:
        """Met in time, met too late, never met, still running and dropped: one of the three that are told was met."""
        late = NOON + DAY
        tell(
            sql_store,
            a_thread(kind="after_sales", agent="li"),
            a_clock("1", ClockState.MET, closed_at=NOON),
            a_clock("2", ClockState.MET, breached_at=late, closed_at=late + DAY),
            a_clock("3", ClockState.BREACHED, due=Due.LOGISTICS, breached_at=late),
            a_clock("4", ClockState.RUNNING),
            a_clock("5", ClockState.DROPPED, closed_at=NOON),
        )
        tally, by_agent = counted(sql_store), counted(sql_store, By.AGENT)
        assert (1, 2) == (tally.count("clocks_met"), tally.count("clocks_missed"))
        assert (1, 1) == (tally.count("clocks_met.first_reply"), tally.count("clocks_missed.first_reply"))
        assert (1, 0, 0, 2) == tuple(
            tally.count(name, part) for part in (TODAY, TOMORROW) for name in ("clocks_met", "clocks_missed")
        )
        assert (1, 2) == (by_agent.count("clocks_met", "li"), by_agent.count("clocks_missed", "li"))

    def test_what_waits_now(self, sql_store: SqlStore) -> None:
        """In time, at risk, run out and paused, by what is waited for."""
        ahead = {"risk_at": NOON + HOUR, "due_at": NOON + 2 * HOUR}
        tell(
            sql_store,
            a_clock("1", ClockState.RUNNING, **ahead),
            a_clock("2", ClockState.RUNNING, risk_at=NOON - HOUR, due_at=NOON + HOUR),
            a_clock("3", ClockState.RUNNING, risk_at=NOON - HOUR, due_at=NOON - MINUTE),
            a_clock("4", ClockState.PAUSED, risk_at=NOON - HOUR, due_at=NOON - MINUTE, left=5),
            a_clock("5", ClockState.MET, closed_at=NOON),
            a_clock("6", ClockState.RUNNING, due=Due.REFUND, **ahead),
        )
        with sql_store.engine.connect() as connection:
            told = waiting(connection, "s", NOON)
        assert [Waiting(Due.FIRST_REPLY, 4, 1, 1), Waiting(Due.REFUND, 1, 0, 0)] == told


class TestWork:
    def test_messages_by_verdict(self, sql_store: SqlStore) -> None:
        """Each decision counts by itself, in the matter it is of."""
        thread = a_thread(agent="li")
        tell(
            sql_store,
            thread,
            judged(thread.id, NOON, Verdict.QUIET_HOURS),
            judged(thread.id, NOON + DAY),
            judged("s/tg/b1", NOON, step="reply.received"),
        )
        tally, by_kind = counted(sql_store), counted(sql_store, By.KIND)
        assert (2, 1, 0) == tuple(tally.count(f"verdict.{v}") for v in ("sent", "quiet_hours", "capped"))
        assert (1, 1) == (by_kind.count("verdict.sent", "unpaid_order"), by_kind.count("verdict.sent", ""))

    def test_tasks_given_taken_and_done(self, sql_store: SqlStore) -> None:
        """Given when made, done when closed as done, and taken after so long."""
        done = {"state": TaskState.DONE, "closed_at": NOON + DAY, "closed_by": "li"}
        tell(
            sql_store,
            a_task("1", assignee="li", taken_at=NOON + 4 * MINUTE, **done),
            a_task("2", assignee="wang", taken_at=NOON + 8 * MINUTE),
            a_task("3", state=TaskState.NOT_DONE, closed_at=NOON, closed_by="li"),
            a_task("4", reason="digest", state=TaskState.DONE, closed_at=NOON, closed_by="huifang"),
        )
        tally, by_agent = counted(sql_store), counted(sql_store, By.AGENT)
        assert (3, 1, 0) == (tally.count("tasks_given"), tally.count("tasks_done"), tally.count("tasks_done", TODAY))
        assert [micros(4), micros(8)] == sorted(tally.times("task_taken"))
        assert [1, 1, 1] == [by_agent.count("tasks_given", who) for who in ("li", "wang", "")]
        assert (1, [micros(8)]) == (by_agent.count("tasks_done", "li"), by_agent.times("task_taken", "wang"))

    def test_matters_begun_and_ended(self, sql_store: SqlStore) -> None:
        """Each on its own day, of its kind and its person."""
        tell(
            sql_store,
            a_thread(agent="li", state=State.SETTLED, closed_at=NOON + DAY),
            a_thread("o2", kind="after_sales", opened_at=MONDAY - MINUTE),
        )
        tally = counted(sql_store)
        assert (1, 0) == (tally.count("opened", TODAY), tally.count("opened", TOMORROW))
        assert (0, 1) == (tally.count("closed", TODAY), tally.count("closed", TOMORROW))
        assert 1 == counted(sql_store, By.AGENT).count("opened", "li")

    def test_another_shop_counts_for_nothing(self, sql_store: SqlStore) -> None:
        """Everything is of one shop."""
        tell(
            sql_store,
            replace(an_order(paid_at=NOON), shop="t"),
            replace(a_thread(), shop="t"),
            replace(a_message(), shop="t"),
            replace(a_task(), shop="t"),
            replace(heard("1", NOON), shop="t"),
        )
        assert [] == counted(sql_store).parts()
