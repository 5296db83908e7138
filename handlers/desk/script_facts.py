"""What scripts may say of a thread when a person picks one: all that is known of its order, refund, parcel and case."""

from __future__ import annotations

from followup.after_sales.compensation import TOLD
from followup.after_sales.model import Grant
from followup.after_sales.offers import SCRIPTS
from followup.kinds import KINDS, Case
from followup.model import Instant, Refund, RefundStatus, Status, Thread
from followup.parcels import parcel_words
from followup.policy import Policy
from followup.politeness import zone_of
from followup.replies import words_of
from handlers.deps import Deps
from handlers.money_said import case_beside
from handlers.order_changed import case_of
from scripts_library.catalogue import load_catalogue
from store.tx import Tx

OF_REFUND = ("common.refund_", "refund.")


def script_facts(script: str, thread: Thread, tx: Tx, deps: Deps, now: Instant) -> dict[str, object]:
    """The facts of a script in a thread; in a chat in which nothing is followed up only the buyer's name."""
    buyer, policy = tx.buyer(thread.shop, thread.buyer), deps.policy(thread.shop)
    facts = tx.facts_of(thread) if thread.kind else None
    if facts is None:
        return {"buyer": buyer.name}
    case, zone = case_of(thread, facts, tx, deps), zone_of(buyer, policy)
    told: dict[str, object] = {"amount": facts.order.total, "region": facts.order.region}
    told |= {**parcel_words(facts, zone), "by": (now + policy.after_sales.answer_within).astimezone(zone)}
    told |= words_of(case, policy, now)
    if script.startswith(OF_REFUND):
        told |= _of_refund(case, policy, now)
    if load_catalogue()[script].grants:
        grant = covering(script, thread, tx)
        told |= {"amount": grant.amount if grant else None}
    step = KINDS[thread.kind].steps.get(script)
    return {**told, **step.words(case, policy, now)} if step else told


def covering(script: str, thread: Thread, tx: Tx) -> Grant | None:
    """The newest compensation of the order that these words tell of and that may be told (rules 10, 75)."""
    grants = (each for each in tx.grants_of(case_beside(thread.id)) if each.state in TOLD)
    return max(
        (each for each in grants if SCRIPTS.get(each.remedy) == script or script == "offer.enter_refund"),
        key=lambda each: (each.asked_at, each.id),
        default=None,
    )


def _of_refund(case: Case, policy: Policy, now: Instant) -> dict[str, object]:
    """The refund that the thread is about, else the one that is pending, else the last."""
    zone = zone_of(case.buyer, policy)
    refund = max(case.facts.refunds, key=lambda each: _near(each, case), default=None)
    if refund is None:
        return {"amount": None}
    at = refund.settled_at if refund.status is RefundStatus.PAID_BACK else refund.requested_at
    deadline = refund.deadline if refund.deadline and refund.deadline > now else None
    return {
        "amount": refund.amount,
        "at": at.astimezone(zone) if at else None,
        "deadline": deadline.astimezone(zone) if deadline else None,
        "before_shipping": "yes" if case.facts.order.status is Status.PAID else "",
    }


def _near(refund: Refund, case: Case) -> tuple[object, ...]:
    return refund.id == case.thread.matter, refund.status.pending, refund.requested_at, refund.id
