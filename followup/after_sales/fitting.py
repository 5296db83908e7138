"""Whether a move fits a case as it stands, so that no buyer is told what contradicts what he was told before."""

from __future__ import annotations

import re

from followup.after_sales.branch import has_arrived
from followup.after_sales.came_back import NOT_IN_HIS_HANDS
from followup.after_sales.model import Branch, Remedy
from followup.after_sales.telling import sale_of
from followup.events import CaseMoved, Move
from followup.kinds.kind import Case

SENT_AGAIN = (Remedy.NONE, Remedy.REISSUE, Remedy.EXCHANGE)
_RECALLED = (Branch.IN_TRANSIT, Branch.RECALLED)
_CAME_BACK = (Branch.UNINVITED, Branch.RECALLED)
_NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z0-9_-]{6,40}")


def unfit(case: Case, event: CaseMoved) -> str:
    """Why the move does not fit, with what can be done; "" if nothing speaks against it."""
    match event.move:
        case Move.RECALLED:
            return _unfit_recalled(case)
        case Move.REISSUED:
            return _unfit_number(event.number) or _unfit_reissued(case)
        case Move.REMEDY if event.remedy is Remedy.REISSUE and event.number:
            return _unfit_number(event.number)
        case _:
            return ""


def _unfit_recalled(case: Case) -> str:
    """Only a parcel that the buyer does not hold can be recalled (rules 31, 41, 60)."""
    sale = sale_of(case)
    if sale.branch in _RECALLED:
        return ""
    if sale.branch in NOT_IN_HIS_HANDS and sale.remedy in (Remedy.NONE, Remedy.REFUND, Remedy.REISSUE):
        return ""
    if sale.remedy is not Remedy.NONE:
        return (
            f"nothing was recalled in this case ({sale.branch}), and {sale.remedy} is decided; "
            "for goods that the buyer sent back use `huifang case arrived`"
        )
    if has_arrived(case.facts):
        return (
            f"nothing was recalled in this case ({sale.branch}), and the parcel is signed for; "
            "decide with `huifang case remedy`"
        )
    return ""


def _unfit_number(number: str) -> str:
    if _NUMBER.fullmatch(number.strip()):
        return ""
    return f"{number!r} is no tracking number: 6 to 40 letters, digits, - and _, with at least one digit"


def _unfit_reissued(case: Case) -> str:
    sale = sale_of(case)
    if sale.branch in _CAME_BACK or sale.remedy in SENT_AGAIN:
        return ""
    return (
        f"{sale.remedy} is decided in this case, so nothing is sent again; "
        "if that has changed, `huifang case remedy ORDER reissue` first"
    )
