"""Goods on their way back, and what is sent in their place (rules 19, 42, 49-56, 59-62).

`tracking` waits for the number, `arriving` tells what comes of the goods, `came_back` and `reissue` of parcels of ours.
"""

from __future__ import annotations

import re

from followup.after_sales import arriving, came_back, reissue, tracking
from followup.after_sales.model import Payer, Remedy, Stage
from followup.after_sales.return_words import freight_of, has_page, return_words
from followup.after_sales.telling import CHOICES, answer, round_of, sale_of, tell, with_sale
from followup.effects import AddNote, AlertAgent, CancelReminders, Effect, Keep, Say
from followup.events import CaseMoved, MessageReceived, Move
from followup.kinds.kind import Case, Step
from followup.model import Instant, RefundStatus, Role
from followup.policy import Policy
from followup.understood import Intent, Understood

__all__ = ["RETURN_STEPS", "ask_for_return", "changed", "chose", "hear", "moved", "return_words"]

_NOTICES = (
    "return.ask",
    "return.received",
    "return.late_number",
    "return.lapsed",
    "return.arrived",
    "return.in_order",
    "return.not_sound",
    "repair.ask",
    "repair.arrived",
    "exchange.ask",
    "exchange.in_order",
    "recalled.ask",
    "recalled.refund",
    "recalled.again",
    "again.costs",
    "reissue.coming",
    "reissue.sent",
    *came_back.ASKED,
)
RETURN_STEPS: tuple[Step, ...] = (
    *(Step(script, Role.NOTICE, choices=CHOICES.get(script, ())) for script in _NOTICES),
    Step(tracking.REMIND, follows=tracking.then_again),
    Step(tracking.LAST, Role.NOTICE),
    Step(tracking.LAPSE, Role.SILENT, follows=tracking.lapses),
    Step(tracking.OVERDUE, follows=tracking.is_overdue),
    Step(reissue.ASK_IF_WELL, follows=reissue.then_quiet, choices=CHOICES[reissue.ASK_IF_WELL]),
    Step(reissue.QUIET, Role.SILENT, follows=reissue.is_quiet),
)
_MINE = tuple(step.id for step in RETURN_STEPS)
_SENDS = re.compile(r"寄|发出|发走|快递|\b(send|post|ship|mail|drop|return)|\b(env[ií]|mand)", re.I)
_SETTLED = (RefundStatus.PAID_BACK, RefundStatus.WITHDRAWN)


