"""A bad review: a person first; one neutral note only after the buyer said the matter is solved (rules 84–87)."""

from __future__ import annotations

from followup.effects import AlertAgent, Effect, RemindAt, SetThread
from followup.kinds.kind import Case, Kind, Opening, Step, steps
from followup.model import Facts, Instant, Rating, Review, State, Thread
from followup.policy import Policy, ReviewMode


def review_of(thread: Thread, facts: Facts) -> Review | None:
    """The review that the thread is about."""
    return next((review for review in facts.reviews if review.id == thread.matter), None)


def _opens(facts: Facts, policy: Policy, _now: Instant) -> Opening | None:
    bad = [review for review in facts.reviews if is_bad(review, policy)]
    if not bad:
        return None
    latest = max(bad, key=lambda review: review.created_at)
    return Opening(latest.id, latest.created_at)


def is_bad(review: Review, policy: Policy) -> bool:
    """Whether the shop follows up such a rating."""
    followed = {Rating.BAD, Rating.NEUTRAL} if policy.review.follow_neutral else {Rating.BAD}
    return review.rating in followed


def _settled(thread: Thread, facts: Facts) -> str:
    review = review_of(thread, facts)
    return review.rating.value if review and review.rating in (Rating.GOOD, Rating.REMOVED) else ""


def _opening(case: Case, _policy: Policy, _now: Instant) -> list[Effect]:
    review = review_of(case.thread, case.facts)
    brief = AlertAgent("review_brief", case.thread.matter, {"text": review.text if review else ""})
    return [brief, SetThread(State.WITH_AGENT)]


def awaits_confirmation(thread: Thread) -> bool:
    """Whether an agent said that the matter of a review is solved, so that the buyer's word is what is missing."""
    return thread.kind == REVIEW_REVISION.name and thread.state is State.SOLVED


def confirmed(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    """What follows when the buyer confirms that the matter is solved; only after an agent said so too."""
    if not awaits_confirmation(case.thread):
        return []
    if policy.review.mode is ReviewMode.NEVER:
        return [AlertAgent("review_forbidden", case.thread.matter), SetThread(State.CLOSED, "review_revision_never")]
    return [RemindAt("review.note", now, now + policy.review.note_expires_after, round=case.thread.matter)]


def _then_retry(case: Case, policy: Policy, now: Instant, said: bool) -> list[Effect]:
    if not said:
        return [SetThread(State.CLOSED, "note_expired")]
    due = now + policy.review.retry_after
    return [RemindAt("review.retry", due, due + policy.review.note_expires_after, round=case.thread.matter)]


def _close(_case: Case, _policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    return [SetThread(State.CLOSED, "asked_twice")]


REVIEW_REVISION = Kind(
    name="review_revision",
    priority=40,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=lambda _case, _policy, _now: [],
    settling=lambda _case, _policy, _now: [],
    words=lambda _case, _policy, _now: {},
    steps=steps(
        Step("review.note", follows=_then_retry, about_review=True),
        Step("review.retry", follows=_close, about_review=True),
    ),
)
