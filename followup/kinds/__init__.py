"""The table of kinds: one file each, one line here."""

from dataclasses import replace

from followup.kinds.address_check import ADDRESS_CHECK
from followup.kinds.after_sales import AFTER_SALES
from followup.kinds.inquiry import INQUIRY
from followup.kinds.kind import Case, Kind, Opening, Step
from followup.kinds.late_shipment import LATE_SHIPMENT
from followup.kinds.pending_refund import PENDING_REFUND
from followup.kinds.promised import PROMISED
from followup.kinds.review_follow_up import REVIEW_FOLLOW_UP
from followup.kinds.review_revision import REVIEW_REVISION
from followup.kinds.stuck_parcel import STUCK_PARCEL
from followup.kinds.unpaid_order import UNPAID_ORDER
from followup.kinds.vip_visit import VIP_VISIT

_KINDS = (
    PENDING_REFUND,
    UNPAID_ORDER,
    REVIEW_REVISION,
    REVIEW_FOLLOW_UP,
    INQUIRY,
    VIP_VISIT,
    AFTER_SALES,
    LATE_SHIPMENT,
    STUCK_PARCEL,
    ADDRESS_CHECK,
)
KINDS: dict[str, Kind] = {kind.name: replace(kind, steps={**kind.steps, **PROMISED}) for kind in _KINDS}
STEPS: dict[str, Step] = {id_: step for kind in KINDS.values() for id_, step in kind.steps.items()}

__all__ = ["KINDS", "STEPS", "Case", "Kind", "Opening", "Step"]
