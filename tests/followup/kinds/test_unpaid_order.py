"""Ordered, not paid: help after a quarter of an hour, a last call the next day, then given up."""

from __future__ import annotations

import pytest

from followup.decide import decide_opening, decide_order_changed, decide_reminder
from followup.effects import AlertAgent, CancelReminders, ExpireAt, RemindAt, Say, SetThread
from followup.kinds import KINDS
from followup.kinds.unpaid_order import closes_at
from followup.model import Facts, Instant, State, Status, Verdict
from tests.followup.makers import NOON, POLICY, a_case, a_reminder, an_order, days, hours, minutes

UNPAID = KINDS["unpaid_order"]


def test_help_comes_a_quarter_of_an_hour_after_ordering() -> None:
    """Both touches end when the platform closes the order: after 72 hours, where the source says nothing."""
    effects = decide_opening(a_case("unpaid_order"), POLICY, NOON)
    closes = NOON + hours(72)
    assert [RemindAt("unpaid.help", NOON + minutes(15), closes), RemindAt("unpaid.give_up", closes)] == effects


def test_an_old_order_is_helped_at_once() -> None:
    """An order that is found later is not made to wait again, and never before now."""
    effects = decide_opening(a_case("unpaid_order"), POLICY, NOON + hours(5))
    assert RemindAt("unpaid.help", NOON + hours(5), NOON + hours(72)) == effects[0]


def test_the_source_says_when_the_order_closes() -> None:
    """The platform's own closing time wins over the shop's default."""
    order = an_order(auto_close_at=NOON + hours(24))
    assert [NOON + hours(24), NOON + hours(72)] == [closes_at(each, POLICY) for each in (order, an_order())]


@pytest.mark.parametrize(
    ("status", "now", "opens"),
    [
        (Status.UNPAID, NOON, True),
        (Status.UNPAID, NOON + hours(72) - minutes(1), True),
        (Status.UNPAID, NOON + hours(72), False),
        (Status.PAID, NOON, False),
        (Status.CLOSED_UNPAID, NOON, False),
    ],
)
def test_only_an_unpaid_order_that_is_still_open_is_followed(status: Status, now: Instant, opens: bool) -> None:
    """An order whose time is over opens nothing, though the source still calls it unpaid."""
    assert opens == (UNPAID.opens(Facts(an_order(status=status)), POLICY, now) is not None)


@pytest.mark.parametrize(("said", "due"), [(True, NOON + hours(30)), (False, NOON + hours(24))])
def test_the_last_call_comes_a_day_after_the_help(said: bool, due: Instant) -> None:
    """A day after the help was said, else a day after the order was made."""
    case = a_case("unpaid_order")
    effects = UNPAID.steps["unpaid.help"].follows(case, POLICY, NOON + hours(6), said)
    assert [RemindAt("unpaid.last_call", due, NOON + hours(72))] == effects


def test_nothing_follows_the_last_call() -> None:
    """Two nudges and no more; the thread stays open until the order closes."""
    case = a_case("unpaid_order")
    effects = decide_reminder(case, a_reminder(case, "unpaid.last_call"), POLICY, NOON)
    assert [Say] == [type(effect) for effect in effects]


def test_what_is_not_paid_is_given_up_and_reported() -> None:
    """When the order closes, an agent gets to know, and the thread is over."""
    case = a_case("unpaid_order")
    closes = NOON + hours(72)
    effects = decide_reminder(case, a_reminder(case, "unpaid.give_up", due=closes), POLICY, closes)
    assert [
        CancelReminders("not_paid", verdict=Verdict.EXPIRED),
        AlertAgent("unpaid_lost"),
        SetThread(State.GIVEN_UP, "not_paid"),
    ] == effects


def test_a_closing_told_by_the_source_is_reported_just_so() -> None:
    """Whichever comes first, the closing time or the news of it: the order is given up, and an agent knows."""
    case = a_case("unpaid_order", order=an_order(status=Status.CLOSED_UNPAID))
    effects = decide_order_changed(case, POLICY, NOON)
    assert [AlertAgent("unpaid_lost"), SetThread(State.GIVEN_UP, "closed_unpaid")] == effects[2:]


@pytest.mark.parametrize("auto_close", [hours(20), days(5)])
def test_a_new_closing_time_moves_everything(auto_close: object) -> None:
    """Told later that the order closes earlier or later: giving up moves, and words are worthless from then on."""
    closes = NOON + auto_close  # type: ignore[operator]
    case = a_case("unpaid_order", order=an_order(auto_close_at=closes))
    effects = decide_order_changed(case, POLICY, NOON + hours(1))
    assert [RemindAt("unpaid.give_up", closes), ExpireAt(closes)] == effects


def test_words_tell_the_closing_time_on_the_buyers_clock() -> None:
    """The amount, and the closing time in the buyer's zone."""
    words = UNPAID.words(a_case("unpaid_order"), POLICY, NOON)
    closes = words["closes_at"]
    assert isinstance(closes, Instant)
    assert "2026-03-08T12:00:00+08:00" == closes.isoformat()
    assert an_order().total == words["amount"]
