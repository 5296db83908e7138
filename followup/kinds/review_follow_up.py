"""A follow-up review that is not bad: a person reads it soon, the buyer is not written to (rules 91, 93)."""

from __future__ import annotations

from followup.effects import AlertAgent, Effect, SetThread
from followup.kinds.kind import Case, Kind, Opening
from followup.kinds.review_revision import is_bad
from followup.model import Facts, Instant, Rating, Review, State, Thread
from followup.policy import Policy


def _follow_ups(facts: Facts, policy: Policy) -> list[Review]:
    """Those added to an earlier review; a bad one is a bad review like any other."""
    added = [review for review in facts.reviews if review.follows and review.rating is not Rating.REMOVED]
    return [review for review in added if not is_bad(review, policy)]


def _opens(facts: Facts, policy: Policy, _now: Instant) -> Opening | None:
    found = _follow_ups(facts, policy)
    if not found:
        return None
    latest = max(found, key=lambda review: review.created_at)
    return Opening(latest.id, latest.created_at)


def _settled(_thread: Thread, _facts: Facts) -> str:
    return "read"


def _opening(case: Case, policy: Policy, _now: Instant) -> list[Effect]:
    told = [AlertAgent("review_follow_up", each.id, {"text": each.text}) for each in _follow_ups(case.facts, policy)]
    return [*told, SetThread(State.SETTLED, "read")]


REVIEW_FOLLOW_UP = Kind(
    name="review_follow_up",
    priority=90,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=lambda _case, _policy, _now: [],
    settling=lambda _case, _policy, _now: [],
    words=lambda _case, _policy, _now: {},
)
