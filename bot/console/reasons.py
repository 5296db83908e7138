"""Why something waits or does not go, in words without any id."""

from __future__ import annotations

from datetime import tzinfo

from bot.desk import Words
from bot.why import Judged
from followup.model import Decision


def why(decision: Decision, zone: tzinfo, names: Words) -> str:
    """Each check that stood in the way, in one sentence; "" if none did."""
    judged = Judged(zone, names)
    return names("also").join(judged.check(reason, "failed") for reason in decision.reasons if not reason.passed)
