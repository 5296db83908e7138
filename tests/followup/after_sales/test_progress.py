"""A case as time passes: who has the word, what is asked again, when a person is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from followup.after_sales.branch import course
from followup.after_sales.model import AfterSale, Branch, Remedy, Stage
from followup.after_sales.progress import deadline, has_the_word, refresh, tick, unanswered
from followup.after_sales.stages import ASKING, begin, tick_at
from followup.effects import AlertAgent, CancelReminders, Effect, Keep, RemindAt
from followup.kinds import KINDS, STEPS, Case
from followup.model import Instant, RefundStatus
from followup.promises import Promise
from tests.followup.makers import NOON, POLICY, SHOP, a_case, a_refund, days, hours


def a_sale(branch: Branch = Branch.DAMAGED_SIGNED, stage: Stage = Stage.SOOTHE, **more: Any) -> Case:
    """A case opened at noon; `more` is of its record."""
    case = a_case("after_sales")
    sale = begin(course(branch), AfterSale(case.thread.id, SHOP, branch))
    return replace(case, sale=replace(sale, stage=stage, **more))


def told(effects: list[Effect]) -> list[str]:
    """The reasons of the tasks, and what is planned."""
    named = {AlertAgent: lambda e: e.reason, RemindAt: lambda e: e.step, Keep: lambda e: f"keep {e.record.stage}"}
    return [named[type(each)](each) for each in effects if type(each) in named]


def at(case: Case, when: Instant) -> list[str]:
    """What a look at that moment brings."""
    return told(tick(case, POLICY, when, True))


@pytest.mark.parametrize(
    ("stage", "more", "expected"),
    [
        (Stage.SOOTHE, {}, ["sales.daily_looking"]),
        (Stage.FOLLOW_THROUGH, {"remedy": Remedy.REFUND}, ["sales.daily_doing"]),
        (Stage.FOLLOW_THROUGH, {"remedy": Remedy.REISSUE}, ["sales.daily_doing"]),
        (Stage.FOLLOW_THROUGH, {"remedy": Remedy.REISSUE, "reissued": "YT1"}, []),
        (Stage.FOLLOW_THROUGH, {"remedy": Remedy.RETURN_REFUND}, []),
        (Stage.FOLLOW_THROUGH, {"remedy": Remedy.RETURN_REFUND, "arrived_at": NOON}, ["sales.daily_doing"]),
        (Stage.VERIFY, {}, []),
    ],
)
def test_the_word_of_the_day(stage: Stage, more: dict[str, Any], expected: list[str]) -> None:
    """One while somebody of ours has something to do; none while the buyer has (rule 43)."""
    assert [*expected, "sales.tick"] == at(a_sale(stage=stage, **more), NOON + days(1))


def test_only_one_speaks() -> None:
    """A refund under way or the clock of a promise has the word."""
    case = a_sale()
    refunds = replace(case.facts, refunds=(a_refund(NOON),))
    promise = Promise("p", case.thread.id, SHOP, "huifang", "by", NOON, NOON + days(1))
    assert not has_the_word(case)
    assert ["sales.tick"] == at(replace(case, facts=refunds), NOON + days(1))
    assert ["sales.tick"] == at(replace(case, promises=(promise,)), NOON + days(1))


def test_fifteen_days_are_enough() -> None:
    """Then a person takes over, and nothing more is planned."""
    assert ["sales.daily_looking", "sales.tick"] == at(a_sale(), NOON + days(15))
    assert ["case_stuck"] == at(a_sale(), NOON + days(16))


def test_who_registered_nothing_is_reminded() -> None:
    """Whoever ended it: the register is asked for."""
    assert ["case_register"] == at(a_sale(stage=Stage.REGISTER), NOON + days(1))


def test_looks_lie_on_whole_days() -> None:
    """Two chains of looks are one: the second falls on the times of the first."""
    case = a_sale()
    assert tick_at(case, POLICY, NOON + hours(1)) == tick_at(case, POLICY, NOON + hours(23))
    assert NOON + days(2) == tick_at(case, POLICY, NOON + days(1)).when


def test_the_deadline() -> None:
    """A person is told when he has not decided; of a fault after its period the supervisor (rule 72)."""
    assert ["case_late"] == told(deadline(a_sale(), POLICY, NOON, True))
    assert ["case_supervisor"] == told(deadline(a_sale(Branch.QUALITY_LATE), POLICY, NOON, True))
    assert [] == told(deadline(a_sale(stage=Stage.FOLLOW_THROUGH), POLICY, NOON, True))


def test_no_answer() -> None:
    """Only while something is missing."""
    assert ["case_no_answer"] == told(unanswered(a_sale(stage=Stage.VERIFY), POLICY, NOON, True))
    assert [] == told(unanswered(a_sale(stage=Stage.VERIFY, has=("photos",)), POLICY, NOON, True))


@pytest.mark.parametrize("stage", [Stage.VERIFY, Stage.SOOTHE, Stage.FOLLOW_THROUGH])
def test_the_money_is_back(stage: Stage) -> None:
    """Only the register is left; a refund of before the case proves nothing."""
    case = a_sale(stage=stage, remedy=Remedy.REFUND)
    paid = a_refund(NOON + hours(1), status=RefundStatus.PAID_BACK, settled_at=NOON + hours(2))
    now = replace(case, facts=replace(case.facts, refunds=(paid,)))
    assert {"keep register", "case_register"} <= set(told(refresh(now, POLICY, NOON + hours(2))))
    old = replace(paid, settled_at=NOON - days(1), observed_at=NOON - days(1))
    assert [] == refresh(replace(case, facts=replace(case.facts, refunds=(old,))), POLICY, NOON)


def test_the_same_facts_again_change_nothing() -> None:
    """A case that is to be registered is left alone by facts."""
    case = a_sale(stage=Stage.REGISTER)
    paid = a_refund(NOON, status=RefundStatus.PAID_BACK, settled_at=NOON + hours(1))
    assert [] == refresh(replace(case, facts=replace(case.facts, refunds=(paid,))), POLICY, NOON)


def test_what_is_cancelled_exists() -> None:
    """Every step that is taken back by name is one of the kind's."""
    assert set(ASKING) <= set(KINDS["after_sales"].steps)
    assert all(isinstance(each.steps, tuple) for each in [CancelReminders("x", steps=ASKING)])
    assert {"sales.arrived", "sales.closing"} <= set(STEPS)
