"""A bad review: a person first, one neutral note after both said it is solved, one more a week later, then closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from followup.decide import decide_opening, decide_order_changed, decide_reminder
from followup.effects import AlertAgent, CancelReminders, Effect, RemindAt, SetThread
from followup.kinds import KINDS
from followup.kinds.review_revision import awaits_confirmation, confirmed
from followup.model import Facts, Rating, State
from followup.policy import Policy, ReviewMode, ReviewPolicy
from tests.followup.makers import NOON, POLICY, SHOP, a_case, a_reminder, a_review, an_order, days, hours

REVIEW = KINDS["review_revision"]


def test_a_person_reads_a_brief_first() -> None:
    """The agent gets the review's own words, and nothing is planned for the buyer."""
    brief = AlertAgent("review_brief", "V1", {"text": "too small"})
    assert [brief, SetThread(State.WITH_AGENT)] == decide_opening(a_case("review_revision"), POLICY, NOON)


@pytest.mark.parametrize(
    ("ratings", "follow_neutral", "matter"),
    [
        ((Rating.GOOD, Rating.REMOVED), True, None),
        ((Rating.NEUTRAL,), False, None),
        ((Rating.NEUTRAL,), True, "V0"),
        ((Rating.BAD, Rating.BAD, Rating.GOOD), False, "V1"),
    ],
)
def test_the_newest_bad_review_is_followed(ratings: tuple[Rating, ...], follow_neutral: bool, matter: str) -> None:
    """Neutral ones only where the shop wants it."""
    policy = Policy(SHOP, review=ReviewPolicy(follow_neutral=follow_neutral))
    reviews = tuple(a_review(NOON + hours(n), id=f"V{n}", rating=rating) for n, rating in enumerate(ratings))
    opening = REVIEW.opens(Facts(an_order(), (), reviews), policy, NOON)
    assert matter == (opening.matter if opening else None)


@pytest.mark.parametrize("rating", [Rating.GOOD, Rating.REMOVED])
def test_a_revised_review_settles_the_matter(rating: Rating) -> None:
    """Revised or removed: nothing more is said, not even thanks."""
    case = a_case("review_revision", reviews=(a_review(rating=rating),), state=State.SOLVED)
    assert [CancelReminders(rating.value), SetThread(State.SETTLED, rating.value)] == decide_order_changed(
        case, POLICY, NOON
    )


def confirm(mode: ReviewMode, state: State = State.SOLVED, kind: str = "review_revision") -> list[Effect]:
    policy = Policy(SHOP, review=ReviewPolicy(mode))
    return confirmed(a_case(kind, state=state), policy, NOON)


@pytest.mark.parametrize("mode", [ReviewMode.INFORM_ONLY, ReviewMode.ASK])
def test_the_note_follows_agent_and_buyer(mode: ReviewMode) -> None:
    """Where it is allowed: one note, at once, worthless after a week."""
    assert [RemindAt("review.note", NOON, NOON + days(7), round="V1")] == confirm(mode)


def test_where_reviews_may_not_be_mentioned_the_thread_ends() -> None:
    """Mode never: a person is told so and nothing is planned."""
    effects = confirm(ReviewMode.NEVER)
    assert [AlertAgent("review_forbidden", "V1"), SetThread(State.CLOSED, "review_revision_never")] == effects


@pytest.mark.parametrize("state", [state for state in State if state is not State.SOLVED])
def test_without_an_agents_solution_there_is_no_note(state: State) -> None:
    """A buyer who says "fine" while nobody solved anything is not asked about the review."""
    assert [] == confirm(ReviewMode.ASK, state)


@pytest.mark.parametrize("kind", ["unpaid_order", "pending_refund"])
def test_only_review_threads_await_a_confirmation(kind: str) -> None:
    """A solved refund or order never leads to a word about reviews."""
    assert [] == confirm(ReviewMode.ASK, kind=kind)
    assert not awaits_confirmation(replace(a_case(kind).thread, state=State.SOLVED))


def test_one_retry_a_week_later_then_closed() -> None:
    """The note plans the retry, the retry closes the thread."""
    case = a_case("review_revision", state=State.SOLVED)
    note = decide_reminder(case, a_reminder(case, "review.note"), POLICY, NOON)
    assert [RemindAt("review.retry", NOON + days(7), NOON + days(14), round="V1")] == note[1:]
    retry = decide_reminder(case, a_reminder(case, "review.retry"), POLICY, NOON + days(7))
    assert [SetThread(State.CLOSED, "asked_twice")] == retry[1:]


def test_a_note_that_cannot_be_said_in_a_week_closes_the_thread() -> None:
    """Nobody is reminded of a review long after the matter."""
    case = a_case("review_revision", state=State.SOLVED)
    late = decide_reminder(case, a_reminder(case, "review.note", expires_at=NOON), POLICY, NOON)
    assert SetThread(State.CLOSED, "note_expired") == late[-1]
