"""What people call the intents: their ids, and the names of the trade."""

from __future__ import annotations

import re

from followup.understood import Intent

# The first name is the one that is shown. Read without case, spaces and marks.
NAMES: dict[Intent, tuple[str, ...]] = {
    Intent.PAID: ("paid already", "already paid", "says paid"),
    Intent.LATER: ("will pay later", "pay later", "later"),
    Intent.CANNOT_PAY: ("cannot pay", "can't pay", "payment trouble", "payment problem"),
    Intent.DECLINED: ("does not want it", "doesn't want it", "not wanted", "declined"),
    Intent.CANCEL: ("cancel", "cancel order"),
    Intent.REFUND_STATUS: ("refund status", "where is my refund"),
    Intent.RETURN_REFUND: (
        "wants return or refund",
        "return or refund",
        "wants return",
        "wants refund",
        "return refund",
    ),
    Intent.EXCHANGE: ("wants exchange", "exchange"),
    Intent.WHERE_IS_PARCEL: ("not received / where is my parcel", "not received", "where is my parcel"),
    Intent.SHIP_FASTER: ("ship faster", "rush"),
    Intent.DELIVERY_PROMISE: ("delivery promise asked", "delivery promise", "delivery time"),
    Intent.DAMAGED: ("damaged", "damage"),
    Intent.QUALITY: ("quality", "quality problem"),
    Intent.MISSING_ITEM: ("missing item", "missing"),
    Intent.WRONG_ITEM: ("wrong item",),
    Intent.SIZE_SPEC: ("size and specification", "size", "specification", "size or specification"),
    Intent.INVOICE: ("invoice", "receipt"),
    Intent.CHANGE_ADDRESS: ("change address or phone", "change address", "change phone", "address change"),
    Intent.PRICE: ("price or discount", "price", "discount"),
    Intent.COMPENSATION: ("compensation asked", "compensation"),
    Intent.COMPLAINT: ("complaint or anger", "complaint", "anger", "angry"),
    Intent.BAD_REVIEW_THREAT: ("threat of a bad review", "bad review threat", "threat"),
    Intent.REVISE_AGREED: ("agrees to revise", "revise agreed"),
    Intent.REVISE_DECLINED: ("declines to revise", "revise declined"),
    Intent.PRAISE: ("praise",),
    Intent.THANKS: ("thanks", "thank you"),
    Intent.ACKNOWLEDGEMENT: ("acknowledgement", "acknowledgment", "ack"),
    Intent.GREETING: ("greeting", "hello"),
    Intent.HUMAN: ("wants a human", "human"),
    Intent.STOP: ("stop contacting me", "stop", "unsubscribe"),
    Intent.PRODUCT_QUESTION: ("product question", "product"),
    Intent.CONFIRMED: ("confirmed solved", "confirmed", "solved"),
    Intent.OTHER: ("other", "none"),
}
_MARKS = re.compile(r"[\W_]+")


def _bare(name: str) -> str:
    return _MARKS.sub("", name.casefold())


_KNOWN = {_bare(name): intent for intent, names in NAMES.items() for name in (intent.value, *names)}


def intent_named(name: str) -> Intent:
    """The intent of an id or a name, however it is spelt. Raises ValueError naming the ids there are."""
    if found := _KNOWN.get(_bare(name)):
        return found
    raise ValueError(f"{name!r} is no intent: use one of {', '.join(Intent)}")
