"""A refund: acknowledged at once, a word a day for at most 15 days, the agents warned, the money announced."""

from __future__ import annotations

import pytest

from followup.decide import decide_opening, decide_order_changed, decide_reminder
from followup.effects import AlertAgent, CancelReminders, Effect, RemindAt, Say, SetThread
from followup.events import reminder_id
from followup.kinds import KINDS, Case
from followup.model import Facts, RefundStatus, Reminder, State, Status
from tests.followup.makers import NOON, POLICY, SHOP, a_case, a_refund, a_reminder, an_order, days, hours, minutes

REFUND = KINDS["pending_refund"]
SETTLED = [RefundStatus.PAID_BACK, RefundStatus.WITHDRAWN]


def planned(case: Case, effect: RemindAt) -> Reminder:
    id_ = reminder_id(case.thread.id, effect.step, effect.round)
    return Reminder(id_, case.thread.id, SHOP, "lin", effect.step, effect.when, effect.expires_at)


def plans(effects: list[Effect], step: str) -> list[RemindAt]:
    return [effect for effect in effects if isinstance(effect, RemindAt) and effect.step == step]


def test_it_is_acknowledged_at_once() -> None:
    """The acknowledgement is planned for now; a refund without a deadline plans no warning."""
    effects = decide_opening(a_case("pending_refund"), POLICY, NOON + minutes(3))
    assert [RemindAt("refund.acknowledge", NOON + minutes(3), round="R1")] == effects


def test_the_agents_are_warned_a_day_before_the_platform_decides() -> None:
    """24 hours before the deadline, or at once if there is less time left."""
    for deadline, when in ((days(5), NOON + days(4)), (hours(3), NOON)):
        case = a_case("pending_refund", refunds=(a_refund(deadline=NOON + deadline),))
        assert [when] == [plan.when for plan in plans(decide_opening(case, POLICY, NOON), "refund.deadline")]


def test_the_warning_tells_the_deadline_on_the_shops_clock() -> None:
    """The agents read their own time and the refund's own amount; the buyer reads nothing."""
    case = a_case("pending_refund", refunds=(a_refund(deadline=NOON + hours(20)),))
    (alert,) = decide_reminder(case, a_reminder(case, "refund.deadline"), POLICY, NOON)
    assert isinstance(alert, AlertAgent)
    assert "2026-03-06T08:00:00+08:00" == alert.facts["deadline"].isoformat()  # type: ignore[attr-defined]
    assert a_refund().amount == alert.facts["amount"]


def test_a_deadline_moved_by_later_facts_is_warned_of_anew() -> None:
    """A deadline put off makes the old warning void and plans another one, also when the first was given already."""
    case = a_case("pending_refund", refunds=(a_refund(deadline=NOON + days(2)),))
    (old,) = plans(decide_opening(case, POLICY, NOON), "refund.deadline")
    moved = a_case("pending_refund", refunds=(a_refund(deadline=NOON + days(9)),))
    (new,) = plans(decide_order_changed(moved, POLICY, NOON), "refund.deadline")
    assert (NOON + days(1), NOON + days(8)) == (old.when, new.when)
    assert old.round != new.round
    assert [] == decide_reminder(moved, planned(moved, old), POLICY, old.when)
    assert ["refund_deadline"] == [
        effect.reason
        for effect in decide_reminder(moved, planned(moved, new), POLICY, new.when)
        if isinstance(effect, AlertAgent)
    ]


def test_every_pending_refund_of_the_order_has_its_warning() -> None:
    """The thread is about one refund at a time; the platform's deadlines run for all of them."""
    others = (a_refund(id="R2", deadline=NOON + days(3)), a_refund(id="R3", status=RefundStatus.PAID_BACK))
    case = a_case("pending_refund", refunds=(a_refund(deadline=NOON + days(5)), *others))
    effects = decide_order_changed(case, POLICY, NOON)
    assert [NOON + days(4), NOON + days(2)] == [plan.when for plan in plans(effects, "refund.deadline")]


