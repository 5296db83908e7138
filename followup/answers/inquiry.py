"""What is answered to who asked and has not ordered (rule 1)."""

from __future__ import annotations

from followup.answers.answers import Answers, one_of
from followup.effects import AddNote, CancelReminders, Effect, SetThread
from followup.events import MessageReceived
from followup.kinds import Case
from followup.model import Instant, State
from followup.policy import Policy
from followup.replies import declined, or_a_person, reply
from followup.understood import Intent, Understood

ASKS = (Intent.PRODUCT_QUESTION, Intent.PRICE, Intent.SIZE_SPEC, Intent.DELIVERY_PROMISE)


def _to(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    match heard.intent:
        case Intent.DECLINED | Intent.CANCEL:
            dropped = or_a_person(reply("inquiry.dropped", case, message.key, policy, now))
            return [*dropped, *declined(), AddNote("buyer declined")]
        case Intent.LATER:
            noted = or_a_person(reply("inquiry.no_hurry", case, message.key, policy, now))
            return [*noted, CancelReminders("later"), SetThread(State.CLOSED, "later")]
        case _:
            return None


INQUIRY = Answers(one_of(*ASKS, Intent.DECLINED, Intent.CANCEL, Intent.LATER), _to)
