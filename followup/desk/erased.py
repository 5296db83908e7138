"""Buyers who were erased: what stands in the place of their names, and how they are known again without being kept."""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256

from followup.events import OrderChanged

ERASED = "erased:"
_LENGTH = 16


def digest_of(key: str, shop: str, subject: str) -> str:
    """What is kept of a buyer's id, or of `<channel>/<address>`: a hash that only who has the key can compare."""
    return hmac.new(key.encode(), f"{shop}\n{subject}".encode("utf-8", "replace"), sha256).hexdigest()


def pseudonym(digest: str) -> str:
    """What stands where his id or address stood, the same wherever it did."""
    return ERASED + digest[:_LENGTH]


def is_erased(who: str) -> bool:
    """Whether a buyer's id or an address is only a pseudonym."""
    return who.startswith(ERASED)


def without_him(event: OrderChanged, buyer: str) -> OrderChanged:
    """What a source says of an order, without anything about its buyer, who is called `buyer` from now on."""
    order = replace(event.order, buyer=buyer, buyer_name="", phone_tail="", region="")
    refunds = tuple(replace(each, reason="") for each in event.refunds)
    reviews = tuple(replace(each, text="") for each in event.reviews)
    parcels = tuple(replace(each, place="") for each in event.parcels)
    return replace(event, order=order, refunds=refunds, reviews=reviews, parcels=parcels)
