"""The records of an after-sales thread: how the case stands, what was granted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from followup.causes import Cause
from followup.model import Instant, Money


class Branch(StrEnum):
    """Which procedure a case follows."""

    NOT_SHIPPED = "not_shipped"
    IN_TRANSIT = "in_transit"
    DAMAGED_UNSIGNED = "damaged_unsigned"
    DAMAGED_SIGNED = "damaged_signed"
    MISSING_ITEM = "missing_item"
    WRONG_GOODS = "wrong_goods"
    SURPLUS_GOODS = "surplus_goods"
    QUALITY = "quality"
    QUALITY_LATE = "quality_late"
    NO_REASON = "no_reason"
    EXCHANGE = "exchange"
    UNINVITED = "uninvited"
    RECALLED = "recalled"


class Stage(StrEnum):
    """The six steps of rule 39, in their order."""

    CONTACT = "contact"
    VERIFY = "verify"
    SOOTHE = "soothe"
    SOLVE = "solve"
    FOLLOW_THROUGH = "follow_through"
    REGISTER = "register"


class Remedy(StrEnum):
    """What a shop can do about it; the first four are benefits of the ladder (rule 75)."""

    NONE = ""
    COUPON = "coupon"
    MEMBER_BENEFIT = "member_benefit"
    RED_PACKET = "red_packet"
    GIFT = "gift"
    FREIGHT = "freight"
    PARTIAL_REFUND = "partial_refund"
    REFUND = "refund"
    RETURN_REFUND = "return_refund"
    EXCHANGE = "exchange"
    REISSUE = "reissue"
    REPAIR = "repair"


class Payer(StrEnum):
    """Who pays freight; NONE while nobody has to."""

    NONE = ""
    SHOP = "shop"
    BUYER = "buyer"


@dataclass(frozen=True, slots=True)
class AfterSale:
    """How an after-sales case stands; its id is its thread's.

    `cause` is found at the latest when the case is registered (rule 47), `needs` is what the buyer was asked to show
    and `has` what he has shown. `return_by` is when his tracking number is due, `tracking` is that number, `reissued`
    the number of a parcel sent in place of the first.
    """

    thread: str
    shop: str
    branch: Branch
    stage: Stage = Stage.CONTACT
    cause: Cause = Cause.UNKNOWN
    needs: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    remedy: Remedy = Remedy.NONE
    payer: Payer = Payer.NONE
    return_by: Instant | None = None
    tracking: str = ""
    arrived_at: Instant | None = None
    reissued: str = ""
    round: int = 1


class Loss(StrEnum):
    """What a compensation is for; each has a cap of its own (rules 76, 78)."""

    USABLE_DAMAGE = "usable_damage"
    UNUSABLE = "unusable"
    LEAK = "leak"
    BLEMISH = "blemish"
    SLOW_COURIER = "slow_courier"
    OUT_OF_STOCK = "out_of_stock"
    FREIGHT = "freight"
    GOODWILL = "goodwill"


class GrantState(StrEnum):
    """ASKED waits for a supervisor; only of what is GRANTED may a buyer be told, who takes it (ACCEPTED) or does not
    (DECLINED). What was REFUSED or DECLINED counts no more."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Grant:
    """A compensation: asked for by an agent, granted within his own limit or by a supervisor (rules 10, 75-79)."""

    id: str
    thread: str
    shop: str
    remedy: Remedy
    loss: Loss
    amount: Money
    state: GrantState
    asked_by: str
    asked_at: Instant
    text: str = ""
    answered_by: str = ""
    answered_at: Instant | None = None
