"""Goods on their way back, and what is sent in their place (rules 19, 42, 49-56, 59-62)."""

from __future__ import annotations

from followup.effects import Effect
from followup.events import CaseMoved, MessageReceived
from followup.kinds.kind import Case, Step
from followup.model import Instant
from followup.policy import Policy
from followup.understood import Understood

RETURN_STEPS: tuple[Step, ...] = ()


def ask_for_return(_case: Case, _policy: Policy, _now: Instant) -> list[Effect]:
    """Tell the buyer how to send the goods back, who pays and by when his tracking number is due."""
    return []


def hear(
    _case: Case, _message: MessageReceived, _heard: Understood, _policy: Policy, _now: Instant
) -> list[Effect] | None:
    """What a message means to a return under way; None if nothing."""
    return None


def moved(_case: Case, _event: CaseMoved, _policy: Policy) -> list[Effect] | None:
    """What an agent's move means to a return; None if it is none of its moves."""
    return None
