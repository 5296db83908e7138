"""A paid order is confirmed before it goes, and a region that no courier serves is seen to (rules 3, 4, 29, 35)."""

from __future__ import annotations

from followup.effects import AlertAgent, CancelReminders, Effect, RemindAt, SetThread
from followup.kinds.kind import Case, Kind, Opening, Step, steps
from followup.kinds.late_shipment import is_shipped
from followup.model import Facts, Instant, Order, Role, Segment, State, Status, Thread, Verdict
from followup.policy import AddressCheck, Policy

RIGHT, CHANGE = "address_right", "address_change"
UNSERVED = "unserved"
LONGEST_REGION = 24


def region_of(order: Order) -> str:
    """The region as it may be said to anybody: never a street, a house or a telephone."""
    region = order.region.strip()
    is_plain = len(region) <= LONGEST_REGION and not any(char.isdigit() for char in region)
    return region if is_plain else ""


def is_unserved(order: Order, policy: Policy) -> bool:
    """Whether the usual courier does not go there."""
    return any(name and name in order.region for name in policy.address.unserved)


def _opens(facts: Facts, policy: Policy, now: Instant) -> Opening | None:
    order = facts.order
    if order.status is not Status.PAID or order.paid_at is None or is_shipped(facts):
        return None
    if is_unserved(order, policy):
        return Opening(UNSERVED, order.paid_at) if now < _ships_by(order, policy) else None
    if policy.address.check is AddressCheck.OFF or now >= order.paid_at + policy.address.expires_after:
        return None
    return Opening("", order.paid_at)


def _ships_by(order: Order, policy: Policy) -> Instant:
    """By when it should have gone, after which an answer comes too late."""
    return order.ship_by or (order.paid_at or order.created_at) + policy.late_shipment.ship_within


def _settled(_thread: Thread, facts: Facts) -> str:
    if facts.order.status is not Status.PAID:
        return facts.order.status.value
    return Status.SHIPPED.value if is_shipped(facts) else ""


def _opening(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    order, matter = case.facts.order, case.thread.matter
    if matter == UNSERVED:
        task = AlertAgent("unserved_region", matter, {"region": region_of(order)})
        return [task, RemindAt("address.unserved", now, _ships_by(order, policy), round=matter)]
    is_known = case.thread.segment is Segment.RETURNING
    if is_known and policy.address.check is AddressCheck.NEW_BUYERS:
        return [SetThread(State.CLOSED, "known_buyer")]
    over = (order.paid_at or now) + policy.address.expires_after
    return [RemindAt("address.check", now), RemindAt("address.over", over, round="asked")]


def _over(case: Case, policy: Policy, now: Instant, _said: bool) -> list[Effect]:
    """Too late to ask. Who was asked may answer until the order should go."""
    if case.thread.state is not State.OPEN:
        return []
    until = _ships_by(case.facts.order, policy)
    if case.thread.touches and now < until:
        return [RemindAt("address.over", until, round="answered")]
    return [CancelReminders("not_answered", verdict=Verdict.EXPIRED), SetThread(State.CLOSED, "not_answered")]


def _words(case: Case, _policy: Policy, _now: Instant) -> dict[str, object]:
    return {"region": region_of(case.facts.order), "amount": case.facts.order.total}


ADDRESS_CHECK = Kind(
    name="address_check",
    priority=22,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=lambda _case, _policy, _now: [],
    settling=lambda _case, _policy, _now: [],
    words=_words,
    steps=steps(
        Step("address.check", Role.NOTICE, choices=(RIGHT, CHANGE), patient=True),
        Step("address.unserved"),
        Step("address.over", Role.SILENT, follows=_over),
    ),
)
