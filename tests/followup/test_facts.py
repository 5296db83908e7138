"""Facts arrive late, twice, out of order and with clocks that run backwards; what is settled stays settled."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.events import OrderChanged
from followup.facts import merge
from followup.model import Facts, Rating, RefundStatus, Status
from tests.followup.makers import NOON, a_refund, a_review, an_order, hours

LIVES = (
    (Status.UNPAID, Status.PAID, Status.SHIPPED, Status.SIGNED, Status.FINISHED),
    (Status.UNPAID, Status.PAID, Status.CLOSED),
    (Status.UNPAID, Status.PAID, Status.SHIPPED, Status.CLOSED),
    (Status.UNPAID, Status.CLOSED_UNPAID),
    (Status.UNPAID, Status.CLOSED_UNPAID, Status.PAID),
)
REFUND_LIVES = (
    (RefundStatus.REQUESTED, RefundStatus.RETURNING, RefundStatus.PAID_BACK),
    (RefundStatus.REQUESTED, RefundStatus.REFUSED, RefundStatus.REQUESTED, RefundStatus.PAID_BACK),
    (RefundStatus.REQUESTED, RefundStatus.WITHDRAWN),
    (RefundStatus.REQUESTED, RefundStatus.REFUSED),
)
REVIEW_LIVES = (
    (Rating.BAD, Rating.REMOVED),
    (Rating.BAD, Rating.NEUTRAL, Rating.GOOD),
    (Rating.GOOD, Rating.BAD, Rating.GOOD),
)
FURTHEST = [
    Status.UNPAID,
    Status.CLOSED_UNPAID,
    Status.PAID,
    Status.SHIPPED,
    Status.SIGNED,
    Status.FINISHED,
    Status.CLOSED,
]

clocks = st.integers(-200, 200).map(lambda count: NOON + hours(count))


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[OrderChanged], list[OrderChanged]]:
    """What sources tell of one order's life, in two orders, each with repeats; observed by clocks that may go back."""
    events = []
    refund_ids = draw(st.sampled_from([(), ("R1",), ("R1", "R2")]))
    lives = {id_: draw(st.sampled_from(REFUND_LIVES)) for id_ in refund_ids}
    for status in draw(st.sampled_from(LIVES)):
        paid_at = NOON if FURTHEST.index(status) >= 2 else None
        seen = draw(clocks)
        events.append(OrderChanged(an_order(NOON, status=status, paid_at=paid_at, observed_at=seen)))
    order = an_order(NOON)
    for id_, life in lives.items():
        for status in life:
            seen = draw(clocks)
            settled_at = None if status.pending else NOON + hours(9)
            refund = a_refund(id=id_, status=status, observed_at=seen, settled_at=settled_at)
            events.append(OrderChanged(replace(order, observed_at=seen), (refund,)))
    for rating in draw(st.sampled_from(REVIEW_LIVES)):
        seen = draw(clocks)
        review = a_review(rating=rating, observed_at=seen)
        events.append(OrderChanged(replace(order, observed_at=seen), (), (review,)))
    repeats = st.lists(st.sampled_from(events), max_size=4)
    first = draw(st.permutations([*events, *draw(repeats)]))
    return first, draw(st.permutations([*events, *draw(repeats)]))


def joined(events: list[OrderChanged]) -> Facts:
    facts = reduce(merge, events, None)
    assert facts is not None
    return facts


def settled(facts: Facts) -> tuple[object, ...]:
    """The part that decides whether a matter is over: status, refunds no longer pending, removed reviews."""
    refunds = {refund.id: refund.status for refund in facts.refunds if not refund.status.pending}
    return facts.order.status, facts.order.paid_at, refunds, {r.id for r in facts.reviews if r.rating is Rating.REMOVED}


@given(tellings())
def test_what_is_settled_does_not_depend_on_the_order_of_arrival(
    told: tuple[list[OrderChanged], list[OrderChanged]],
) -> None:
    """Any two tellings of one life, however shuffled and repeated, settle the same."""
    first, second = told
    assert settled(joined(first)) == settled(joined(second))


@given(tellings())
def test_an_order_is_as_far_as_anybody_saw_it(told: tuple[list[OrderChanged], list[OrderChanged]]) -> None:
    """The status is the furthest ever told, whatever was told last."""
    events, _ = told
    furthest = max(FURTHEST.index(event.order.status) for event in events)
    assert FURTHEST[furthest] == joined(events).order.status


