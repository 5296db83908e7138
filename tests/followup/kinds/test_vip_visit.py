"""A monthly visit: planned, put off while something is open, ended for good."""

from __future__ import annotations

from dataclasses import replace

from followup.decide import decide_opening, decide_reminder
from followup.effects import CancelReminders, Effect, Keep, RemindAt, Say, SetThread
from followup.kinds import KINDS, Case
from followup.model import Buyer, Facts, Instant, State
from tests.followup.makers import NOON, POLICY, a_buyer, a_case, a_reminder, an_order, days


def a_visit(buyer: Buyer | None = None, **more: object) -> Case:
    """The thread of a buyer who agreed."""
    return replace(a_case("vip_visit", buyer=buyer or a_buyer(visits_at=NOON)), **more)  # type: ignore[arg-type]


def due(case: Case, step: str, now: Instant = NOON) -> list[Effect]:
    return decide_reminder(case, a_reminder(case, step), POLICY, now)


def test_the_first_visit_is_a_month_away() -> None:
    """He agreed today: today he is left alone."""
    (look,) = decide_opening(a_visit(), POLICY, NOON)
    assert isinstance(look, RemindAt)
    assert ("visit.look", NOON + days(30)) == (look.step, look.when)


def test_a_visit_that_is_due_is_made() -> None:
    """Now, or within five days; after it comes the next."""
    (greet,) = due(a_visit(), "visit.look")
    assert isinstance(greet, RemindAt)
    assert ("visit.greet", NOON, NOON + days(5)) == (greet.step, greet.when, greet.expires_at)
    say, look = due(a_visit(), "visit.greet")
    assert isinstance(say, Say)
    assert isinstance(look, RemindAt)
    assert (("end_visits",), NOON + days(30)) == (say.choices, look.when)


def test_it_waits_while_something_is_open() -> None:
    """Looked at again in three days."""
    (look,) = due(a_visit(busy=True), "visit.look")
    assert isinstance(look, RemindAt)
    assert ("visit.look", NOON + days(3)) == (look.step, look.when)


def test_who_said_stop_or_ended_it_is_left_alone_for_good() -> None:
    """The thread closes and his agreement is taken back."""
    for buyer in (a_buyer(visits_at=NOON, opted_out_at=NOON), a_buyer()):
        keep, cancel, close = due(a_visit(buyer), "visit.look")
        assert isinstance(keep, Keep)
        assert (None, CancelReminders("visits_ended")) == (keep.record.visits_at, cancel)  # type: ignore[union-attr]
        assert SetThread(State.CLOSED, "visits_ended") == close


def test_only_an_agent_begins_it() -> None:
    """No order does."""
    assert KINDS["vip_visit"].opens(Facts(an_order()), POLICY, NOON) is None
