"""The procedures as a table: what each asks, in which words it begins, what a person may do about it then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from followup.after_sales.model import Branch, Remedy


class Need(StrEnum):
    """What a case has to find out from the buyer: answers to a question, and things to show (rules 54, 58, 67)."""

    WISH = "wish"
    REFUSED = "refused"
    SIGNED = "signed"
    PARCEL = "parcel"
    PACKING_SLIP = "packing_slip"
    PHOTOS = "photos"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True)
class Asked:
    """How a need is asked for, and once more when nothing came; `choices` answer it, each as the pair of its script and
    of what it says."""

    script: str
    again: str = "sales.again_question"
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure:
    """`first` are its first words, where they differ from how its first need is asked for anyway; `remedies` what a
    person may do, in the order in which it should be thought of (rule 46)."""

    first: str = ""
    needs: tuple[Need, ...] = ()
    remedies: tuple[Remedy, ...] = ()


ASKED: Mapping[Need, Asked] = {
    Need.WISH: Asked("sales.in_transit", choices=(("case_wait", "wait"), ("case_recall", "recall"))),
    Need.REFUSED: Asked("sales.refuse", choices=(("case_refused", "refused"), ("case_signed", "signed"))),
    Need.SIGNED: Asked("sales.signed_yet", choices=(("case_signed", "signed"), ("case_not_signed", "not_signed"))),
    Need.PARCEL: Asked("sales.missing", choices=(("case_intact", "intact"), ("case_opened", "opened"))),
    Need.PACKING_SLIP: Asked("sales.ask_slip", "sales.again_slip", (("case_no_slip", "none"),)),
    Need.PHOTOS: Asked("sales.ask_photos", "sales.again_photos"),
    Need.WEIGHT: Asked("sales.ask_weight", "sales.again_weight", (("case_no_scale", "none"),)),
}

_FAULT = (Remedy.EXCHANGE, Remedy.REISSUE, Remedy.PARTIAL_REFUND, Remedy.RETURN_REFUND)

PROCEDURES: Mapping[Branch, Procedure] = {
    Branch.NOT_SHIPPED: Procedure("sales.not_shipped", (), (Remedy.REFUND,)),
    Branch.IN_TRANSIT: Procedure("", (Need.WISH,), (Remedy.REFUND,)),
    Branch.DAMAGED_UNSIGNED: Procedure("", (Need.REFUSED,), (Remedy.REISSUE, Remedy.REFUND)),
    Branch.DAMAGED_SIGNED: Procedure("sales.damaged", (Need.PHOTOS,), _FAULT),
    Branch.MISSING_ITEM: Procedure(
        "",
        (Need.PARCEL, Need.PACKING_SLIP, Need.WEIGHT, Need.PHOTOS),
        (Remedy.REISSUE, Remedy.PARTIAL_REFUND, Remedy.REFUND),
    ),
    Branch.WRONG_GOODS: Procedure("sales.wrong_goods", (Need.PHOTOS, Need.WEIGHT), _FAULT),
    Branch.SURPLUS_GOODS: Procedure("sales.surplus", (Need.PHOTOS, Need.WEIGHT)),
    Branch.QUALITY: Procedure(
        "sales.quality", (Need.PHOTOS,), (Remedy.REPAIR, Remedy.EXCHANGE, Remedy.PARTIAL_REFUND, Remedy.RETURN_REFUND)
    ),
    Branch.QUALITY_LATE: Procedure(
        "sales.quality_late", (Need.PHOTOS,), (Remedy.REPAIR, Remedy.PARTIAL_REFUND, Remedy.EXCHANGE)
    ),
    Branch.NO_REASON: Procedure(remedies=(Remedy.RETURN_REFUND,)),
    Branch.EXCHANGE: Procedure(remedies=(Remedy.EXCHANGE,)),
    Branch.UNINVITED: Procedure(remedies=(Remedy.REISSUE, Remedy.REFUND)),
    Branch.RECALLED: Procedure(remedies=(Remedy.REFUND, Remedy.REISSUE)),
}