@given(tellings())
def test_nothing_settled_is_ever_taken_back(told: tuple[list[OrderChanged], list[OrderChanged]]) -> None:
    """After every fact: no status has gone back, no settled refund is pending, no removed review is there."""
    facts: Facts | None = None
    for event in told[0]:
        before, facts = facts, merge(facts, event)
        if before is None:
            continue
        assert FURTHEST.index(facts.order.status) >= FURTHEST.index(before.order.status)
        assert {r.id for r in before.refunds if not r.status.pending} <= {
            r.id for r in facts.refunds if not r.status.pending
        }
        assert {r.id for r in before.reviews if r.rating is Rating.REMOVED} <= {
            r.id for r in facts.reviews if r.rating is Rating.REMOVED
        }


@given(tellings())
def test_joining_is_idempotent(told: tuple[list[OrderChanged], list[OrderChanged]]) -> None:
    """A fact that was joined just now changes nothing when it comes again."""
    facts: Facts | None = None
    for event in told[0]:
        facts = merge(facts, event)
        assert facts == merge(facts, event)


@given(tellings())
def test_the_newest_review_counts(told: tuple[list[OrderChanged], list[OrderChanged]]) -> None:
    """A review that may turn good and bad again is what the latest observation says, in any order of arrival."""
    events, _ = told
    seen = [review for event in events for review in event.reviews]
    newest = max(review.observed_at for review in seen)
    ratings = {review.rating for review in seen if review.observed_at == newest}
    found = joined(events).reviews[0].rating
    assert found in ratings | ({Rating.REMOVED} if any(r.rating is Rating.REMOVED for r in seen) else set())


def test_a_repeat_seen_later_is_no_change() -> None:
    """An export made again, of an order that did not change, gives the very facts that were known."""
    order = an_order()
    facts = joined([OrderChanged(order, (a_refund(),))])
    later = replace(order, observed_at=NOON + hours(5))
    refund = a_refund(observed_at=NOON + hours(5))
    assert facts == merge(facts, OrderChanged(later, (refund,)))


def test_a_review_seen_good_again_later_is_not_reopened_by_an_old_bad_one() -> None:
    """Good, later good again, and only then the news that it was bad in between: it is good."""
    told = [(Rating.GOOD, 1), (Rating.GOOD, 3), (Rating.BAD, 2)]
    events = [
        OrderChanged(an_order(), (), (a_review(rating=rating, observed_at=NOON + hours(hour)),))
        for rating, hour in told
    ]
    assert Rating.GOOD == joined(events).reviews[0].rating


def test_dates_once_known_are_not_forgotten() -> None:
    """A newer source that tells less takes nothing away."""
    known = an_order(auto_close_at=NOON + hours(72), paid_at=NOON, status=Status.PAID, region="Yunnan")
    bare = an_order(observed_at=NOON + hours(1), goods="", buyer_name="")
    assert replace(known, observed_at=NOON + hours(1)) == joined([OrderChanged(known), OrderChanged(bare)]).order


@pytest.mark.parametrize("late", [False, True])
def test_a_deadline_is_the_newest_one_told(late: bool) -> None:
    """A platform may move a deadline; what counts is when it was seen, not when it arrived."""
    old, new = (
        OrderChanged(an_order(), (a_refund(deadline=NOON + hours(due), observed_at=NOON + hours(seen)),))
        for due, seen in ((48, 0), (96, 1))
    )
    facts = joined([new, old] if late else [old, new])
    assert NOON + hours(96) == facts.refunds[0].deadline


def test_refunds_and_reviews_are_joined_by_their_ids() -> None:
    """One event may tell of several, and of one twice."""
    event = OrderChanged(
        an_order(),
        (a_refund(), a_refund(id="R2"), a_refund(status=RefundStatus.PAID_BACK, observed_at=NOON - hours(1))),
        (a_review(), a_review(id="V2")),
    )
    facts = joined([event])
    assert [("R1", RefundStatus.PAID_BACK), ("R2", RefundStatus.REQUESTED)] == [(r.id, r.status) for r in facts.refunds]
    assert ["V1", "V2"] == [review.id for review in facts.reviews]


@pytest.mark.parametrize(
    ("tails", "kept"), [(("1234", ""), "1234"), (("", "1234"), "1234"), (("1234", "5678"), "5678")]
)
def test_the_digits_of_a_phone_are_not_forgotten(tails: tuple[str, str], kept: str) -> None:
    """A source without the number leaves it, a newer number replaces it."""
    first, second = (
        OrderChanged(an_order(NOON, phone_tail=tail, observed_at=NOON + hours(n))) for n, tail in enumerate(tails)
    )
    assert kept == merge(merge(None, first), second).order.phone_tail
