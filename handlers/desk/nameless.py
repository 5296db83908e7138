"""Orders that name somebody who was erased: they are kept for the figures, without him, and never followed up."""

from __future__ import annotations

from followup.desk.erased import is_erased, without_him
from followup.events import OrderChanged
from followup.model import Facts
from store.tx import Tx


def nameless(event: OrderChanged, old: Facts | None, tx: Tx) -> OrderChanged:
    """What a source says of an order, without its buyer if he was erased."""
    order = event.order
    if old is not None and is_erased(old.order.buyer):
        return without_him(event, old.order.buyer)
    erased = tx.suppression().pseudonym_of(order.shop, (order.buyer,))
    return without_him(event, erased) if erased else event
