"""What is sent in place of the first (rules 55, 57, 59, 68, 70)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.after_sales.model import Branch, Payer, Remedy, Stage
from followup.after_sales.reissue import is_quiet, then_quiet
from followup.after_sales.returns import changed, chose, moved
from followup.effects import SetThread
from followup.kinds import Case
from followup.model import State, Status
from tests.followup.after_sales.return_cases import (
    a_move,
    a_parcel,
    a_return,
    a_sale,
    alerts,
    kept,
    notes,
    planned,
    scripts,
)
from tests.followup.makers import NOON, POLICY, a_chat, an_order, days, hours

MISSING = a_sale(branch=Branch.MISSING_ITEM, remedy=Remedy.NONE, return_by=None, stage=Stage.SOLVE)
SENT = replace(MISSING, remedy=Remedy.REISSUE, reissued="SF9", stage=Stage.FOLLOW_THROUGH)


def the_case(sale: object, status: Status = Status.SIGNED, **more: object) -> Case:
    order = an_order(NOON - days(9), status=status, paid_at=NOON - days(9))
    return replace(a_return(order=order, **more), sale=sale)  # type: ignore[arg-type]


def test_promised_then_sent() -> None:
    """He hears that it comes, a person sends it; its number is told, flagged, and the transaction extended."""
    promised = moved(the_case(MISSING), a_move("remedy", remedy=Remedy.REISSUE), POLICY)
    sent = moved(the_case(MISSING), a_move("reissued", number=" sf9 "), POLICY)
    assert promised is not None
    assert sent is not None
    assert (["reissue.coming"], ["reissue_due"]) == (scripts(promised), alerts(promised))
    assert (["reissue.sent"], ["extend_transaction"]) == (scripts(sent), alerts(sent))
    assert ("SF9", ["flag blue: reissued, new number SF9"]) == (kept(sent).reissued, notes(sent))


def test_a_remedy_with_its_number_is_sent_already() -> None:
    """Who names the number with the remedy has sent it."""
    effects = moved(the_case(MISSING), a_move("remedy", remedy=Remedy.REISSUE, number="SF9"), POLICY)
    assert effects is not None
    assert ["reissue.sent"] == scripts(effects)


def test_a_parcel_without_a_number_is_not_sent() -> None:
    """There is nothing to tell the buyer yet."""
    assert moved(the_case(MISSING), a_move("reissued"), POLICY) is None


def test_what_the_buyer_did_not_take_is_sent_again_at_his_cost() -> None:
    """An address that could not be found: the price is told first (rule 81)."""
    sale = replace(MISSING, branch=Branch.UNINVITED, payer=Payer.BUYER)
    effects = moved(the_case(sale, Status.SHIPPED), a_move("remedy", remedy=Remedy.REISSUE), POLICY)
    assert effects is not None
    assert ["again.costs"] == scripts(effects)


def test_a_complete_order_is_not_extended() -> None:
    """Rule 55: unless it has completed."""
    effects = moved(the_case(MISSING, Status.FINISHED), a_move("reissued", number="SF9"), POLICY)
    assert effects is not None
    assert [] == alerts(effects)


def test_asked_once_a_day_after_it_was_signed() -> None:
    """The case goes on until the new parcel is signed for; then one question, which is worth nothing a week later."""
    signed = a_parcel("SF9", "signed", NOON, signed_at=NOON + hours(5))
    assert {} == planned(changed(the_case(SENT, parcels=(a_parcel("SF9"),)), POLICY, NOON))
    effects = changed(the_case(SENT, parcels=(signed,)), POLICY, NOON + hours(6))
    assert {"reissue.well": NOON + hours(29)} == planned(effects)


def test_the_first_parcel_is_not_the_second() -> None:
    """Only the new number counts."""
    assert [] == changed(the_case(SENT, parcels=(a_parcel("SF1", "signed"),)), POLICY, NOON)


def test_silence_ends_it() -> None:
    """Who does not answer is not asked again; after two days the case is for the register."""
    assert {"reissue.quiet": NOON + days(2)} == planned(then_quiet(the_case(SENT), POLICY, NOON, True))
    assert Stage.REGISTER is kept(is_quiet(the_case(SENT), POLICY, NOON, True)).stage


@pytest.mark.parametrize(
    "case", [the_case(replace(SENT, stage=Stage.REGISTER)), the_case(SENT, state=State.WITH_AGENT)]
)
def test_silence_ends_nothing_that_a_person_has(case: Case) -> None:
    """A case that is over, or with a person, is left alone."""
    assert [] == is_quiet(case, POLICY, NOON, True)


def test_all_well() -> None:
    """Thanks, and the case is for the register."""
    effects = chose(the_case(SENT, chat=a_chat(last_in_at=NOON)), "all_well", POLICY, NOON)
    assert effects is not None
    assert (["reissue.glad"], Stage.REGISTER) == (scripts(effects), kept(effects).stage)


def test_not_well() -> None:
    """An apology with a time, and a person takes over."""
    effects = chose(the_case(SENT, chat=a_chat(last_in_at=NOON)), "not_well", POLICY, NOON)
    assert effects is not None
    assert (["reissue.sorry"], ["not_well"]) == (scripts(effects), alerts(effects))
    assert SetThread(State.WITH_AGENT) in effects


def test_an_answer_that_nobody_offered_is_none() -> None:
    """Other kinds' choices are not ours."""
    assert chose(the_case(SENT), "payment_problem", POLICY, NOON) is None
