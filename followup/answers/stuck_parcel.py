"""What the buyer of a stuck parcel is answered: where it was last seen, and what is done about it (rules 23, 38)."""

from __future__ import annotations

from followup.answers.answers import Answers, no_choice, one_of
from followup.effects import Effect
from followup.events import MessageReceived
from followup.kinds import Case
from followup.model import Instant
from followup.policy import Policy
from followup.replies import or_a_person, reply, tell
from followup.understood import Intent, Understood

_ASKS = (Intent.WHERE_IS_PARCEL, Intent.DELIVERY_PROMISE, Intent.SHIP_FASTER)


def _to(case: Case, message: MessageReceived, heard: Understood, policy: Policy, now: Instant) -> list[Effect] | None:
    """The answer is in the facts; who asks for more speed is heard by the person who chases the courier as well."""
    if heard.intent not in _ASKS:
        return None
    answer = or_a_person(reply("stuck.where", case, message.key, policy, now))
    pressed = [tell("stuck_pressed", message)] if heard.intent is Intent.SHIP_FASTER else []
    return [*answer, *pressed]


STUCK_PARCEL = Answers(one_of(*_ASKS), _to, no_choice)
