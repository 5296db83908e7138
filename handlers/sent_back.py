"""A message that holds what a return under way waits for: the number of its parcel (rule 62)."""

from __future__ import annotations

from followup.after_sales.model import Remedy
from followup.after_sales.tracking import comes_back, numbers_sent
from followup.model import Chat, Thread
from store.tx import Tx


def sent_back(text: str, chat: Chat, tx: Tx) -> Thread | None:
    """The newest open case of the buyer's whose goods come back by a parcel that the text may name."""
    fit = [thread for thread in tx.threads_of(chat.shop, chat.buyer) if _names_its_parcel(text, thread, tx)]
    return max(fit, key=lambda thread: (thread.opened_at, thread.id), default=None)


def is_no_claim(text: str, chat: Chat, tx: Tx) -> bool:
    """Whether a number in a buyer's message is one he was asked for and not an order that he claims: that of a parcel
    on its way back, or of the new order of an exchange."""
    sales = (tx.sale(thread.id) for thread in tx.threads_of(chat.shop, chat.buyer))
    swaps = any(sale.remedy is Remedy.EXCHANGE for sale in sales if sale is not None and comes_back(sale))
    return swaps or sent_back(text, chat, tx) is not None


def _names_its_parcel(text: str, thread: Thread, tx: Tx) -> bool:
    facts = tx.facts_of(thread)
    return facts is not None and comes_back(tx.sale(thread.id)) and bool(numbers_sent(facts, text))
