"""What each kind answers when its buyer writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from followup.effects import Effect
from followup.events import MessageReceived
from followup.kinds import Case
from followup.model import Instant, Thread
from followup.policy import Policy
from followup.understood import Intent, Understood

Answer = Callable[[Case, MessageReceived, Understood, Policy, Instant], list[Effect] | None]
Choose = Callable[[Case, str, Policy, Instant], list[Effect]]


def no_choice(_case: Case, _choice: str, _policy: Policy, _now: Instant) -> list[Effect]:
    """This kind offers no answers to choose from."""
    return []


@dataclass(frozen=True, slots=True)
class Answers:
    """How a kind answers: `means` tells whether an intent speaks of such a thread, `to` answers a message (None leaves
    it to what all kinds have in common), `chose` answers one of the choices that the kind's steps offer."""

    means: Callable[[Intent, Thread], bool]
    to: Answer
    chose: Choose = no_choice


def one_of(*intents: Intent) -> Callable[[Intent, Thread], bool]:
    """Whether an intent is among these."""
    found = frozenset(intents)
    return lambda intent, _thread: intent in found


def nothing_of_its_own(
    _case: Case, _message: MessageReceived, _heard: Understood, _policy: Policy, _now: Instant
) -> list[Effect] | None:
    """This kind answers as all do."""
    return None
