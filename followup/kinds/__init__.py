"""The table of kinds: one file each, one line here."""

from followup.kinds.kind import Case, Kind, Opening, Step
from followup.kinds.pending_refund import PENDING_REFUND
from followup.kinds.review_revision import REVIEW_REVISION
from followup.kinds.unpaid_order import UNPAID_ORDER

KINDS: dict[str, Kind] = {kind.name: kind for kind in (PENDING_REFUND, UNPAID_ORDER, REVIEW_REVISION)}

__all__ = ["KINDS", "Case", "Kind", "Opening", "Step"]
