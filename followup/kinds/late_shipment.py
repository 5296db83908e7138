"""Paid, not shipped in time: said before the buyer asks, a word every day until it goes (rules 20-22, 26-28, 43)."""

from __future__ import annotations

from datetime import timedelta

from followup.effects import AlertAgent, CancelReminders, Effect, RemindAt, SetThread
from followup.kinds.daily import Daily
from followup.kinds.kind import Case, Kind, Opening, Step, steps
from followup.model import Facts, Instant, ParcelStatus, RefundStatus, Role, State, Status, Thread
from followup.parcels import parcel_words, to_buyer
from followup.policy import Policy
from followup.politeness import zone_of

SETTLE_WITHIN = timedelta(hours=72)
"""By when a shop has settled what it cannot send (rule 27)."""
NEWS_FOR = timedelta(hours=72)
WAIT, CANCEL = "late_wait", "late_cancel"


def is_shipped(facts: Facts) -> bool:
    """Whether the order has left, as far as anybody told: by its status, or by a parcel that somebody saw."""
    order = facts.order
    seen = any(parcel.status is not ParcelStatus.ANNOUNCED for parcel in to_buyer(facts))
    return order.status is not Status.PAID or order.shipped_at is not None or seen


def late_from(facts: Facts, policy: Policy) -> Instant | None:
    """From when on the order is late; None if it was shipped, if nobody would tell so, or if it is being paid back."""
    order = facts.order
    if not order.tells_shipping or is_shipped(facts) or _goes_back(facts):
        return None
    return order.ship_by or (order.paid_at or order.created_at) + policy.late_shipment.ship_within


def _goes_back(facts: Facts) -> bool:
    """Whether the whole price was asked back or paid back: nothing is to be sent any more."""
    asked = (refund for refund in facts.refunds if refund.status is not RefundStatus.WITHDRAWN)
    return any(refund.amount.amount >= facts.order.total.amount for refund in asked)


def _opens(facts: Facts, policy: Policy, now: Instant) -> Opening | None:
    since = late_from(facts, policy)
    if since is None or not since <= now < since + policy.late_shipment.follow_for:
        return None
    return Opening(_matter(facts), since)


def _matter(facts: Facts) -> str:
    """A new date, and a request for the money that was taken back, make it a new matter."""
    due = facts.order.ship_by
    taken_back = (refund.id for refund in facts.refunds if refund.status is RefundStatus.WITHDRAWN)
    return "+".join([f"{due:%Y-%m-%dT%H:%M}" if due else "", *taken_back])


def _looks(facts: Facts, policy: Policy, now: Instant) -> Instant | None:
    since = late_from(facts, policy)
    return since if since is not None and since > now else None


def _settled(_thread: Thread, facts: Facts) -> str:
    order = facts.order
    if order.status not in (Status.PAID, Status.SHIPPED):
        return order.status.value
    if is_shipped(facts):
        return Status.SHIPPED.value
    return "refund_asked" if _goes_back(facts) else ""


def _opening(case: Case, policy: Policy, now: Instant) -> list[Effect]:
    matter, due = case.thread.matter, case.thread.acted_at + SETTLE_WITHIN
    sorry = RemindAt("late.sorry", now, round=matter)
    if now >= due:
        return [*_overdue(case, policy, now, False), sorry]
    task = AlertAgent("late_shipment", matter, _told_agents(case, policy))
    return [task, sorry, RemindAt("late.overdue", due, round=matter)]


def _told_agents(case: Case, policy: Policy) -> dict[str, object]:
    order, since = case.facts.order, case.thread.acted_at
    paid = (order.paid_at or order.created_at).astimezone(policy.zone)
    return {"paid_at": paid, "since": since.astimezone(policy.zone)}


_DAILY = Daily(
    "late.daily", "late_stuck", lambda policy: (policy.late_shipment.daily_every, policy.late_shipment.daily_most)
)


def _refresh(case: Case, _policy: Policy, now: Instant) -> list[Effect]:
    """A new date that has yet to come ends the delay; if it passes too, the delay is a new one."""
    ship_by = case.facts.order.ship_by
    if ship_by is None or ship_by <= now:
        return []
    return [CancelReminders("new_date"), SetThread(State.SETTLED, "new_date")]


def _overdue(case: Case, policy: Policy, _now: Instant, _said: bool) -> list[Effect]:
    return [AlertAgent("late_overdue", case.thread.matter, _told_agents(case, policy))]


def _settling(case: Case, _policy: Policy, now: Instant) -> list[Effect]:
    """It is on its way: told at once. Of one that arrived already, or was given up, there is no such news."""
    if _settled(case.thread, case.facts) != Status.SHIPPED:
        return []
    return [RemindAt("late.shipped", now, now + NEWS_FOR, round=case.thread.matter)]


def _words(case: Case, policy: Policy, now: Instant) -> dict[str, object]:
    return {**_DAILY.words(case, policy, now), **parcel_words(case.facts, zone_of(case.buyer, policy))}


LATE_SHIPMENT = Kind(
    name="late_shipment",
    priority=14,
    opens=_opens,
    settled=_settled,
    opening=_opening,
    refresh=_refresh,
    settling=_settling,
    words=_words,
    steps=steps(
        Step("late.sorry", follows=_DAILY.follows, choices=(WAIT, CANCEL)),
        Step("late.daily", follows=_DAILY.follows),
        Step("late.overdue", Role.SILENT, follows=_overdue),
        Step("late.shipped", Role.NOTICE, after_settled=True, solves=True),
    ),
    looks=_looks,
)
