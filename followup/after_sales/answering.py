"""The answers to our questions, whoever gives them: some lead into another procedure (rules 41, 58, 68, 69)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from followup.after_sales.branch import course
from followup.after_sales.model import AfterSale, Branch
from followup.after_sales.procedures import ASKED, Need
from followup.after_sales.progress import asks_if_well
from followup.after_sales.proof import missing, with_answer, with_choice, with_shown
from followup.after_sales.stages import WELL, Turn, advance, begin, contact, finish
from followup.after_sales.telling import ALL_WELL, NOT_WELL, round_of, sale_of
from followup.effects import AlertAgent
from followup.kinds.kind import Case
from followup.model import Instant
from followup.policy import Policy


def answered(case: Case, choice: str, policy: Policy, now: Instant) -> Turn | None:
    """What an answer to something that is not known yet leads to; None if nothing was asked that it answers."""
    sale = sale_of(case)
    need = _need_of(choice, missing(sale))
    if need is None:
        return None
    known = with_choice(sale, need, choice)
    match choice:
        case "case_signed" if need is Need.REFUSED:
            return _instead(Branch.DAMAGED_SIGNED, case, policy, now)
        case "case_not_signed":
            return _instead(Branch.DAMAGED_UNSIGNED, case, policy, now)
        case "case_opened":
            known = replace(known, needs=(str(Need.PARCEL), str(Need.PHOTOS)))
    return advance(case, with_shown(case, known), policy, now)


def how_it_is(case: Case, choice: str, policy: Policy, now: Instant) -> Turn | None:
    """The parcel that was waited for is here: all is well, or the case goes on."""
    sale = sale_of(case)
    if choice not in (ALL_WELL, NOT_WELL) or not asks_if_well(sale):
        return None
    if choice == ALL_WELL:
        return finish(case, with_answer(sale, WELL), "all_well", now, "sales.glad")
    if sale.branch is Branch.MISSING_ITEM:
        return advance(case, begin(course(Branch.MISSING_ITEM), sale), policy, now)
    return Turn(sale, "sales.whats_wrong", (AlertAgent("not_well", round_of(case)),))


def _instead(branch: Branch, case: Case, policy: Policy, now: Instant) -> Turn:
    sale: AfterSale = begin(course(branch), sale_of(case))
    return contact(replace(case, sale=sale), policy, now)


def _need_of(choice: str, left: Sequence[str]) -> Need | None:
    asked = (Need(need) for need in left)
    return next((need for need in asked if choice in dict(ASKED[need].choices)), None)
