"""The comparison group: some unpaid orders, always the same ones, are not reminded, so that it can be told what
reminding brings (rule 100)."""

from __future__ import annotations

from hashlib import sha256

from followup.model import Thread

KIND = "unpaid_order"
_ALL = 2**64


def in_group(shop: str, order_id: str, percent: int) -> bool:
    """Whether an order is one of the `percent` in a hundred: told from its number alone, on every machine and day."""
    digest = sha256(f"hold_out/{shop}/{order_id}".encode()).digest()
    return int.from_bytes(digest[:8]) * 100 < percent * _ALL


def held_out(thread: Thread, percent: int) -> int:
    """The size of the comparison group in percent if a reminder of this thread is not said because of it, else 0.

    A buyer who was answered meanwhile is reminded as ever: what he was told stays true (rule 119).
    """
    if not percent or thread.kind != KIND or thread.touches or not in_group(thread.shop, thread.order_id, percent):
        return 0
    return percent
