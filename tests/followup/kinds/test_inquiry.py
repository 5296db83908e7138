"""An inquiry: looked at a day after the last word, touched once, closed by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.decide import decide_opening, decide_order_changed, decide_reminder
from followup.effects import CancelReminders, Effect, RemindAt, SetThread
from followup.facts import no_order
from followup.kinds import KINDS, Case
from followup.model import Facts, Instant, State, Status
from followup.policy import Policy
from followup.promises import Promise
from tests.followup.makers import NOON, POLICY, a_case, a_chat, a_reminder, an_order, days, hours


def an_inquiry(**more: object) -> Case:
    """Somebody asked at noon."""
    case = a_case("inquiry", matter="asked", **more)  # type: ignore[arg-type]
    thread = replace(case.thread, order_id="", id="shop/@lin/inquiry")
    return replace(case, thread=thread, facts=no_order(thread))


def looked(case: Case, now: Instant, policy: Policy = POLICY) -> list[Effect]:
    return decide_reminder(case, a_reminder(case, "inquiry.look"), policy, now)


def test_it_is_looked_at_the_next_day_and_closed_some_days_later() -> None:
    """Two touches without words are planned, nothing is said."""
    look, close = decide_opening(an_inquiry(), POLICY, NOON)
    assert (RemindAt("inquiry.look", NOON + days(1), round="asked"), NOON + days(5)) == (look, close.when)  # type: ignore[union-attr]


def test_after_a_day_of_silence_he_is_touched() -> None:
    """The touch is worthless three days after the question."""
    assert [RemindAt("inquiry.touch", NOON + days(1), NOON + days(3), "asked")] == looked(an_inquiry(), NOON + days(1))


def test_while_he_talks_the_look_moves() -> None:
    """To a day after his last word."""
    case = an_inquiry(chat=a_chat(last_in_at=NOON + hours(20)))
    (look,) = looked(case, NOON + days(1))
    assert isinstance(look, RemindAt)
    assert ("inquiry.look", NOON + hours(44)) == (look.step, look.when)


def test_while_an_answer_is_owed_the_look_moves() -> None:
    """Nobody is asked whether an answer helped that nobody gave."""
    owed = Promise("p", "shop/@lin/inquiry", "shop", "bot", "", NOON, NOON + days(1))
    (look,) = looked(replace(an_inquiry(), promises=(owed,)), NOON + days(1))
    assert isinstance(look, RemindAt)
    assert ("inquiry.look", NOON + days(2)) == (look.step, look.when)


@pytest.mark.parametrize(("state", "now"), [(State.SOLVED, NOON + days(1)), (State.OPEN, NOON + days(3))])
def test_what_is_solved_or_too_old_is_not_touched(state: State, now: Instant) -> None:
    """An agent said that it is done, or it would come too late."""
    assert [] == looked(an_inquiry(state=state), now)


def test_it_closes_by_itself() -> None:
    """However it went."""
    case = an_inquiry()
    assert [SetThread(State.CLOSED, "not_ordered")] == decide_reminder(
        case, a_reminder(case, "inquiry.close"), POLICY, NOON + days(5)
    )


def test_an_order_made_since_settles_it() -> None:
    """One from before does not, nor the stand-in of a thread without an order."""
    new, old = an_order(NOON + hours(1)), an_order(NOON - hours(1), status=Status.FINISHED)
    assert [CancelReminders("ordered"), SetThread(State.SETTLED, "ordered")] == decide_order_changed(
        replace(an_inquiry(), facts=Facts(new)), POLICY, NOON + hours(2)
    )
    for facts in (Facts(old), an_inquiry().facts):
        assert [] == decide_order_changed(replace(an_inquiry(), facts=facts), POLICY, NOON + hours(2))


def test_no_fact_of_an_order_begins_one() -> None:
    """Only a question does."""
    assert KINDS["inquiry"].opens(Facts(an_order()), POLICY, NOON) is None
