"""A parcel of ours came back to us: uninvited, or because somebody recalled it (rules 19, 31, 41, 59, 60)."""

from __future__ import annotations

from dataclasses import replace

from followup.after_sales.model import AfterSale, Branch, Payer, Remedy, Stage
from followup.after_sales.procedures import Need
from followup.after_sales.proof import told
from followup.after_sales.reissue import words_of_coming
from followup.after_sales.return_words import freight_of
from followup.after_sales.telling import SEND_AGAIN, answer, round_of, sale_of, tell, with_sale
from followup.causes import Cause
from followup.effects import AddNote, AlertAgent, CancelReminders, Effect, Keep
from followup.events import CaseMoved
from followup.kinds.kind import Case, Opening
from followup.model import Facts, Instant, Parcel, ParcelStatus
from followup.policy import Policy

OURS = frozenset((Cause.PRODUCT, Cause.DESCRIPTION, Cause.WAREHOUSE, Cause.DISPATCH, Cause.SERVICE, Cause.AFTER_SALES))
NOT_IN_HIS_HANDS = (
    Branch.NOT_SHIPPED,
    Branch.IN_TRANSIT,
    Branch.DAMAGED_UNSIGNED,
    Branch.UNINVITED,
    Branch.RECALLED,
)
_AS_AGREED = {Remedy.REFUND: "recalled.refund", Remedy.REISSUE: "recalled.again"}
_WHY = {
    "uninvited.address": ("地址", "address", "查无此"),
    "uninvited.unreachable": ("电话", "联系不上", "打不通", "停机", "unreachable", "phone", "no answer"),
    "uninvited.refused": ("拒收", "拒签", "refused", "rejected"),
}
ASKED = ("uninvited.ask", "uninvited.address", "uninvited.unreachable", "uninvited.refused", "uninvited.ours")


def came_back(facts: Facts) -> Parcel | None:
    """The parcel of an order that went out and is with us again, if nothing that went out later is on its way and no
    money is asked for or paid back: a return that nobody spoke of."""
    sent = [parcel for parcel in facts.parcels if not parcel.back]
    last = max(sent, key=lambda parcel: (parcel.shipped_at, parcel.id), default=None)
    if last is None or last.status is not ParcelStatus.RETURNED or facts.refunds:
        return None
    return last


def begins(facts: Facts) -> Opening | None:
    """The case that such a parcel begins where nobody has opened one; its matter is the parcel."""
    parcel = came_back(facts)
    return Opening(parcel.id, parcel.observed_at) if parcel else None


def begun(case: Case) -> Case:
    """The case that facts began, with its record."""
    rounds = case.sale.round if case.sale else 0
    sale = AfterSale(case.thread.id, case.thread.shop, Branch.UNINVITED, round=rounds + 1)
    return replace(case, sale=sale)


def uninvited(case: Case, policy: Policy, now: Instant, why: str = "", cause: Cause = Cause.UNKNOWN) -> list[Effect]:
    """The buyer hears that his parcel came back and, if it is known, why; then he chooses (rule 59)."""
    script = _script(why, cause)
    found = cause if cause is not Cause.UNKNOWN or script == "uninvited.ask" else Cause.BUYER
    mine = with_sale(case, branch=Branch.UNINVITED, cause=found, stage=Stage.SOLVE)
    known = with_sale(mine, payer=_payer(mine, script))
    note = AddNote(f"flag blue: came back uninvited {why}".strip())
    return [Keep(sale_of(known)), note, *tell(script, known, policy, now)]


def _script(why: str, cause: Cause) -> str:
    if cause in OURS:
        return "uninvited.ours"
    told = why.casefold()
    return next((script for script, words in _WHY.items() if any(word in told for word in words)), "uninvited.ask")


def _payer(case: Case, script: str) -> Payer:
    """Who pays for sending it once more (rule 81)."""
    again = replace(sale_of(case), remedy=Remedy.REISSUE)
    return Payer.BUYER if script in ASKED[1:4] else freight_of(again).out


def recalled(case: Case, event: CaseMoved, policy: Policy) -> list[Effect]:
    """A recalled parcel is here: what was agreed is done; where nothing was, the buyer chooses, and knows before who
    pays (rules 19, 60). What the courier spoilt is between him and the shop (rule 31)."""
    sale, now = sale_of(case), event.at
    agreed = event.remedy if event.remedy in _AS_AGREED else _noted(sale)
    cause = event.cause if event.cause is not Cause.UNKNOWN else sale.cause
    branch = Branch.RECALLED if sale.branch is Branch.IN_TRANSIT else sale.branch
    mine = with_sale(case, branch=branch, cause=cause, remedy=agreed, stage=Stage.FOLLOW_THROUGH)
    paid = freight_of(sale_of(mine))
    known = with_sale(mine, payer=paid.out if agreed is Remedy.REISSUE else paid.back)
    result = f"recalled parcel is back, agreed: {agreed.value or 'nothing yet'} {event.text}".strip()
    effects: list[Effect] = [AddNote(result, event.who), Keep(sale_of(known)), _stop()]
    if not event.sound:
        effects.append(AlertAgent("courier_claim", round_of(known), {"text": event.text}))
    return [*effects, *_as_agreed(known, agreed, policy, now)]


def _noted(sale: AfterSale) -> Remedy:
    """What was agreed earlier: who had his parcel recalled wants his money."""
    wants_out = told(sale, Need.WISH) == "recall" and sale.remedy is Remedy.NONE
    return Remedy.REFUND if wants_out else sale.remedy


def _as_agreed(case: Case, agreed: Remedy, policy: Policy, now: Instant) -> list[Effect]:
    said = tell(_AS_AGREED.get(agreed, "recalled.ask"), case, policy, now)
    match agreed:
        case Remedy.REFUND:
            return [*said, AlertAgent("refund_due", round_of(case))]
        case Remedy.REISSUE:
            return [*said, AlertAgent("reissue_due", round_of(case))]
        case _:
            return said


def chose_again_or_money(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
    """What the buyer of a parcel that came back wants: once more, or his money."""
    key = round_of(case, f"{now:%Y-%m-%d}")
    again = choice == SEND_AGAIN
    remedy = Remedy.REISSUE if again else Remedy.REFUND
    known = with_sale(case, remedy=remedy, stage=Stage.FOLLOW_THROUGH)
    script = words_of_coming(known) if again else "again.money"
    alert = AlertAgent("reissue_due" if again else "refund_due", round_of(case))
    return [Keep(sale_of(known)), AddNote(f"chose: {choice}"), *answer(script, known, policy, now, key), alert]


def _stop() -> Effect:
    return CancelReminders("the parcel is back", steps=(*ASKED, "recalled.ask"))
