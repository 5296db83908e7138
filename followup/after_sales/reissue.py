"""What is sent in place of the first: its number told, followed until it is signed, one question (rules 59, 68, 70)."""

from __future__ import annotations

from followup.after_sales.model import Branch, Payer, Remedy, Stage
from followup.after_sales.return_words import freight_of, is_extended
from followup.after_sales.short_answers import says
from followup.after_sales.telling import ALL_WELL, answer, round_of, sale_of, tell, with_sale
from followup.effects import AddNote, AlertAgent, CancelReminders, Effect, Keep, RemindAt, SetThread
from followup.events import CaseMoved
from followup.kinds.kind import Case
from followup.model import Instant, Parcel, ParcelStatus, State
from followup.policy import Policy

ASK_IF_WELL, QUIET = "reissue.well", "reissue.quiet"


def promised(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """The buyer hears that it is sent again; a person sends it and tells us the number."""
    known = with_sale(case, remedy=Remedy.REISSUE, stage=Stage.FOLLOW_THROUGH)
    return [
        Keep(sale_of(known)),
        *tell(words_of_coming(known), known, policy, now),
        AlertAgent("reissue_due", round_of(known)),
    ]


def words_of_coming(case: Case) -> str:
    """Whether the buyer has to pay for sending it once more, as of a parcel that did not find him (rule 81)."""
    sale = sale_of(case)
    payer = sale.payer if sale.branch is Branch.UNINVITED else freight_of(sale).out
    return "again.costs" if payer is Payer.BUYER else "reissue.coming"


def reissued(case: Case, event: CaseMoved, policy: Policy) -> list[Effect]:
    """It went out again under this number: told to the buyer, noted with a blue flag, and the transaction is given
    more time (rules 55, 57, 59)."""
    number = event.number.strip().upper()
    known = with_sale(case, remedy=Remedy.REISSUE, reissued=number, stage=Stage.FOLLOW_THROUGH)
    note = AddNote(f"flag blue: reissued, new number {number} {event.text}".strip(), event.who)
    return [Keep(sale_of(known)), note, *tell("reissue.sent", known, policy, event.at, number), *_extend(known, number)]


def hear(case: Case, text: str, policy: Policy, now: Instant, key: str) -> list[Effect] | None:
    """Who writes "received, thanks" once it is signed for says that all is well, asked or not; None if he does not."""
    parcel, sale = new_parcel(case), sale_of(case)
    is_there = parcel is not None and parcel.status is ParcelStatus.SIGNED and sale.stage is Stage.FOLLOW_THROUGH
    if not is_there or not says(text, ALL_WELL):
        return None
    stop = CancelReminders("all is well", steps=(ASK_IF_WELL, QUIET))
    return [stop, *answer("reissue.glad", case, policy, now, key), *ended(case)]


def _extend(case: Case, number: str) -> list[Effect]:
    return [AlertAgent("extend_transaction", round_of(case), {"number": number})] if is_extended(case.facts) else []


def new_parcel(case: Case) -> Parcel | None:
    """The parcel that was sent in place of the first, once a source knows it."""
    number = sale_of(case).reissued
    return next((parcel for parcel in case.facts.parcels if number and parcel.id.upper() == number), None)


def seen_again(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """It was signed for: a day later the buyer is asked once whether all is well."""
    parcel = new_parcel(case)
    if parcel is None or parcel.status is not ParcelStatus.SIGNED:
        return []
    when = max(now, (parcel.signed_at or now) + policy.after_sales.ask_again_after)
    return [RemindAt(ASK_IF_WELL, when, when + policy.after_sales.return_within, round_of(case, parcel.id))]


def then_quiet(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    """Who does not answer is not asked again; two days of silence end it."""
    return [RemindAt(QUIET, now + policy.after_sales.return_remind_every, round=round_of(case))]


def is_quiet(case: Case, _policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    """Nobody complained: the case is for the register."""
    sale = sale_of(case)
    if sale.stage is not Stage.FOLLOW_THROUGH or case.thread.state is State.WITH_AGENT:
        return []
    return [AddNote("no complaint about what was sent again"), *ended(case)]


def ended(case: Case) -> list[Effect]:
    """Nothing is left to be done but to register the case (rule 44)."""
    return [Keep(sale_of(with_sale(case, stage=Stage.REGISTER)))]


def chose_how_it_is(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
    """All is well, and the case is over; or it is not, and a person looks after it."""
    key = round_of(case, f"{now:%Y-%m-%d}")
    noted = AddNote(f"chose: {choice}")
    if choice == ALL_WELL:
        return [noted, *answer("reissue.glad", case, policy, now, key), *ended(case)]
    said = answer("reissue.sorry", case, policy, now, key)
    return [noted, *said, AlertAgent("not_well", key), SetThread(State.WITH_AGENT)]
