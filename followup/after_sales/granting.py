"""Who may give what: asked for by an agent, granted within his limit or by a supervisor (rules 10, 75-79)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from followup.after_sales.compensation import NotAllowed, is_benefit, recheck, weigh
from followup.after_sales.ladder import book_of, suggest
from followup.after_sales.model import Grant, GrantState, Remedy, Stage
from followup.after_sales.offers import about, next_id, number_of, open_offer, tell
from followup.effects import AddNote, AlertAgent, Effect, Keep, MarkBenefit
from followup.events import CompensationAnswered, CompensationAsked, Word
from followup.kinds.kind import Case
from followup.model import Instant
from followup.policy import Policy


def decide_asked(case: Case, event: CompensationAsked, policy: Policy, supervisors: Collection[str]) -> list[Effect]:
    """Somebody wants to offer something: the buyer is told at once, or a supervisor is asked. From now on no review of
    this buyer is mentioned, if it is a benefit. Raises NotAllowed."""
    _check_open(case)
    state = weigh(event.remedy, event.loss, event.amount, book_of(case, policy), event.who in supervisors)
    if state is GrantState.ASKED and not supervisors:
        raise NotAllowed("this needs a supervisor, and there is none: give somebody that rank (agents.people, rule 10)")
    grant = Grant(
        next_id(case),
        case.thread.id,
        case.thread.shop,
        event.remedy,
        event.loss,
        event.amount,
        state,
        event.who,
        event.at,
        event.text,
    )
    first = [*_firewall(case, grant), AddNote(noted("offer_asked", grant, event.text), event.who)]
    if state is GrantState.ASKED:
        return [Keep(grant), *first, AlertAgent("approval", number_of(grant), about(grant))]
    return [*first, *_granted(case, replace(grant, answered_by=event.who, answered_at=event.at), policy, event.at)]


def decide_answered(
    case: Case, grant: Grant, event: CompensationAnswered, policy: Policy, supervisors: Collection[str]
) -> list[Effect]:
    """A supervisor's word on a request, or the buyer's on an offer as he gave it to a person. Raises NotAllowed."""
    note = AddNote(noted(f"offer_{event.word}", grant, event.text), event.who)
    match event.word:
        case Word.APPROVED:
            _check_approval(case, grant, event.who, policy, supervisors)
            answered = replace(grant, answered_by=event.who, answered_at=event.at)
            return [note, *_granted(case, answered, policy, event.at)]
        case Word.REFUSED:
            _check_refusal(grant, event.who, supervisors)
            refused = replace(grant, state=GrantState.REFUSED, answered_by=event.who, answered_at=event.at)
            told = {**about(grant), "text": event.text, "by": event.who}
            return [Keep(refused), note, AlertAgent("offer_refused", number_of(grant), told)]
        case Word.ACCEPTED:
            _check_offered(grant)
            return [note, *accepted(case, grant)]
        case Word.DECLINED:
            _check_offered(grant)
            return [note, *declined(case, grant, policy)]


def accepted(case: Case, grant: Grant) -> list[Effect]:
    """The buyer takes it, and a person carries it out."""
    alert = AlertAgent("offer_accepted", number_of(grant), about(grant))
    return [Keep(replace(grant, state=GrantState.ACCEPTED)), *_follow_through(case, grant), alert]


def declined(case: Case, grant: Grant, policy: Policy) -> list[Effect]:
    """The buyer would rather not: it counts no more, and a person learns the next rung of the ladder (rule 75)."""
    gone = replace(grant, state=GrantState.DECLINED)
    grants = tuple(gone if each.id == grant.id else each for each in case.grants)
    rung = suggest(replace(case, grants=grants), grant.loss, policy)
    then = {"next": rung.remedy, "most": rung.most} if rung else {}
    return [Keep(gone), AlertAgent("offer_declined", number_of(grant), {**about(grant), **then})]


def noted(act: str, grant: Grant, text: str = "") -> str:
    """An act on a grant as a note tells it."""
    return f"{act} {grant.remedy} {grant.loss} {grant.amount.amount:.2f} {grant.amount.currency} {text}".strip()


def _granted(case: Case, grant: Grant, policy: Policy, now: Instant) -> list[Effect]:
    """Kept before it is told, so that the words find it; freight is carried out without waiting for an answer."""
    given = replace(grant, state=GrantState.GRANTED)
    carry_out = [AlertAgent("offer_accepted", number_of(given), about(given))]
    return [Keep(given), *tell(case, given, policy, now), *(carry_out if given.remedy is Remedy.FREIGHT else [])]


def _follow_through(case: Case, grant: Grant) -> list[Effect]:
    """A case for which nothing else was decided is in its fifth step (rule 39)."""
    sale = case.sale
    if sale is None or sale.remedy or sale.stage not in (Stage.SOOTHE, Stage.SOLVE):
        return []
    return [Keep(replace(sale, stage=Stage.FOLLOW_THROUGH, remedy=grant.remedy))]


def _firewall(case: Case, grant: Grant) -> list[Effect]:
    return [MarkBenefit()] if is_benefit(grant.remedy, case.sale) else []


def _check_open(case: Case) -> None:
    if case.thread.state.closed:
        raise NotAllowed(f"the case of order {case.thread.order_id} is closed")
    asked = next((grant for grant in case.grants if grant.state is GrantState.ASKED), None)
    if asked is not None:
        raise NotAllowed(f"{asked.asked_by} has asked for something already, and a supervisor has yet to answer")
    if open_offer(case) is not None:
        raise NotAllowed("the buyer has yet to answer an offer; if he told you, pass it on with `huifang answered`")


def _check_approval(case: Case, grant: Grant, who: str, policy: Policy, supervisors: Collection[str]) -> None:
    _check_asked(grant)
    if who not in supervisors:
        raise NotAllowed(f"{who} is no supervisor, and only they approve (agents.people.<id>, rank; rule 10)")
    if who == grant.asked_by and len(set(supervisors)) > 1:
        raise NotAllowed(f"{who} asked for it himself: another supervisor has to approve it (rule 10)")
    if case.thread.state.closed:
        raise NotAllowed(f"the case of order {case.thread.order_id} is closed")
    recheck(grant, book_of(case, policy))


def _check_refusal(grant: Grant, who: str, supervisors: Collection[str]) -> None:
    """Whoever asked may take it back."""
    _check_asked(grant)
    if who not in supervisors and who != grant.asked_by:
        raise NotAllowed(f"{who} is no supervisor, and only they refuse (agents.people.<id>, rank; rule 10)")


def _check_asked(grant: Grant) -> None:
    if grant.state is not GrantState.ASKED:
        raise NotAllowed(f"nobody waits for an answer: it is {grant.state.value} already")


def _check_offered(grant: Grant) -> None:
    if grant.remedy is Remedy.FREIGHT:
        raise NotAllowed("freight that is owed is paid back whatever the buyer says (rule 52)")
    if grant.state is not GrantState.GRANTED:
        raise NotAllowed(f"there is no open offer: it is {grant.state.value}")
