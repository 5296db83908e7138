"""A buyer chose one of the answers that he was offered: each has its own reply, and its reason is kept (rule 47)."""

from __future__ import annotations

from followup.effects import AddNote, AlertAgent, Effect
from followup.kinds import Case
from followup.kinds.unpaid_order import closes_at, word_at
from followup.model import Instant
from followup.policy import Policy
from followup.politeness import DAY, next_nudge, zone_of
from followup.replies import declined, or_a_person, reply, was_told


def decide_choice(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
    """What the answer with the id `choice` calls for; given twice on one day, it is answered once."""
    noted = AddNote(f"reason: {choice}")
    key = f"{choice}/{now:%Y-%m-%d}"
    alert = AlertAgent("buyer_message", key, {"choice": choice})
    match choice:
        case "payment_problem":
            return [noted, *or_a_person(reply("unpaid.payment_help", case, key, policy, now)), alert]
        case "changed_mind":
            return [noted, *or_a_person(reply("unpaid.dropped", case, key, policy, now)), *declined()]
        case "wrong_item":
            return [noted, *or_a_person(reply("unpaid.wrong_item", case, key, policy, now)), alert]
        case "later":
            return [noted, *_later(case, key, policy, now)]
        case _ if was_told(case.chat, policy, now):
            return [noted, alert]
        case _:
            return [noted, reply("reply.received", case, key, policy, now), alert]


def _later(case: Case, key: str, policy: Policy, now: Instant) -> list[Effect]:
    """Ask for a time; until he names one, the next word waits a day."""
    when = next_nudge(now + DAY, case.buyer, policy)
    in_time = when < closes_at(case.facts.order, policy)
    told = {"when": when.astimezone(zone_of(case.buyer, policy))} if in_time else {}
    return [*or_a_person(reply("later.when", case, key, policy, now, told)), word_at(when, case, policy, now)]
