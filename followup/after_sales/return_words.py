"""What the words about goods on their way may say."""

from __future__ import annotations

from datetime import timedelta

from followup.after_sales.freight import Freight, advanced, freight
from followup.after_sales.model import AfterSale, Branch, Payer, Remedy
from followup.kinds.kind import Case
from followup.model import Facts, Instant, RefundStatus, Status
from followup.policy import Policy
from followup.politeness import zone_of

YES = "yes"
_NO_FAULT = (Branch.NO_REASON, Branch.EXCHANGE)


def freight_of(sale: AfterSale) -> Freight:
    """Who pays freight in this case, and why; goods that are swapped for no fault are an exchange (rule 53)."""
    swapped = sale.remedy is Remedy.EXCHANGE and sale.branch in _NO_FAULT
    return freight(Branch.EXCHANGE if swapped else sale.branch, sale.cause, sale.remedy)


def has_page(case: Case) -> bool:
    """Whether the platform has a page for this return, which shows where to send the goods."""
    return any(refund.status in (RefundStatus.REQUESTED, RefundStatus.RETURNING) for refund in case.facts.refunds)


def is_extended(facts: Facts) -> bool:
    """Whether the order is given more time before it completes by itself (rule 55)."""
    return facts.order.status in (Status.PAID, Status.SHIPPED, Status.SIGNED)


def return_words(case: Case, policy: Policy, now: Instant) -> dict[str, object]:
    """The facts of all scripts about returned, exchanged, recalled and reissued goods; empty without a case.

    `days` counts what is left until the tracking number is due, so that each reminder has words of its own.
    """
    sale, zone = case.sale, zone_of(case.buyer, policy)
    if sale is None:
        return {}
    paid = freight_of(sale)
    facts: dict[str, object] = {
        "why": paid.reason,
        **advanced(paid, policy.compensation, case.facts.order.total.currency),
        "ours": YES if paid.back is Payer.SHOP else "",
        "pays": YES if sale.payer is Payer.BUYER else "",
        "page": YES if has_page(case) else "",
        "tracking": sale.tracking,
        "reissued": sale.reissued,
        "extends": YES if is_extended(case.facts) else "",
        "answer_by": (now + policy.after_sales.answer_within).astimezone(zone),
        "next_word": (now + policy.after_sales.return_within).astimezone(zone),
    }
    if sale.return_by is None:
        return facts
    send_by, here = sale.return_by.astimezone(zone), now.astimezone(zone)
    # By the clock on the buyer's wall: a night of changing clocks has an hour less, and no day.
    left = max(timedelta(), send_by.replace(tzinfo=None) - here.replace(tzinfo=None))
    return {**facts, "send_by": send_by, "left": left, "days": max(0, (send_by.date() - here.date()).days)}
