"""Which scripts an agent is shown beside a message: the best three, by what it may mean and by its thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, zip_longest

from followup.after_sales.model import Branch
from followup.understood import Intent, Understood

MOST = 3
LEAST = 0.05  # less likely than this, an intent helps nobody to choose

SUITS: Mapping[Intent, tuple[str, ...]] = {
    Intent.STOP: ("desk.goodbye",),
    Intent.HUMAN: ("desk.opening", "desk.offline"),
    Intent.PAID: ("desk.payment_checked", "desk.closing"),
    Intent.DECLINED: ("desk.no_hurry", "desk.closing"),
    Intent.CANCEL: ("desk.cancel_paid", "desk.refund_before_shipping"),
    Intent.LATER: ("desk.no_hurry",),
    Intent.CANNOT_PAY: ("desk.payment_trouble", "desk.friend_pays"),
    Intent.CONFIRMED: ("desk.closing",),
    Intent.REFUND_STATUS: ("desk.refund_under_way", "desk.refund_steps", "desk.refund_before_shipping"),
    Intent.RETURN_REFUND: ("desk.refund_steps", "desk.return_condition", "desk.return_number"),
    Intent.EXCHANGE: ("desk.exchange", "desk.price_difference", "desk.sizing"),
    Intent.WHERE_IS_PARCEL: ("desk.parcel_checked", "desk.delivery_estimate"),
    Intent.SHIP_FASTER: ("desk.rush", "desk.delivery_estimate", "desk.stock_out"),
    Intent.DELIVERY_PROMISE: ("desk.delivery_estimate", "desk.courier", "desk.courier_out_of_range"),
    Intent.DAMAGED: ("desk.photos", "desk.at_the_door"),
    Intent.QUALITY: ("desk.photos", "desk.listen"),
    Intent.MISSING_ITEM: ("desk.missing", "desk.photos"),
    Intent.WRONG_ITEM: ("desk.wrong_goods", "desk.photos"),
    Intent.SIZE_SPEC: ("desk.sizing", "desk.details"),
    Intent.INVOICE: ("desk.invoice", "desk.invoice_details"),
    Intent.CHANGE_ADDRESS: ("desk.address_before", "desk.address_after"),
    Intent.PRICE: ("desk.bargaining", "desk.price_difference", "desk.promotion"),
    Intent.COMPENSATION: ("desk.listen", "desk.consult"),
    Intent.COMPLAINT: ("desk.listen", "desk.consult", "desk.limits"),
    Intent.BAD_REVIEW_THREAT: ("desk.listen", "desk.consult", "desk.limits"),
    Intent.REVISE_AGREED: ("desk.review_thanks",),
    Intent.REVISE_DECLINED: ("desk.review_respected",),
    Intent.PRAISE: ("desk.thanks", "desk.closing"),
    Intent.THANKS: ("desk.closing", "desk.thanks"),
    Intent.ACKNOWLEDGEMENT: ("desk.closing",),
    Intent.GREETING: ("desk.opening", "desk.offline"),
    Intent.PRODUCT_QUESTION: ("desk.details", "desk.similar", "desk.stock_out"),
    Intent.OTHER: ("desk.ask_more", "desk.consult", "desk.offline"),
}
"""What an agent may answer to each intent, the most useful first."""

OF_KIND: Mapping[str, tuple[str, ...]] = {
    "unpaid_order": ("desk.payment_trouble", "desk.no_hurry"),
    "pending_refund": ("desk.refund_under_way", "desk.refund_steps"),
    "review_revision": ("desk.listen", "desk.consult"),
    "review_follow_up": ("desk.listen", "desk.consult"),
    "after_sales": ("desk.listen", "desk.photos"),
    "late_shipment": ("desk.rush", "desk.delivery_estimate"),
    "stuck_parcel": ("desk.parcel_checked", "desk.consult"),
    "address_check": ("desk.address_before",),
    "inquiry": ("desk.details", "desk.sizing"),
    "vip_visit": ("desk.ask_more", "desk.closing"),
}
"""What suits a thread of each kind when a message tells nothing."""

OF_BRANCH: Mapping[Branch, tuple[str, ...]] = {
    Branch.NOT_SHIPPED: ("desk.refund_before_shipping", "desk.cancel_paid"),
    Branch.IN_TRANSIT: ("desk.parcel_checked", "desk.delivery_estimate"),
    Branch.DAMAGED_UNSIGNED: ("desk.at_the_door", "desk.listen"),
    Branch.DAMAGED_SIGNED: ("desk.photos", "desk.listen"),
    Branch.MISSING_ITEM: ("desk.missing", "desk.photos"),
    Branch.WRONG_GOODS: ("desk.wrong_goods", "desk.photos"),
    Branch.SURPLUS_GOODS: ("desk.wrong_goods", "desk.photos"),
    Branch.QUALITY: ("desk.photos", "desk.listen"),
    Branch.QUALITY_LATE: ("desk.consult", "desk.photos"),
    Branch.NO_REASON: ("desk.return_condition", "desk.return_number"),
    Branch.EXCHANGE: ("desk.exchange", "desk.price_difference"),
    Branch.UNINVITED: ("desk.address_not_found", "desk.extra_freight"),
    Branch.RECALLED: ("desk.parcel_checked", "desk.consult"),
}
"""What suits an after-sales case in each procedure."""


def suggested(heard: Understood, kind: str = "") -> tuple[str, ...]:
    """The ids of the three scripts that suit a message best, the best first: of each of its likeliest intents the first
    script, then their second ones, then what suits the thread's kind."""
    found = chain(_by_turns(_likeliest(heard)), OF_KIND.get(kind, ()), SUITS[Intent.OTHER])
    return tuple(dict.fromkeys(found))[:MOST]


def fitting(kind: str, branch: Branch | None = None) -> tuple[str, ...]:
    """The ids of the scripts that suit a thread of that kind, the best first; of a case those of its procedure."""
    of_branch = OF_BRANCH.get(branch, ()) if branch else ()
    return tuple(dict.fromkeys((*of_branch, *OF_KIND.get(kind, SUITS[Intent.OTHER]))))


def _likeliest(heard: Understood) -> list[Intent]:
    likely = [each.intent for each in heard.candidates[:MOST] if each.score >= LEAST] or [heard.intent]
    return [intent for intent in likely if intent in SUITS and intent is not Intent.OTHER]


def _by_turns(intents: list[Intent]) -> Iterator[str]:
    """The first scripts of all the intents, then the second ones, and so on."""
    for turn in zip_longest(*(SUITS[intent] for intent in intents)):
        yield from (script for script in turn if script)
