"""Who pays for sending goods out again and back: one pure function, with the reason told to the buyer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from followup.after_sales.model import Branch, Payer, Remedy
from followup.causes import Cause
from followup.model import Money
from followup.policy import CompensationPolicy

RULES: Mapping[str, int] = {
    "freight.fault": 52,
    "freight.mismatch": 52,
    "freight.error": 66,
    "freight.on_the_way": 74,
    "freight.mixed": 80,
    "freight.no_reason": 81,
    "freight.exchange": 53,
    "freight.difference": 53,
    "freight.recalled": 19,
    "freight.address": 81,
    "freight.unreachable": 81,
    "freight.refused": 81,
    "freight.none": 63,
}
SHOPS_CAUSE: Mapping[Cause, str] = {
    Cause.PRODUCT: "freight.fault",
    Cause.DESCRIPTION: "freight.mismatch",
    Cause.WAREHOUSE: "freight.error",
    Cause.DISPATCH: "freight.error",
    Cause.COURIER: "freight.on_the_way",
    Cause.SERVICE: "freight.error",
    Cause.AFTER_SALES: "freight.error",
}
SHOPS_BRANCH: Mapping[Branch, str] = {
    Branch.DAMAGED_UNSIGNED: "freight.on_the_way",
    Branch.DAMAGED_SIGNED: "freight.on_the_way",
    Branch.MISSING_ITEM: "freight.error",
    Branch.WRONG_GOODS: "freight.mismatch",
    Branch.SURPLUS_GOODS: "freight.error",
    Branch.QUALITY: "freight.fault",
    Branch.QUALITY_LATE: "freight.fault",
}
BUYERS_BRANCH: Mapping[Branch, str] = {
    Branch.IN_TRANSIT: "freight.recalled",
    Branch.RECALLED: "freight.recalled",
    Branch.EXCHANGE: "freight.exchange",
    Branch.NO_REASON: "freight.no_reason",
}
COMES_BACK = frozenset((Branch.IN_TRANSIT, Branch.DAMAGED_UNSIGNED, Branch.RECALLED, Branch.UNINVITED))
NOT_HIS = frozenset((Branch.WRONG_GOODS, Branch.SURPLUS_GOODS))


@dataclass(frozen=True, slots=True)
class Freight:
    """Who pays the way back and the way out again, NONE where nothing travels; `reason` is the script that tells the
    buyer why, `rule` its number. Under `freight.mixed` the shop pays for the faulty items, the buyer for the rest."""

    back: Payer
    out: Payer
    reason: str
    rule: int


def freight(
    branch: Branch,
    cause: Cause = Cause.UNKNOWN,
    remedy: Remedy = Remedy.NONE,
    *,
    price_difference: bool = False,
    wrong_address: bool = False,
    unreachable: bool = False,
    refused: bool = False,
    mixed: bool = False,
) -> Freight:
    """Who pays freight (rules 19, 52, 53, 66, 74, 80, 81); with no remedy yet, who would pay each way.

    The shop's fault counts before anything that the buyer did; `mixed` says that sound items travel with faulty ones.
    """
    turned_away = _turned_away(wrong_address, unreachable, refused)
    back, out = _travels(branch, remedy, bool(turned_away))
    if not back and not out:
        return _freight(Payer.NONE, False, False, "freight.none")
    if fault := _of_the_shop(branch, cause, turned_away):
        return _freight(Payer.SHOP, back, out, "freight.mixed" if mixed else fault)
    difference = "freight.difference" if price_difference else ""
    return _freight(Payer.BUYER, back, out, turned_away or difference or BUYERS_BRANCH.get(branch, "freight.no_reason"))


def advanced(found: Freight, policy: CompensationPolicy, currency: str) -> dict[str, object]:
    """The fact `freight` of the reason's words: up to how much the buyer may lay out for us on the way back (rule 52);
    empty where he lays out nothing."""
    return {"freight": Money(policy.freight, currency)} if found.back is Payer.SHOP else {}


def _of_the_shop(branch: Branch, cause: Cause, turned_away: str) -> str:
    """Why the shop pays, "" if it need not. What was verified counts before the branch; malice is only suspected, so
    it changes nothing. Who sent a parcel back uninvited is the courier, unless the buyer could not be found."""
    if cause is Cause.BUYER:
        return ""
    if branch is Branch.UNINVITED and not turned_away:
        return SHOPS_CAUSE.get(cause, "freight.on_the_way")
    return SHOPS_CAUSE.get(cause) or SHOPS_BRANCH.get(branch, "")


def _turned_away(wrong_address: bool, unreachable: bool, refused: bool) -> str:
    """Why the parcel found no taker, "" if it did (rule 81)."""
    if wrong_address:
        return "freight.address"
    if unreachable:
        return "freight.unreachable"
    return "freight.refused" if refused else ""


def _travels(branch: Branch, remedy: Remedy, turned_away: bool) -> tuple[bool, bool]:
    """Whether something goes back to the shop, and whether something goes out again."""
    if branch is Branch.NOT_SHIPPED:
        return False, False
    by_itself = turned_away or branch in COMES_BACK
    match remedy:
        case Remedy.NONE | Remedy.EXCHANGE | Remedy.REPAIR:
            return True, True
        case Remedy.RETURN_REFUND | Remedy.FREIGHT:
            return True, False
        case Remedy.REISSUE:
            return by_itself or branch in NOT_HIS, True
        case Remedy.REFUND:
            return by_itself, False
        case _:
            return False, False


def _freight(payer: Payer, back: bool, out: bool, reason: str) -> Freight:
    return Freight(payer if back else Payer.NONE, payer if out else Payer.NONE, reason, RULES[reason])
