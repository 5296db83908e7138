"""The bot is paused for a buyer: it keeps silent, a person's words and the end of a stop do not."""

from __future__ import annotations

import pytest

from followup.decide import decide_message, decide_reminder, decide_stranger
from followup.effects import AlertAgent, OptOut, Say, Withhold
from followup.linking import one_person
from followup.model import Role, Verdict
from followup.politeness import Touch, judge
from followup.ports import Capabilities
from followup.promises import DUE, NEAR, Promise
from followup.understood import Intent, Understood
from tests.followup.makers import NOON, POLICY, a_buyer, a_case, a_chat, a_message, a_reminder, days, heard, hours

PAUSED = a_buyer(paused_at=NOON - hours(1))
CHAT = a_chat(last_in_at=NOON)


@pytest.mark.parametrize("role", [Role.NUDGE, Role.NOTICE, Role.REPLY])
def test_nothing_automatic_goes(role: Role) -> None:
    """Neither reminders nor news nor answers; the decision says since when."""
    decision = judge(Touch(role, NOON), PAUSED, CHAT, POLICY, NOON)
    assert (Verdict.PAUSED, None) == (decision.verdict, decision.retry_at)
    (why,) = (reason for reason in decision.reasons if not reason.passed)
    assert {"since": "2026-03-05T03:00:00+00:00"} == dict(why.facts)


@pytest.mark.parametrize("role", [Role.NUDGE, Role.NOTICE, Role.REPLY])
def test_a_persons_words_go(role: Role) -> None:
    """A pause is there so that people can speak."""
    assert Verdict.SENT is judge(Touch(role, NOON, by_person=True), PAUSED, CHAT, POLICY, NOON).verdict


def test_what_came_first_is_said_first() -> None:
    """Who said stop has said stop, and what is of no use any more is of no use."""
    stopped = a_buyer(paused_at=NOON, opted_out_at=NOON)
    assert Verdict.OPTED_OUT is judge(Touch(Role.NUDGE), stopped, CHAT, POLICY, NOON).verdict
    assert Verdict.EXPIRED is judge(Touch(Role.NUDGE, expires_at=NOON), PAUSED, CHAT, POLICY, NOON).verdict


@pytest.mark.parametrize("expires", [None, NOON + hours(5)])
def test_a_planned_touch_waits(expires: object) -> None:
    """It is looked at again when it expires, else every day, and nobody is given a task for it."""
    case = a_case("unpaid_order", buyer=PAUSED)
    reminder = a_reminder(case, "unpaid.help", expires_at=expires)
    (withheld,) = decide_reminder(case, reminder, POLICY, NOON)
    assert isinstance(withheld, Withhold)
    assert (Verdict.PAUSED, expires or NOON + days(1)) == (withheld.decision.verdict, withheld.decision.retry_at)


def test_a_promise_is_for_people() -> None:
    """What was promised is due, and the bot may not say that there is no news: a person has to, once."""
    case = a_case("pending_refund", buyer=PAUSED)
    promise = Promise(f"{case.thread.id}/promise/x", case.thread.id, "shop", "li", "by noon", NOON - hours(4), NOON)
    case = a_case("pending_refund", buyer=PAUSED)
    case = type(case)(case.thread, case.facts, case.buyer, case.chat, promises=(promise,))
    _, alert = decide_reminder(case, a_reminder(case, DUE, "@x"), POLICY, NOON)
    assert isinstance(alert, AlertAgent)
    assert "promise_broken" == alert.reason
    assert NEAR != DUE


@pytest.mark.parametrize("intent", [Intent.OTHER, Intent.PAID, Intent.HUMAN, Intent.CANCEL, Intent.WHERE_IS_PARCEL])
def test_what_he_writes_is_for_people(intent: Intent) -> None:
    """One task with his words, and nothing else happens by itself."""
    case = a_case("unpaid_order", buyer=PAUSED)
    (alert,) = decide_message(case, a_message("..."), heard(intent), POLICY, NOON)
    (other,) = decide_stranger(PAUSED, CHAT, a_message("..."), heard(intent), POLICY, NOON, Capabilities())
    assert isinstance(alert, AlertAgent)
    assert isinstance(other, AlertAgent)
    assert ("buyer_message", "buyer_message") == (alert.reason, other.reason)


def test_an_angry_buyer_is_told_of_as_angry() -> None:
    """His task says so."""
    angry = Understood(Intent.OTHER, angry=True)
    (alert,) = decide_message(a_case("unpaid_order", buyer=PAUSED), a_message("骗子"), angry, POLICY, NOON)
    assert isinstance(alert, AlertAgent)
    assert "angry" == alert.reason


def test_a_stop_is_confirmed() -> None:
    """The one thing that the bot still says."""
    effects = decide_message(a_case("unpaid_order", buyer=PAUSED), a_message("退订"), heard(Intent.STOP), POLICY, NOON)
    said = next(effect for effect in effects if isinstance(effect, Say))
    assert ("stop.confirmed", Verdict.SENT) == (said.script, said.decision.verdict)
    assert OptOut() in effects


def test_one_person_stays_paused() -> None:
    """A chat that turns out to be a buyer's brings its pause along, or comes under his."""
    known, later = a_buyer(paused_at=NOON - hours(1)), a_buyer(paused_at=NOON)
    assert known.paused_at == one_person(known, later).paused_at == one_person(a_buyer(), known).paused_at
    assert one_person(a_buyer(), a_buyer()).paused_at is None
