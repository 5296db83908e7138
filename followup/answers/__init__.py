"""The table of answers: one file for each kind that has its own, one line here."""

from followup.answers.address_check import ADDRESS_CHECK
from followup.answers.after_sales import AFTER_SALES
from followup.answers.answers import Answers, nothing_of_its_own, one_of
from followup.answers.inquiry import INQUIRY
from followup.answers.late_shipment import LATE_SHIPMENT
from followup.answers.review_revision import REVIEW_REVISION
from followup.answers.stuck_parcel import STUCK_PARCEL
from followup.answers.unpaid_order import UNPAID_ORDER
from followup.answers.vip_visit import VIP_VISIT
from followup.understood import Intent

ANSWERS: dict[str, Answers] = {
    "unpaid_order": UNPAID_ORDER,
    "pending_refund": Answers(one_of(Intent.REFUND_STATUS), nothing_of_its_own),
    "review_revision": REVIEW_REVISION,
    "inquiry": INQUIRY,
    "vip_visit": VIP_VISIT,
    "after_sales": AFTER_SALES,
    "late_shipment": LATE_SHIPMENT,
    "stuck_parcel": STUCK_PARCEL,
    "address_check": ADDRESS_CHECK,
}
PLAIN = Answers(one_of(), nothing_of_its_own)


def answers_of(kind: str) -> Answers:
    """How a kind answers its buyers."""
    return ANSWERS.get(kind, PLAIN)


__all__ = ["ANSWERS", "Answers", "answers_of"]
