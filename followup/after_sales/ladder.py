"""The order of offers: the smallest kindness that fits this buyer first, money last (rules 75-79)."""

from __future__ import annotations

from dataclasses import dataclass

from followup.after_sales.compensation import Book
from followup.after_sales.model import Loss, Remedy, Stage
from followup.kinds.kind import Case
from followup.model import Money, Segment
from followup.policy import Policy

UNSOOTHED = frozenset((Stage.CONTACT, Stage.VERIFY))
SECOND = {Loss.LEAK: Remedy.GIFT}


@dataclass(frozen=True, slots=True)
class Rung:
    """What to offer next and for how much at most; `remedy` is NONE where kind words come first (rule 79)."""

    remedy: Remedy
    loss: Loss
    most: Money


def book_of(case: Case, policy: Policy) -> Book:
    """The limits of a case, with what was granted in it."""
    return Book(case.facts.order.total, case.grants, policy.compensation)


def rungs(loss: Loss, segment: Segment) -> tuple[Remedy, ...]:
    """The whole ladder for a loss: what costs least first; who came back gets a member's benefit before a coupon."""
    if loss is Loss.FREIGHT:
        return (Remedy.FREIGHT,)
    if loss is Loss.UNUSABLE:
        return (Remedy.REFUND,)
    first = (Remedy.COUPON,) if segment is Segment.NEW else (Remedy.MEMBER_BENEFIT, Remedy.COUPON)
    ladder = (*first, SECOND.get(loss, Remedy.RED_PACKET), Remedy.PARTIAL_REFUND)
    return (Remedy.NONE, *ladder) if loss is Loss.SLOW_COURIER else ladder


def suggest(case: Case, loss: Loss, policy: Policy) -> Rung | None:
    """The next rung for the agent's brief: the first that was not tried for this loss and that the caps leave room
    for; None when the ladder or the money is used up, and a supervisor has to look."""
    book = book_of(case, policy)
    room = Money(book.left(loss), book.price.currency)
    if not room.amount:
        return None
    tried = {grant.remedy for grant in case.grants if grant.loss is loss}
    if tried or (case.sale is not None and case.sale.stage not in UNSOOTHED):
        tried.add(Remedy.NONE)
    found = next((remedy for remedy in rungs(loss, case.thread.segment) if remedy not in tried), None)
    return None if found is None else Rung(found, loss, room)
