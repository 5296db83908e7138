"""The table of kinds: one file each, one line here."""

from dataclasses import replace

from followup.kinds.kind import Case, Kind, Opening, Step
from followup.kinds.pending_refund import PENDING_REFUND
from followup.kinds.promised import PROMISED
from followup.kinds.review_revision import REVIEW_REVISION
from followup.kinds.unpaid_order import UNPAID_ORDER

_KINDS = (PENDING_REFUND, UNPAID_ORDER, REVIEW_REVISION)
KINDS: dict[str, Kind] = {kind.name: replace(kind, steps={**kind.steps, **PROMISED}) for kind in _KINDS}
STEPS: dict[str, Step] = {id_: step for kind in KINDS.values() for id_, step in kind.steps.items()}

__all__ = ["KINDS", "STEPS", "Case", "Kind", "Opening", "Step"]
