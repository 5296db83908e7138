"""What each offered answer calls for, whatever the hour, the channel and the time left."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from followup.decide import decide_message
from followup.effects import AddNote, AlertAgent, CancelReminders, Effect, MoveNext, Say, SetThread
from followup.kinds import Case
from followup.kinds.unpaid_order import REASONS
from followup.model import State, Verdict
from followup.policy import Policy
from followup.ports import Capabilities
from followup.understood import Intent, Understood
from tests.followup.makers import NOON, POLICY, a_buyer, a_case, a_chat, a_message, an_order, days, hours, minutes

NIGHT = NOON + hours(14)  # 02:00 in Shanghai


def answer(choice: str, case: Case | None = None, now: datetime = NOON, policy: Policy = POLICY) -> list[Effect]:
    heard = Understood(Intent.CHOSE, choice=choice)
    return decide_message(case or a_case("unpaid_order"), a_message("3", now), heard, policy, now)


def words(effects: list[Effect]) -> list[str]:
    return [effect.script for effect in effects if isinstance(effect, Say)]


def moved(effects: list[Effect]) -> MoveNext:
    (move,) = (effect for effect in effects if isinstance(effect, MoveNext))
    return move


def alerts(effects: list[Effect]) -> list[tuple[str, object]]:
    return [(each.reason, each.facts.get("choice")) for each in effects if isinstance(each, AlertAgent)]


@pytest.mark.parametrize(
    ("choice", "script", "kinds"),
    [
        ("payment_problem", "unpaid.payment_help", [AddNote, Say, AlertAgent]),
        ("changed_mind", "unpaid.dropped", [AddNote, Say, CancelReminders, SetThread]),
        ("wrong_item", "unpaid.wrong_item", [AddNote, Say, AlertAgent]),
        ("later", "later.when", [AddNote, Say, MoveNext]),
        ("other", "reply.received", [AddNote, Say, AlertAgent]),
    ],
)
@pytest.mark.parametrize("now", [NOON, NIGHT])
def test_every_answer_has_its_reply(choice: str, script: str, kinds: list[type], now: datetime) -> None:
    """Noted, answered at once, at night too, and given to a person where the bot cannot settle it."""
    effects = answer(choice, now=now)
    said = "reply.away" if now == NIGHT and script == "reply.received" else script
    assert (kinds, [said]) == ([type(effect) for effect in effects], words(effects))
    assert [AddNote(f"reason: {choice}"), Verdict.SENT] == [
        effects[0],
        next(effect.decision.verdict for effect in effects if isinstance(effect, Say)),
    ]


@pytest.mark.parametrize("choice", ["payment_problem", "wrong_item", "other"])
def test_a_person_is_told_which_answer_it_was(choice: str) -> None:
    """By its id, for agents read their own language; the buyer's own text may be a mere number."""
    assert [("buyer_message", choice)] == alerts(answer(choice))


def test_who_was_told_lately_that_a_person_answers_is_not_told_again() -> None:
    """Another reason, right after another message: a task, no second receipt."""
    case = a_case("unpaid_order", chat=a_chat(acknowledged_at=NOON - hours(1)))
    assert ([], [("buyer_message", "other")]) == (words(answer("other", case)), alerts(answer("other", case)))


def test_given_twice_on_a_day_it_is_the_same_answer() -> None:
    """The keys are the same within a day, so that nothing is said or asked twice; the next day counts anew."""

    def keys(now: datetime) -> list[str]:
        return [each.key for each in answer("wrong_item", now=now) if isinstance(each, Say | AlertAgent)]

    assert (keys(NOON), True) == (keys(NOON + minutes(1)), keys(NOON) != keys(NOON + days(1)))


def test_later_moves_the_next_word_by_a_day() -> None:
    """At the same hour, or the first polite one after it; the buyer reads that very time."""
    for now, hour in ((NOON, 12), (NIGHT, 9)):
        effects = answer("later", now=now)
        when = moved(effects).when
        assert (True, hour) == (now + days(1) <= when < now + days(1) + hours(8), (when + hours(8)).hour)
        assert [when] == [effect.facts["when"] for effect in effects if isinstance(effect, Say)]


def test_later_keeps_to_the_cap() -> None:
    """Where two days lie between nudges, a word a day from now would be held: it is promised for when it may go."""
    case = a_case("unpaid_order", buyer=a_buyer(nudged_at=NOON - hours(1)))
    effects = answer("later", case, policy=replace(POLICY, nudge_every=days(2)))
    assert NOON + days(2) - hours(1) == moved(effects).when


@pytest.mark.parametrize(("left", "before"), [(timedelta(hours=20), hours(3)), (timedelta(hours=2), hours(2))])
def test_later_for_an_order_that_closes_first(left: timedelta, before: timedelta) -> None:
    """The next word comes before the closing, no time is promised, and after the closing it is worthless."""
    case = a_case("unpaid_order", order=an_order(auto_close_at=NOON + left))
    effects = answer("later", case)
    assert (NOON + left - before, NOON + left) == (moved(effects).when, moved(effects).expires_at)
    assert [False] == ["when" in effect.facts for effect in effects if isinstance(effect, Say)]


@pytest.mark.parametrize("choice", REASONS)
def test_after_a_stop_only_people_hear_it(choice: str) -> None:
    """An answer does not undo an opt-out."""
    effects = answer(choice, a_case("unpaid_order", buyer=a_buyer(opted_out_at=NOON - hours(1))))
    assert [AlertAgent] == [type(effect) for effect in effects]


@pytest.mark.parametrize("choice", ["payment_problem", "wrong_item", "later", "changed_mind"])
def test_a_reply_that_no_window_lets_through_is_a_persons(choice: str) -> None:
    """The quota is used up: somebody learns that the buyer waits for it."""
    full = a_case("unpaid_order", chat=a_chat(used=5, last_in_at=NOON))
    case = Case(full.thread, full.facts, full.buyer, full.chat, Capabilities(quota=5))
    assert ("quota_used", None) in alerts(answer(choice, case))


@pytest.mark.parametrize(("kind", "choice"), [("pending_refund", "later"), ("unpaid_order", "refund_me")])
def test_what_the_kind_did_not_offer_is_for_a_person(kind: str, choice: str) -> None:
    """It is no answer there; a person reads the words."""
    effects = answer(choice, a_case(kind))
    assert (["reply.received"], [("buyer_message", None)]) == (words(effects), alerts(effects))


def test_a_changed_mind_closes_the_thread() -> None:
    """As declined, whatever state it was in."""
    assert SetThread(State.CLOSED, "declined") == answer("changed_mind")[-1]
