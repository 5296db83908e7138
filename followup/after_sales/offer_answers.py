"""What the buyer says to an offer: he takes it, or would rather not (rules 75, 119)."""

from __future__ import annotations

from dataclasses import replace

from followup.after_sales.granting import accepted, declined, noted
from followup.after_sales.model import Grant, Remedy
from followup.after_sales.offers import ACCEPT, DECLINE, number_of, open_offer
from followup.after_sales.partial_refund import part_of
from followup.after_sales.short_answers import says
from followup.after_sales.stages import answer_by
from followup.effects import AddNote, AlertAgent, Effect, Say
from followup.events import MessageReceived
from followup.kinds import Case
from followup.model import Instant
from followup.policy import Policy
from followup.politeness import zone_of
from followup.replies import or_a_person, received, reply
from followup.understood import Intent, Understood

OFFER_CHOICES = frozenset((ACCEPT, DECLINE))
_YES = frozenset((Intent.ACKNOWLEDGEMENT, Intent.CONFIRMED, Intent.THANKS))
_NO = frozenset((Intent.DECLINED,))


def chose(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
    """He tapped one of the two answers; if there is nothing to answer, a person looks."""
    grant = open_offer(case)
    if grant is None:
        key = f"{choice}/{now:%Y-%m-%d}"
        return [*received(case, key, policy, now), AlertAgent("buyer_message", key, {"choice": choice})]
    return _yes(case, grant, policy, now) if choice == ACCEPT else _no(case, grant, policy, now)


def hear(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    """What a message means to an open offer; None if nothing, or if there is none."""
    grant = open_offer(case)
    if grant is None or heard.angry:
        return None
    if says(message.text, DECLINE) or (heard.sure and heard.intent in _NO):
        return _no(case, grant, policy, now)
    if says(message.text, ACCEPT) or (heard.sure and heard.intent in _YES):
        return _yes(case, grant, policy, now)
    return None


def _yes(case: Case, grant: Grant, policy: Policy, now: Instant) -> list[Effect]:
    note = AddNote(noted("offer_accepted", grant))
    return [note, *accepted(case, grant), *or_a_person(_thanks(case, grant, policy, now))]


def _thanks(case: Case, grant: Grant, policy: Policy, now: Instant) -> Say:
    """Thanks and the next step; money back is asked for on the platform by the buyer himself (rule 63)."""
    more: dict[str, object] = {"amount": grant.amount, "when": _answer_by(case, policy, now)}
    script = "offer.accepted"
    if grant.remedy is Remedy.PARTIAL_REFUND:
        split = part_of(case.facts.order.total, grant.amount)
        script, more = "offer.enter_refund", {**more, "paid": split.paid, "kept": split.kept}
    return replace(reply(script, case, f"@{number_of(grant)}", policy, now, more), grant=grant.id)


def _no(case: Case, grant: Grant, policy: Policy, now: Instant) -> list[Effect]:
    more = {"when": _answer_by(case, policy, now)}
    said = reply("offer.declined", case, f"@{number_of(grant)}", policy, now, more)
    return [AddNote(noted("offer_declined", grant)), *declined(case, grant, policy), *or_a_person(said)]


def _answer_by(case: Case, policy: Policy, now: Instant) -> Instant:
    return answer_by(case, policy, now).astimezone(zone_of(case.buyer, policy))
