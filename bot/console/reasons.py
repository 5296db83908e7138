"""Why something waits or does not go, in words without any id."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

from bot.desk import Words
from bot.why import Judged
from followup.kinds import STEPS
from followup.model import Decision, Reason


def why(decision: Decision, zone: tzinfo, names: Words) -> str:
    """Each check that stood in the way, in one sentence; "" if none did."""
    judged = Judged(zone, names)
    failed = (_named(reason, names) for reason in decision.reasons if not reason.passed)
    return names("also").join(judged.check(reason, "failed") for reason in failed)


def _named(reason: Reason, names: Words) -> Reason:
    """A message that is told of is called by its step."""
    facts = tuple((name, _step(value, names) if name == "by" else value) for name, value in reason.facts)
    return replace(reason, facts=facts)


def _step(message: str, names: Words) -> str:
    """What the step of a message is called, which stands in its id."""
    return next((names.step(part) for part in reversed(message.split("/")) if part in STEPS), message)
