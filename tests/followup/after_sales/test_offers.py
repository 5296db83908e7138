"""An offer on its way to the buyer, and his answer on its way back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from followup.after_sales import offer_answers
from followup.after_sales.model import Grant, GrantState, Loss, Remedy
from followup.after_sales.offers import ACCEPT, CHOICES, DECLINE, OFFERS, SCRIPTS, grant_of, open_offer, thread_of
from followup.after_sales.short_answers import SAYS, says
from followup.kinds import KINDS, Case
from followup.model import Money
from followup.understood import Intent
from scripts_library.catalogue import load_catalogue
from tests.followup.makers import NOON, POLICY, SHOP, a_case, a_message, a_reminder, heard

THREAD = "shop/1001/after_sales"


def a_grant(number: int = 1, remedy: Remedy = Remedy.COUPON, state: GrantState = GrantState.GRANTED) -> Grant:
    money = Money(Decimal(2))
    return Grant(f"{THREAD}/grant/{number}", THREAD, SHOP, remedy, Loss.LEAK, money, state, "mei", NOON)


def case(*grants: Grant) -> Case:
    return replace(a_case("after_sales"), grants=grants)


def test_every_offer_is_a_step_with_two_answers() -> None:
    """But freight, which is owed and no question."""
    assert OFFERS.items() <= KINDS["after_sales"].steps.items()
    assert {ACCEPT, DECLINE} <= KINDS["after_sales"].choices
    assert {(): [SCRIPTS[Remedy.FREIGHT]]} == {(): [script for script, choices in CHOICES.items() if not choices]}
    assert set(CHOICES) <= set(load_catalogue())


def test_a_planned_offer_knows_its_grant() -> None:
    """By the number in its round; other steps have none."""
    two = case(a_grant(1, state=GrantState.DECLINED), a_grant(2))
    assert a_grant(2) == grant_of(two, a_reminder(two, "offer.coupon", "@2"))
    assert None is grant_of(two, a_reminder(two, "offer.coupon", "@3"))
    assert None is grant_of(two, a_reminder(two, "sales.closing", "@2"))


def test_what_waits_for_the_buyer() -> None:
    """Granted and not answered; freight waits for nobody."""
    assert a_grant(2) == open_offer(case(a_grant(1, state=GrantState.ACCEPTED), a_grant(2)))
    assert None is open_offer(case(a_grant(1, Remedy.FREIGHT), a_grant(2, state=GrantState.ASKED)))


@pytest.mark.parametrize(("id_", "thread"), [(f"{THREAD}/grant/3", THREAD), ("1001", ""), (THREAD, "")])
def test_the_thread_of_a_grant(id_: str, thread: str) -> None:
    """It stands in the grant's id."""
    assert thread == thread_of(id_)


def test_no_short_answer_means_both() -> None:
    """Yes is never no, in no language."""
    phrases = [phrase for part in SAYS[ACCEPT].split("|") for phrase in part.split(" ")]
    whole = [*phrases, *SAYS[ACCEPT].split("|")[1:]]
    assert [] == [phrase for phrase in whole if says(phrase, DECLINE)]


@pytest.mark.parametrize("intent", [Intent.ACKNOWLEDGEMENT, Intent.DECLINED])
def test_what_is_not_sure_answers_nothing(intent: Intent) -> None:
    """Nor what is said in anger, nor anything where no offer is open."""
    message, mine = a_message("well now"), case(a_grant())
    unsure, angry = replace(heard(intent), sure=False), replace(heard(intent), angry=True)
    assert [None, None] == [offer_answers.hear(mine, message, each, POLICY, NOON) for each in (unsure, angry)]
    assert None is offer_answers.hear(case(), message, heard(intent), POLICY, NOON)
    assert None is not offer_answers.hear(mine, message, heard(intent), POLICY, NOON)
