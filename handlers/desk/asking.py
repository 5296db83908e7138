"""A compensation is asked for at the desk (rules 10, 75-79), as by `huifang offer`: `/offer gift 2 for damage`."""

from __future__ import annotations

import re
from decimal import Decimal

from followup.after_sales.compensation import OFFERED, NotAllowed
from followup.after_sales.ladder import book_of
from followup.after_sales.model import Grant, GrantState, Loss, Remedy
from followup.after_sales.offers import open_offer
from followup.after_sales.partial_refund import is_amount
from followup.desk.command_names import losses, remedies
from followup.events import CompensationAsked
from followup.kinds import Case
from followup.model import Money
from handlers.compensating import compensation_asked
from handlers.desk.call import Call
from handlers.desk.deciding import called, listed, named, open_case
from handlers.desk.ranks import supervisors_of
from handlers.desk.told import Told
from handlers.order_changed import case_of
from scripts_library.lint import review_in

_AMOUNT = re.compile(r"\s*(\d{1,9}(?:\.\d+)?)\s*(元|块)?[\s,，]*(?:for\b|因为|因|原因)?[\s:：]*", re.IGNORECASE)
_OFFERED = tuple(each for each in Remedy if each in OFFERED)


def offer(call: Call) -> Told:
    """Granted at once within one's own limit, above it a supervisor is asked; a mistake is answered with what there
    is."""
    thread = open_case(call)
    if isinstance(thread, Told):
        return thread
    facts = call.tx.facts_of(thread)
    remedy, behind = named(call.event.text, Remedy, remedies())
    if facts is None or remedy not in OFFERED:
        return call.not_done("which_offer", asked=call.event.text, known=listed(_OFFERED, call))
    amount = _AMOUNT.match(behind)
    value = Decimal(amount[1]) if amount is not None else Decimal(0)
    currency = facts.order.total.currency
    if amount is None or not value or not is_amount(value) or (amount[2] and currency != "CNY"):
        return call.not_done("expected_offer")
    loss, text = named(behind[amount.end() :], Loss, losses())
    if loss is None or (remedy is Remedy.FREIGHT) != (loss is Loss.FREIGHT):
        return call.not_done("which_loss", asked=behind[amount.end() :], known=listed(_fitting(remedy), call))
    money, who = Money(value, currency), call.person.id
    event = CompensationAsked(thread.shop, thread.order_id, remedy, loss, money, who, call.now, text)
    return _asked(event, case_of(thread, facts, call.tx, call.deps), call)


def _fitting(remedy: Remedy) -> tuple[Loss, ...]:
    """Freight is made good as freight (rule 52)."""
    return tuple(each for each in Loss if (each is Loss.FREIGHT) == (remedy is Remedy.FREIGHT))


def _asked(event: CompensationAsked, case: Case, call: Call) -> Told:
    if review_in(event.text):
        return call.not_done("no_review")
    if any(grant.state is GrantState.ASKED for grant in case.grants):
        return call.not_done("answer_first")
    if open_offer(case) is not None:
        return call.not_done("offer_open", order=event.order_id)
    try:
        grant = compensation_asked(event, call.tx, call.deps)
    except NotAllowed:
        return _too_much(event, case, call)
    what, why = called(grant.remedy, call), called(grant.loss, call)
    return call.told(_script(grant), what=what, amount=grant.amount, loss=why)


def _script(grant: Grant) -> str:
    return "offer_waits" if grant.state is GrantState.ASKED else "offered"


def _too_much(event: CompensationAsked, case: Case, call: Call) -> Told:
    """What may still be granted for the loss, by this person and by a supervisor."""
    boss = supervisors_of(event.shop, call.deps)
    book, currency = book_of(case, call.deps.policy(event.shop)), event.amount.currency
    own, most = (Money(book.left(event.loss, each), currency) for each in (event.who in boss, True))
    if event.amount.amount <= own.amount:
        return call.not_done("no_supervisor", amount=event.amount)
    more = most if most.amount > own.amount else None
    return call.not_done("offer_too_much", amount=event.amount, own=own, more=more)
