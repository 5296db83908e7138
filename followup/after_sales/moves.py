"""What a person of the shop does with a case, and what the buyer hears of it (rules 39-74)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from followup.after_sales import returns
from followup.after_sales.answering import answered
from followup.after_sales.branch import course, has_left
from followup.after_sales.compensation import TOLD
from followup.after_sales.fitting import unfit
from followup.after_sales.freight import freight
from followup.after_sales.model import AfterSale, Branch, Remedy, Stage
from followup.after_sales.procedures import ASKED, Need
from followup.after_sales.progress import registering
from followup.after_sales.proof import missing, named_in, weight_in, with_answer
from followup.after_sales.stages import (
    ASKING,
    CLOSING,
    DAILY,
    DEADLINE,
    WELL,
    Turn,
    advance,
    begin,
    contact,
    kept,
    spoken_later,
)
from followup.after_sales.telling import round_of, sale_of
from followup.causes import Cause
from followup.effects import AddNote, CancelReminders, Effect, Keep, RemindAt, SetThread
from followup.events import CaseMoved, Move
from followup.kinds.kind import Case
from followup.model import Facts, State
from followup.policy import Policy

DECIDED = (
    Remedy.REFUND,
    Remedy.PARTIAL_REFUND,
    Remedy.RETURN_REFUND,
    Remedy.EXCHANGE,
    Remedy.REISSUE,
    Remedy.REPAIR,
)
OPENS = {Move.OPEN: None, Move.UNINVITED: Branch.UNINVITED, Move.RECALLED: Branch.RECALLED}
SENT = {Branch.UNINVITED: Move.UNINVITED, Branch.RECALLED: Move.RECALLED}
BACK = tuple(step.id for step in returns.RETURN_STEPS)
CLOSING_EXPIRES = timedelta(days=3)


class CannotMove(Exception):
    """The sentence says why the case cannot be moved like that, and what can be done."""


def decide_case_moved(case: Case, event: CaseMoved, policy: Policy) -> list[Effect]:
    """What a move calls for. Raises CannotMove."""
    if why := unfit(case, event):
        raise CannotMove(why)
    match event.move:
        case Move.OPEN:
            return _opened(case, event, policy)
        case Move.SHOWN:
            return _shown(case, event, policy)
        case Move.REMEDY:
            return _remedied(case, event, policy)
        case Move.CAUSE:
            return _caused(case, event)
        case Move.REGISTER:
            return _registered(case, event)
        case _:
            return _returned(case, event, policy)


def flag_of(sale: AfterSale, facts: Facts) -> str:
    """The colour of the flag on the order's note: green where money goes back, purple for what never left, else blue
    (rules 57, 98)."""
    if sale.remedy in (Remedy.REFUND, Remedy.PARTIAL_REFUND, Remedy.RETURN_REFUND):
        return "green"
    return "blue" if has_left(facts) else "purple"


def _opened(case: Case, event: CaseMoved, policy: Policy) -> list[Effect]:
    """A person opens the case, or puts it into another procedure."""
    if event.branch is None:
        raise CannotMove(f"name the branch: {', '.join(Branch)}")
    before = sale_of(case)
    fresh = AfterSale(before.thread, before.shop, before.branch, cause=before.cause, round=before.round)
    sale = begin(course(event.branch), fresh)
    if event.branch in SENT:
        moved = returns.moved(replace(case, sale=sale), replace(event, move=SENT[event.branch]), policy)
        return [*_stop(*BACK), *(moved or [])]
    turn = contact(replace(case, sale=sale), policy, event.at)
    return [*_stop(*BACK), *spoken_later(turn, case, event.at)]


def _shown(case: Case, event: CaseMoved, policy: Policy) -> list[Effect]:
    """A person has seen what was asked for: `text` names it, with what the buyer answered, or means the photos."""
    left = missing(sale_of(case))
    if not left:
        raise CannotMove("nothing is missing in this case any more; `huifang case remedy` goes on")
    if (named := set(event.text.split()) & set(Need)) and not named & set(left):
        raise CannotMove(f"{' and '.join(sorted(named))} is not what is missing; missing is {', '.join(left)}")
    note = AddNote(f"shown {event.text}".strip(), event.who)
    turn: Turn | None = None
    if not (seen := named_in(event.text, left)):
        raise CannotMove(f"name what was shown; missing is {', '.join(left)}")
    for need in seen:
        turn = _one_shown(case, Need(need), event, policy)
        case = replace(case, sale=turn.sale)
    assert turn is not None
    return [note, *spoken_later(turn, case, event.at)]


def _one_shown(case: Case, need: Need, event: CaseMoved, policy: Policy) -> Turn:
    choices = ASKED[need].choices
    chosen = next((id_ for id_, said in choices if said in event.text.split()), "")
    if chosen and (turn := answered(case, chosen, policy, event.at)):
        return turn
    if len(choices) > 1:
        raise CannotMove(f"say what the buyer answered: shown {need} {' or '.join(said for _, said in choices)}")
    said = weight_in(event.text) if need is Need.WEIGHT else ""
    return advance(case, with_answer(sale_of(case), need, said), policy, event.at)


def _remedied(case: Case, event: CaseMoved, policy: Policy) -> list[Effect]:
    """A person decided what is done (rule 46); the buyer hears it at the next polite moment."""
    if event.remedy not in DECIDED:
        raise CannotMove(f"the remedy is one of {', '.join(DECIDED)}")
    if event.remedy is Remedy.PARTIAL_REFUND and not _has_grant(case):
        raise CannotMove("`huifang offer ORDER partial_refund` first: it decides how much, and the buyer hears of it")
    stop: list[Effect] = [*kept(case, event.at), *_stop(*BACK), SetThread(State.OPEN)]
    case = replace(case, sale=replace(sale_of(case), return_by=None))
    own = returns.moved(case, event, policy)
    return [*stop, *(_money(case, event) if own is None else own)]


def _money(case: Case, event: CaseMoved) -> list[Effect]:
    sale = sale_of(case)
    paid = freight(sale.branch, sale.cause, event.remedy)
    known = replace(sale, remedy=event.remedy, stage=Stage.FOLLOW_THROUGH, payer=paid.back)
    words = [RemindAt("sales.remedy_refund", event.at, round=round_of(case, f"{event.at:%Y-%m-%dT%H:%M:%S}"))]
    is_new = sale.remedy is not event.remedy or sale.stage is not Stage.FOLLOW_THROUGH
    return [Keep(known), *(words if event.remedy is Remedy.REFUND and is_new else [])]


def _has_grant(case: Case) -> bool:
    return any(grant.remedy is Remedy.PARTIAL_REFUND and grant.state in TOLD for grant in case.grants)


def _caused(case: Case, event: CaseMoved) -> list[Effect]:
    """The real reason was found (rule 47)."""
    if event.cause is Cause.UNKNOWN:
        raise CannotMove(f"name the cause: {', '.join(cause for cause in Cause if cause)}")
    return [Keep(replace(sale_of(case), cause=event.cause))]


def _registered(case: Case, event: CaseMoved) -> list[Effect]:
    """The case is closed and counted; the buyer is asked whether all is well, unless he said so (rules 44, 57, 120)."""
    sale = sale_of(case)
    if event.cause is not Cause.UNKNOWN:
        sale = replace(sale, cause=event.cause)
    if sale.cause is Cause.UNKNOWN:
        raise CannotMove("say first why it came to this (rule 47): `huifang case cause ORDER CAUSE`")
    over: list[Effect] = [
        Keep(replace(sale, stage=Stage.REGISTER)),
        *kept(case, event.at),
        CancelReminders("registered"),
        SetThread(State.SETTLED, "registered"),
    ]
    closing = RemindAt(CLOSING, event.at, event.at + CLOSING_EXPIRES, round_of(case))
    return over if WELL in sale.has else [*over, closing]


def _returned(case: Case, event: CaseMoved, policy: Policy) -> list[Effect]:
    moved = returns.moved(case, event, policy)
    if moved is None:
        raise CannotMove(f"{event.move} does not fit this case as it stands; `huifang case show` tells where it stands")
    stop: list[Effect] = [*kept(case, event.at), *_stop()]
    return [*stop, *registering(moved, case)]


def _stop(*more: str) -> list[Effect]:
    return [CancelReminders("a person went on", steps=(*ASKING, *DAILY, DEADLINE, *more))]
