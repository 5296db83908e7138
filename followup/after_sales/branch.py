"""Which procedure a complaint calls for: not received, or received with a fault (rules 40, 41, 58, 64, 67-72)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from followup.after_sales.model import Branch
from followup.after_sales.procedures import PROCEDURES, Need
from followup.model import Facts, Instant, Order, Parcel, ParcelStatus, Status
from followup.policy import Policy
from followup.understood import Intent

FAULTS = frozenset((Intent.DAMAGED, Intent.QUALITY, Intent.MISSING_ITEM, Intent.WRONG_ITEM))
WISHES = frozenset((Intent.CANCEL, Intent.RETURN_REFUND, Intent.EXCHANGE))
AT_THE_DOOR = (ParcelStatus.AT_THE_DOOR, ParcelStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class Course:
    """The procedure of a case, and what it has to find out, in this order."""

    branch: Branch
    needs: tuple[str, ...] = ()


def course(branch: Branch) -> Course:
    """A procedure with all that it asks."""
    return Course(branch, tuple(PROCEDURES[branch].needs))


def course_of(intent: Intent, facts: Facts, policy: Policy, now: Instant, surplus: bool = False) -> Course | None:
    """What the buyer's words call for as the order stands; None leaves it to a person, for nothing is guessed.

    `surplus` says that he got more than he ordered.
    """
    decide = _ROOTS.get(intent)
    if decide is None or facts.order.status in (Status.UNPAID, Status.CLOSED_UNPAID, Status.CLOSED):
        return None
    if intent is Intent.WRONG_ITEM and surplus:
        return course(Branch.SURPLUS_GOODS) if _has_something(facts) else None
    return decide(facts, policy, now)


def outbound(facts: Facts) -> list[Parcel]:
    """The parcels on their way to the buyer."""
    return [parcel for parcel in facts.parcels if not parcel.back]


def on_the_way(facts: Facts) -> list[Parcel]:
    """Those that have not come to an end."""
    return [parcel for parcel in outbound(facts) if not parcel.status.over]


def has_arrived(facts: Facts) -> bool:
    """Whether the whole order was signed for, as far as anybody knows."""
    parcels = outbound(facts)
    if parcels:
        return all(parcel.status is ParcelStatus.SIGNED for parcel in parcels)
    return facts.order.status in (Status.SIGNED, Status.FINISHED)


def has_left(facts: Facts) -> bool:
    """Whether anything of the order was shipped."""
    return bool(outbound(facts)) or facts.order.status in (Status.SHIPPED, Status.SIGNED, Status.FINISHED)


def signed_between(facts: Facts, now: Instant) -> tuple[Instant | None, Instant]:
    """The earliest (None: nobody knows) and the latest moment at which the order can have been signed for."""
    times = [parcel.signed_at for parcel in outbound(facts) if parcel.signed_at is not None]
    if times:
        return max(times), max(times)
    order = facts.order
    shipped = max((parcel.shipped_at for parcel in outbound(facts)), default=order.shipped_at)
    finished = order.closed_at if order.status is Status.FINISHED else None
    return shipped, finished or now


def last_word(order: Order, facts: Facts) -> Instant:
    """When the order last moved: the newer, the likelier it is the one a buyer speaks of."""
    signed = (parcel.signed_at for parcel in outbound(facts))
    known = (order.paid_at, order.shipped_at, order.closed_at, *signed)
    return max((at for at in known if at is not None), default=order.created_at)


def _within(facts: Facts, now: Instant, policy: Policy, quality: bool) -> bool | None:
    """Whether the period still runs; None where the signing is not known well enough to tell."""
    limit = policy.after_sales.quality_within if quality else policy.after_sales.no_reason_within
    earliest, latest = signed_between(facts, now)
    if earliest is not None and now - earliest <= limit:
        return True
    return False if now - latest > limit else None


def _wants_out(facts: Facts, policy: Policy, now: Instant) -> Course | None:
    """He wants his money back and names no fault (rules 41, 42, 64); a refund asked for already goes its own way."""
    if any(refund.status.pending for refund in facts.refunds):
        return None
    if has_arrived(facts):
        return course(Branch.NO_REASON) if _within(facts, now, policy, quality=False) else None
    if has_left(facts):
        return course(Branch.IN_TRANSIT)
    return course(Branch.NOT_SHIPPED) if facts.order.tells_shipping else None


def _exchange(facts: Facts, policy: Policy, now: Instant) -> Course | None:
    in_time = has_arrived(facts) and _within(facts, now, policy, quality=False)
    return course(Branch.EXCHANGE) if in_time else None


def _damaged(facts: Facts, _policy: Policy, _now: Instant) -> Course | None:
    """Whether he signed makes the difference (rules 68, 69); where the courier has not said, the buyer is asked."""
    if has_arrived(facts):
        return course(Branch.DAMAGED_SIGNED)
    if any(parcel.status in AT_THE_DOOR for parcel in outbound(facts)):
        return course(Branch.DAMAGED_UNSIGNED)
    return Course(Branch.DAMAGED_SIGNED, (Need.SIGNED, Need.PHOTOS)) if _has_something(facts) else None


def _quality(facts: Facts, policy: Policy, now: Instant) -> Course | None:
    in_time = _within(facts, now, policy, quality=True) if has_left(facts) else None
    if in_time is None:
        return None
    return course(Branch.QUALITY if in_time else Branch.QUALITY_LATE)


def _missing(facts: Facts, _policy: Policy, _now: Instant) -> Course | None:
    """A part that travels by itself is no missing one (rule 58)."""
    if not _has_something(facts):
        return None
    split = len(outbound(facts)) > 1 and bool(on_the_way(facts))
    return Course(Branch.MISSING_ITEM) if split else course(Branch.MISSING_ITEM)


def _wrong(facts: Facts, _policy: Policy, _now: Instant) -> Course | None:
    return course(Branch.WRONG_GOODS) if _has_something(facts) else None


def _has_something(facts: Facts) -> bool:
    """Whether the buyer can hold goods in his hands; a source that tells nothing of shipping cannot deny it."""
    return has_left(facts) or not facts.order.tells_shipping


_ROOTS: Mapping[Intent, Callable[[Facts, Policy, Instant], Course | None]] = {
    Intent.CANCEL: _wants_out,
    Intent.RETURN_REFUND: _wants_out,
    Intent.EXCHANGE: _exchange,
    Intent.DAMAGED: _damaged,
    Intent.QUALITY: _quality,
    Intent.MISSING_ITEM: _missing,
    Intent.WRONG_ITEM: _wrong,
}
