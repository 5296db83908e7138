"""Offering a compensation: the steps that say it, and the grant that stands behind their words (rules 75-79)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from followup.after_sales.model import Grant, GrantState, Remedy
from followup.effects import AlertAgent, Effect, RemindAt, Say
from followup.events import reminder_id
from followup.kinds.kind import Case, Step, steps
from followup.model import Instant, Reminder, Role
from followup.policy import Policy
from followup.politeness import Touch, judge
from followup.reach import SHUT

ACCEPT, DECLINE = "offer_accept", "offer_decline"
SCRIPTS: Mapping[Remedy, str] = {
    Remedy.COUPON: "offer.coupon",
    Remedy.MEMBER_BENEFIT: "offer.member_benefit",
    Remedy.RED_PACKET: "offer.red_packet",
    Remedy.GIFT: "offer.gift",
    Remedy.PARTIAL_REFUND: "offer.partial_refund",
    Remedy.FREIGHT: "offer.freight",
}
CHOICES: Mapping[str, tuple[str, ...]] = {
    script: () if remedy is Remedy.FREIGHT else (ACCEPT, DECLINE) for remedy, script in SCRIPTS.items()
}
OFFER_STEPS = tuple(Step(script, Role.NOTICE, choices=choices) for script, choices in CHOICES.items())
OFFERS: Mapping[str, Step] = steps(*OFFER_STEPS)
_MARK = "/grant/"


def next_id(case: Case) -> str:
    """The id of the next grant of a case."""
    return f"{case.thread.id}{_MARK}{len(case.grants) + 1}"


def number_of(grant: Grant) -> str:
    """What tells a grant from the others of its case."""
    return grant.id.rpartition(_MARK)[2]


def thread_of(grant: str) -> str:
    """The thread that a grant's id names, "" if it is no such id."""
    return grant.rpartition(_MARK)[0]


def open_offer(case: Case) -> Grant | None:
    """The offer that the buyer has not answered; there is one at most, and freight is paid back without a question."""
    found = (each for each in case.grants if each.state is GrantState.GRANTED and each.remedy is not Remedy.FREIGHT)
    return next(found, None)


def tell(case: Case, grant: Grant, policy: Policy, now: Instant) -> list[Effect]:
    """Tell the buyer what was granted: at once if he is here, else at the next polite moment; who wants no automatic
    words is told by a person."""
    if case.buyer.opted_out_at is not None or case.buyer.paused_at is not None:
        return [AlertAgent("offer_untold", number_of(grant), about(grant))]
    script = SCRIPTS[grant.remedy]
    if not _is_here(case, policy, now):
        return [RemindAt(script, now, round=f"@{number_of(grant)}")]
    key = reminder_id(case.thread.id, script, f"@{number_of(grant)}")
    decision = judge(Touch(Role.REPLY, now), case.buyer, case.chat, policy, now, case.can)
    order = case.facts.order
    words = {"buyer": case.buyer.name, "goods": order.goods, "order": order.id, "amount": grant.amount}
    said = Say(script, Role.REPLY, key, decision, words, choices=CHOICES[script], chat=case.chat.id, grant=grant.id)
    return [said, AlertAgent(decision.verdict, key, {"step": script})] if decision.verdict in SHUT else [said]


def with_grant(say: Say, case: Case, reminder: Reminder) -> Say:
    """The words of an offer's step with the grant that covers them; other words as they are."""
    grant = grant_of(case, reminder)
    return say if grant is None else replace(say, grant=grant.id, facts={**say.facts, "amount": grant.amount})


def taken_back(case: Case, reminder: Reminder) -> str:
    """Why an offer need not be told any more, "" if it has to be."""
    grant = grant_of(case, reminder)
    return grant.state.value if grant and grant.state is not GrantState.GRANTED else ""


def grant_of(case: Case, reminder: Reminder) -> Grant | None:
    """The grant of which a planned touch tells."""
    if reminder.step not in OFFERS:
        return None
    number = reminder.id.rpartition("@")[2]
    return next((grant for grant in case.grants if number_of(grant) == number), None)


def about(grant: Grant) -> dict[str, object]:
    """A grant as facts of the agents' words."""
    return {
        "remedy": grant.remedy,
        "loss": grant.loss,
        "amount": grant.amount,
        "who": grant.asked_by,
        "text": grant.text,
    }


def _is_here(case: Case, policy: Policy, now: Instant) -> bool:
    wrote = case.chat.last_in_at
    return wrote is not None and wrote <= now <= wrote + policy.reply_within
