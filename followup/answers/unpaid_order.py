"""What the buyer of an unpaid order is answered: each reason has its own reply, and is kept (rules 2, 47)."""

from __future__ import annotations

from followup.answers.answers import Answers, one_of
from followup.effects import AddNote, AlertAgent, Effect, MoveNext
from followup.events import MessageReceived
from followup.kinds import Case
from followup.kinds.unpaid_order import closes_at, word_at
from followup.model import Instant
from followup.policy import Policy
from followup.politeness import DAY, next_nudge, zone_of
from followup.replies import declined, for_a_person, or_a_person, received, reply, tell
from followup.understood import Intent, Understood


def _to(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    key = message.key
    match heard.intent:
        case Intent.LATER if heard.named_at is not None:
            return _later(case, message, heard.named_at, policy, now)
        case Intent.PAID:
            pause = MoveNext(now + policy.unpaid.says_paid_pause, closes_at(case.facts.order, policy))
            return [reply("paid.thanks", case, key, policy, now), tell("says_paid", message), pause]
        case Intent.DECLINED | Intent.CANCEL:
            return [*or_a_person(reply("unpaid.dropped", case, key, policy, now)), *declined()]
        case _:
            return None


def _later(case: Case, message: MessageReceived, named_at: Instant, policy: Policy, now: Instant) -> list[Effect]:
    """Promise a word at the named time, or as soon after it as quiet hours and the cap let (rule 119)."""
    closes = closes_at(case.facts.order, policy)
    when = next_nudge(max(now, named_at), case.buyer, policy)
    if named_at < closes <= when:
        return for_a_person(case, message, policy, now)
    script = "later.noted" if when < closes else "later.noted_closing"
    local = when.astimezone(zone_of(case.buyer, policy))
    noted = reply(script, case, message.key, policy, now, {"when": local})
    return [*or_a_person(noted), word_at(when, case, policy, now)]


def _chose(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
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
            return [noted, *_some_time(case, key, policy, now)]
        case _:
            return [noted, *received(case, key, policy, now), alert]


def _some_time(case: Case, key: str, policy: Policy, now: Instant) -> list[Effect]:
    """Ask for a time; until he names one, the next word waits a day."""
    when = next_nudge(now + DAY, case.buyer, policy)
    in_time = when < closes_at(case.facts.order, policy)
    told = {"when": when.astimezone(zone_of(case.buyer, policy))} if in_time else {}
    return [*or_a_person(reply("later.when", case, key, policy, now, told)), word_at(when, case, policy, now)]


UNPAID_ORDER = Answers(one_of(Intent.LATER, Intent.PAID, Intent.DECLINED, Intent.CANCEL), _to, _chose)
