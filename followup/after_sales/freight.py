"""Who pays for sending goods out again and back: one pure function, with the reason told to the buyer."""

from __future__ import annotations

from dataclasses import dataclass

from followup.after_sales.model import Branch, Payer, Remedy
from followup.causes import Cause


@dataclass(frozen=True, slots=True)
class Freight:
    """Who pays the way back and the way out again; `reason` is the script that tells the buyer why, `rule` its
    number."""

    back: Payer
    out: Payer
    reason: str
    rule: int


def freight(
    branch: Branch,
    cause: Cause = Cause.UNKNOWN,
    remedy: Remedy = Remedy.NONE,
    *,
    price_difference: bool = False,
    wrong_address: bool = False,
    unreachable: bool = False,
    refused: bool = False,
) -> Freight:
    """Who pays freight (rules 52, 53, 66, 80, 81)."""
    raise NotImplementedError