def test_the_newest_pending_refund_opens_the_thread() -> None:
    """Of several the one asked for last; none that is settled."""
    refunds = (a_refund(), a_refund(NOON + hours(1), id="R2"), a_refund(NOON + hours(2), id="R3", status=SETTLED[0]))
    order = an_order(status=Status.PAID)
    opening = REFUND.opens(Facts(order, refunds), POLICY, NOON)
    assert opening is not None
    assert ("R2", NOON + hours(1)) == (opening.matter, opening.acted_at)
    assert REFUND.opens(Facts(order, refunds[2:]), POLICY, NOON) is None


def test_a_word_follows_every_day() -> None:
    """A day after the acknowledgement and after each update, one round a local day."""
    case = a_case("pending_refund")
    for step in ("refund.acknowledge", "refund.daily"):
        effects = decide_reminder(case, a_reminder(case, step), POLICY, NOON)
        assert [RemindAt("refund.daily", NOON + days(1), round="R1@2026-03-06")] == effects[1:]


def test_after_fifteen_updates_a_person_takes_over() -> None:
    """Fifteen daily words and not one more: then it is a task."""
    case, now, said = a_case("pending_refund"), NOON, 0
    reminder = a_reminder(case, "refund.acknowledge")
    while True:
        effects = decide_reminder(case, reminder, POLICY, now)
        said += isinstance(effects[0], Say)
        daily = plans(effects, "refund.daily")
        if not daily:
            break
        reminder, now = planned(case, daily[0]), daily[0].when
    assert (1 + 15, NOON + days(15)) == (said, now)
    assert [AlertAgent("refund_stuck", "R1"), SetThread(State.WITH_AGENT)] == effects[1:]


def test_the_money_is_announced_within_three_days() -> None:
    """Paid back: the thread is settled, and the notice is worthless 72 hours after the money went."""
    paid = a_refund(status=RefundStatus.PAID_BACK, settled_at=NOON - hours(2))
    effects = decide_order_changed(a_case("pending_refund", refunds=(paid,)), POLICY, NOON)
    assert [
        CancelReminders("paid_back"),
        SetThread(State.SETTLED, "paid_back"),
        RemindAt("refund.settled", NOON, NOON + hours(70), round="R1"),
    ] == effects


def test_a_withdrawn_refund_ends_in_silence() -> None:
    """Who takes the request back knows it: nothing is announced."""
    withdrawn = a_refund(status=RefundStatus.WITHDRAWN)
    effects = decide_order_changed(a_case("pending_refund", refunds=(withdrawn,)), POLICY, NOON)
    assert [CancelReminders("withdrawn"), SetThread(State.SETTLED, "withdrawn")] == effects


@pytest.mark.parametrize("status", list(RefundStatus))
def test_only_settled_refunds_end_the_matter(status: RefundStatus) -> None:
    """Requested, returning and refused refunds are pending."""
    case = a_case("pending_refund", refunds=(a_refund(status=status),))
    assert (status in SETTLED) == bool(REFUND.settled(case.thread, case.facts))


def test_a_refused_refund_is_a_persons_matter() -> None:
    """No daily word that it is in hand, when it was refused; the warning before the deadline stays."""
    refused = a_refund(status=RefundStatus.REFUSED, deadline=NOON + days(3))
    effects = decide_order_changed(a_case("pending_refund", refunds=(refused,)), POLICY, NOON)
    assert CancelReminders("refused", only_words=True) == effects[0]
    assert SetThread(State.WITH_AGENT, "refused") in effects
    assert [NOON + days(2)] == [plan.when for plan in plans(effects, "refund.deadline")]


def test_a_refund_that_is_in_hand_again_is_followed_again() -> None:
    """Refused, then agreed to after all: the daily word goes on from tomorrow."""
    case = a_case("pending_refund", state=State.WITH_AGENT, outcome="refused")
    effects = decide_order_changed(case, POLICY, NOON)
    assert SetThread(State.OPEN) == effects[0]
    assert [NOON + days(1)] == [plan.when for plan in plans(effects, "refund.daily")]


@pytest.mark.parametrize(("hours_ago", "day"), [(0, 1), (12, 1), (13, 2), (36, 2), (37, 3)])
def test_words_count_the_days_on_the_buyers_calendar(hours_ago: int, day: int) -> None:
    """The day of the request is day 1, and the first midnight of the buyer makes it day 2."""
    case = a_case("pending_refund", refunds=(a_refund(NOON - hours(hours_ago)),))
    assert day == REFUND.words(case, POLICY, NOON)["day"]
