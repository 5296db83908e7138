"""What a buyer's message was understood to say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from followup.model import Instant


class Intent(StrEnum):
    """What a buyer's message asks for or says."""

    STOP = "stop"
    HUMAN = "human"
    PAID = "paid"
    DECLINED = "declined"
    CANCEL = "cancel"
    LATER = "later"
    CANNOT_PAY = "cannot_pay"
    CONFIRMED = "confirmed"
    CHOSE = "chose"
    REFUND_STATUS = "refund_status"
    RETURN_REFUND = "return_refund"
    EXCHANGE = "exchange"
    WHERE_IS_PARCEL = "where_is_parcel"
    SHIP_FASTER = "ship_faster"
    DELIVERY_PROMISE = "delivery_promise"
    DAMAGED = "damaged"
    QUALITY = "quality"
    MISSING_ITEM = "missing_item"
    WRONG_ITEM = "wrong_item"
    SIZE_SPEC = "size_spec"
    INVOICE = "invoice"
    CHANGE_ADDRESS = "change_address"
    PRICE = "price"
    COMPENSATION = "compensation"
    COMPLAINT = "complaint"
    BAD_REVIEW_THREAT = "bad_review_threat"
    REVISE_AGREED = "revise_agreed"
    REVISE_DECLINED = "revise_declined"
    PRAISE = "praise"
    THANKS = "thanks"
    ACKNOWLEDGEMENT = "acknowledgement"
    GREETING = "greeting"
    PRODUCT_QUESTION = "product_question"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An intent a message may have, and how likely it is, from 0 to 1."""

    intent: Intent
    score: float


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money that a message names; `currency` is a code such as CNY, "" where the text does not tell."""

    value: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What may be acted on, and all that was seen.

    `intent` is what the bot may act on alone; OTHER when it is not sure. `candidates` are the likeliest intents, best
    first (never OTHER, empty when nothing fits), for a person to choose from. `named_at` is the time named with LATER,
    `times` any time to come that is named. `angry` holds whatever else the message asks for (rule 118). `choice` is the
    id of the offered answer, with CHOSE only. `weights` are in grams (rule 58).
    """

    intent: Intent
    named_at: Instant | None = None
    lang: str = ""
    sure: bool = True
    why: str = ""
    candidates: tuple[Candidate, ...] = ()
    orders: tuple[str, ...] = ()
    tracking: tuple[str, ...] = ()
    amounts: tuple[Amount, ...] = ()
    times: tuple[Instant, ...] = ()
    angry: bool = False
    choice: str = ""
    weights: tuple[Decimal, ...] = ()

    @property
    def likeliest(self) -> Intent:
        """The best candidate, sure or not."""
        return self.candidates[0].intent if self.candidates else self.intent
