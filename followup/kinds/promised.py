"""The steps that every kind has: the clock of a promise (rule 119)."""

from __future__ import annotations

from followup.effects import Effect
from followup.kinds.kind import Case, Step, steps
from followup.model import Instant, Role
from followup.policy import Policy
from followup.politeness import zone_of
from followup.promises import DUE, NEAR
from followup.promising import due, next_due, renew, warn


def _near(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    return warn(case.promises, case.buyer, policy, now)


def _no_news(case: Case, policy: Policy, now: Instant, said: bool) -> list[Effect]:
    return renew(case.promises, case.buyer, policy, now) if said else []


def _words(case: Case, policy: Policy, now: Instant) -> dict[str, object]:
    """The next time, and how often it is named by now."""
    up = due(case.promises, case.buyer, policy, now)
    by = next_due(case.promises, case.buyer, policy, now).astimezone(zone_of(case.buyer, policy))
    return {"by": by, "round": 1 + (up[0].round if up else 0)}


PROMISED = steps(
    Step(NEAR, Role.SILENT, follows=_near, after_settled=True),
    Step(DUE, Role.NOTICE, follows=_no_news, after_settled=True, words=_words),
)
