"""The clocks of the platform: what it decides, closes or completes by itself if the shop does nothing."""

from __future__ import annotations

import re
from datetime import timedelta

from followup.after_sales.tracking import awaits_number
from followup.desk.deadlines import Due
from followup.desk.standing import Standing
from followup.desk.ticking import Want, as_it_runs
from followup.kinds.unpaid_order import closes_at
from followup.model import Facts, Instant, Refund, RefundStatus, Status
from followup.policy import Policy

_EXTENDED = re.compile(r"延长|延期|延收|\bextend", re.I)


def says_extended(text: str) -> bool:
    """Whether a person's note says that the transaction was given more time."""
    return _EXTENDED.search(text) is not None


def refund(of: Standing, policy: Policy, now: Instant) -> Want | None:
    """The first of the requests that the platform decides if the shop does not; goods on their way back are the
    buyer's turn."""
    if of.thread.kind != "pending_refund" or of.thread.state.closed:
        return None
    first = min(undecided(of.facts), key=lambda each: (each[0], each[1].id), default=None)
    if first is None or (Due.REFUND not in of.clocks and first[0] <= now):
        return None
    deadline, asked = first
    start = asked.requested_at
    return Want(start, max(start, deadline - policy.refund.alert_before_deadline), deadline, follows=True)


def undecided(facts: Facts | None) -> list[tuple[Instant, Refund]]:
    """The requests that wait for the shop, each with its deadline."""
    pending = (each for each in (facts.refunds if facts else ()) if each.status.pending)
    return [(each.deadline, each) for each in pending if each.deadline and each.status is not RefundStatus.RETURNING]


def return_number(of: Standing, policy: Policy, now: Instant) -> Want | None:
    """The buyer is to name the number of the parcel in which he sends goods back (rule 62)."""
    sale, clock = of.sale, of.clocks.get(Due.RETURN_NUMBER)
    if of.thread.state.closed or sale is None or sale.return_by is None or not awaits_number(sale):
        return None
    if clock is None and sale.return_by <= now:
        return None
    start = clock.started_at if clock else now
    return Want(start, max(start, sale.return_by - policy.after_sales.return_last_before), sale.return_by, follows=True)


def auto_close(of: Standing, policy: Policy, now: Instant) -> Want | None:
    """An unpaid order that somebody took closes by itself (rule 15)."""
    if of.thread.kind != "unpaid_order" or of.thread.state.closed or not of.thread.agent or of.facts is None:
        return None
    order, closes = of.facts.order, closes_at(of.facts.order, policy)
    if order.status is not Status.UNPAID or (Due.AUTO_CLOSE not in of.clocks and closes <= now):
        return None
    risk = max(order.created_at, closes - policy.unpaid.before_close)
    return Want(order.created_at, risk, closes, follows=True)


def extension(of: Standing, policy: Policy, now: Instant) -> Want | None:
    """The order of an open case completes by itself, so many days after its shipping; each time that it was extended
    so much later (rule 55)."""
    if of.thread.kind not in ("after_sales", "stuck_parcel") or of.is_over or of.facts is None:
        return None
    order, clock, figures = of.facts.order, of.clocks.get(Due.EXTENSION), policy.clocks
    if order.status not in (Status.SHIPPED, Status.SIGNED) or order.shipped_at is None:
        return None
    if clock is not None and not of.news.extended:
        return as_it_runs(clock)
    due = clock.due_at if clock else order.shipped_at + figures.completes_after
    due += figures.extension if of.news.extended else timedelta()
    return Want(now, now + (due - now) * float(figures.at_risk), due, afresh=True) if due > now else None


def number_came(of: Standing) -> bool:
    """Whether the goods are on their way back, or here."""
    return of.sale is not None and (bool(of.sale.tracking) or of.sale.arrived_at is not None)


def is_paid(of: Standing) -> bool:
    """Whether an order was paid before it closed."""
    return of.facts is not None and of.facts.order.status not in (Status.UNPAID, Status.CLOSED_UNPAID)