def ask_for_return(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """Tell the buyer how to send the goods back, who pays and by when his tracking number is due (rules 42, 53, 56,
    62); with the remedy exchange, that he orders the new one himself (rule 49); with repair, that it
    comes back repaired (rule 71)."""
    sale = sale_of(case)
    remedy = sale.remedy if sale.remedy in arriving.SENT_BACK else Remedy.RETURN_REFUND
    by = tracking.due_by(case, policy, now)
    asked = with_sale(
        case, remedy=remedy, stage=Stage.FOLLOW_THROUGH, return_by=by, tracking="", arrived_at=None, payer=Payer.NONE
    )
    asked = with_sale(asked, payer=freight_of(sale_of(asked)).back)
    script, key = arriving.ASKS[remedy], f"{by:%Y-%m-%dT%H:%M}"
    again = CancelReminders("asked again", steps=(*tracking.AWAITED, *arriving.ASKS.values()))
    effects = [Keep(sale_of(asked)), again, *tell(script, asked, policy, now, key)]
    if remedy is Remedy.REPAIR or not has_page(case):
        effects.append(AlertAgent("return_address", round_of(asked)))
    return [*effects, *tracking.await_number(asked, policy, now)]


def hear(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    """What a message means to a return under way; None if nothing."""
    sale = case.sale
    if sale is None or sale.stage is not Stage.FOLLOW_THROUGH or not arriving.is_sent_back(case):
        return None
    if sale.arrived_at is not None:
        return None
    numbers = tracking.numbers_sent(case.facts, message.text, heard.tracking)
    if sale.remedy is Remedy.EXCHANGE and (ordered := _new_order(case, message.text, heard)):
        return _ordered(case, ordered, policy, now, message.key)
    if numbers:
        return tracking.number_came(case, numbers[0], policy, now, message.key)
    if heard.angry:
        return None
    return _asked(case, message, heard, policy, now)


def takes_number(effects: list[Effect] | None) -> bool:
    """Whether a tracking number is taken, which counts in whatever tone it comes (rule 118)."""
    return any(isinstance(each, Say) and each.script in tracking.TAKEN for each in effects or ())


def _asked(
    case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant
) -> list[Effect] | None:
    if not sale_of(case).tracking and tracking.names_our_parcel(case.facts, message.text):
        return answer("return.which_number", case, policy, now, message.key)
    if heard.intent is Intent.REFUND_STATUS:
        return answer("return.status", case, policy, now, message.key)
    named = heard.named_at or (max(heard.times, default=None) if _SENDS.search(message.text) else None)
    if named is None or not tracking.awaits_number(case.sale):
        return None
    return tracking.put_off(case, named, policy, now, message.key)


def _new_order(case: Case, text: str, heard: Understood) -> str:
    """The number of another order that the buyer names."""
    named = (*tracking.orders_named(text), *heard.orders)
    return next((each for each in named if each != case.facts.order.id), "")


def _ordered(case: Case, order: str, policy: Policy, now: Instant, key: str) -> list[Effect]:
    """The new order of an exchange: noted with a flag, for its price may differ (rules 11, 49)."""
    note = AddNote(f"flag yellow: exchange, new order {order}")
    alert = AlertAgent("exchange_order", order, {"number": order})
    return [note, *answer("exchange.noted", case, policy, now, key), alert]


def chose(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect] | None:
    """What an answer to one of these steps calls for; None if it answers none of them."""
    if case.sale is None:
        return None
    asked = next((script for script, offered in CHOICES.items() if choice in offered), "")
    if asked == "return.not_sound":
        return arriving.chose_what_next(case, choice, policy, now)
    if asked == reissue.ASK_IF_WELL:
        return reissue.chose_how_it_is(case, choice, policy, now)
    return came_back.chose_again_or_money(case, choice, policy, now) if asked else None


def moved(case: Case, event: CaseMoved, policy: Policy) -> list[Effect] | None:
    """What an agent's move means to a return; None if it is none of its moves."""
    if case.sale is None:
        return None
    match event.move:
        case Move.ARRIVED if arriving.is_sent_back(case):
            return arriving.inspected(case, event, policy)
        case Move.RECALLED:
            return came_back.recalled(case, event, policy)
        case Move.ARRIVED if sale_of(case).branch in came_back.NOT_IN_HIS_HANDS:
            return came_back.recalled(case, event, policy)
        case Move.UNINVITED:
            return came_back.uninvited(case, policy, event.at, event.text, event.cause)
        case Move.REISSUED if event.number.strip():
            return reissue.reissued(case, event, policy)
        case Move.REMEDY:
            return _remedy(case, event, policy)
        case _:
            return None


def _remedy(case: Case, event: CaseMoved, policy: Policy) -> list[Effect] | None:
    if event.remedy in arriving.SENT_BACK:
        return ask_for_return(with_sale(case, remedy=event.remedy), policy, event.at)
    if event.remedy is not Remedy.REISSUE:
        return None
    return reissue.reissued(case, event, policy) if event.number.strip() else reissue.promised(case, policy, event.at)


def changed(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """What new facts mean to goods on their way: a number, a deadline, an arrival, the money (rules 59, 62)."""
    sale = case.sale
    if sale is None or sale.stage is not Stage.FOLLOW_THROUGH:
        return []
    if _is_settled(case):
        return [CancelReminders("the refund is settled", steps=_MINE), *reissue.ended(case)]
    effects = arriving.seen(case, policy, now)
    return [*(effects or tracking.moved_deadline(case, policy, now)), *reissue.seen_again(case, policy, now)]


def _is_settled(case: Case) -> bool:
    """Whether the money went, or the buyer asks for it no more, since the case was opened."""
    if sale_of(case).remedy not in (Remedy.RETURN_REFUND, Remedy.REFUND):
        return False
    ended = [refund for refund in case.facts.refunds if refund.status in _SETTLED]
    pending = any(refund.status.pending for refund in case.facts.refunds)
    return not pending and any(refund.observed_at >= case.thread.opened_at for refund in ended)
