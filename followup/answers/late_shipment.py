"""What the buyer of a late order is answered: where it stands, that we wait with him, or that he need not (rule 22)."""

from __future__ import annotations

from followup.answers.answers import Answers, one_of
from followup.effects import AddNote, AlertAgent, CancelReminders, Effect, SetThread
from followup.events import MessageReceived
from followup.kinds import Case
from followup.kinds.late_shipment import CANCEL
from followup.model import Instant, State
from followup.policy import Policy
from followup.politeness import DAY, next_polite, zone_of
from followup.replies import or_a_person, reply, tell
from followup.understood import Intent, Understood

_ASKS = (Intent.WHERE_IS_PARCEL, Intent.DELIVERY_PROMISE, Intent.SHIP_FASTER)
_CANCELS = (Intent.CANCEL, Intent.RETURN_REFUND)


def _to(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    """Who wants no more of it begins an after-sales case; only where there can be none he is answered here."""
    if heard.intent in _CANCELS:
        return [tell("late_cancel", message), *_cancelled(case, message.key, policy, now)]
    if heard.intent not in _ASKS:
        return None
    answer = or_a_person(reply("late.where", case, message.key, policy, now))
    pressed = [tell("late_pressed", message)] if heard.intent is Intent.SHIP_FASTER else []
    return [*answer, *pressed]


def _chose(case: Case, choice: str, policy: Policy, now: Instant) -> list[Effect]:
    """What the answer with the id `choice` calls for; given twice on one day, it is answered once."""
    noted, key = AddNote(f"reason: {choice}"), f"{choice}/{now:%Y-%m-%d}"
    if choice == CANCEL:
        task = AlertAgent("late_cancel", key, {"choice": choice})
        return [noted, task, *_cancelled(case, key, policy, now)]
    return [noted, *or_a_person(reply("late.waits", case, key, policy, now))]


def _cancelled(case: Case, key: str, policy: Policy, now: Instant) -> list[Effect]:
    """A person stops it and gives the money back; the buyer hears by when he is told so (rules 16, 17, 119)."""
    zone = zone_of(case.buyer, policy)
    by = next_polite(now + DAY, zone, policy.quiet).astimezone(zone)
    return [
        *or_a_person(reply("late.cancelling", case, key, policy, now, {"when": by})),
        CancelReminders("cancel_asked", only_words=True),
        SetThread(State.WITH_AGENT, "cancel_asked"),
    ]


LATE_SHIPMENT = Answers(one_of(*_ASKS), _to, _chose)
