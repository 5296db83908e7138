"""Where a buyer is spoken to: his chats with what their channels can do, and a stand-in while he has none."""

from __future__ import annotations

from dataclasses import replace

from followup.events import chat_id, thread_id
from followup.kinds import KINDS
from followup.model import Buyer, Chat, Order, Thread
from followup.reach import Way, in_order
from handlers.deps import Deps
from store.tx import Tx

NOBODY = "?"


def own_channel(shop: str, deps: Deps) -> str:
    """The channel on which a shop reaches its buyers by itself."""
    return deps.channels.get(shop, "manual")


def chat_of(shop: str, buyer: str, tx: Tx, deps: Deps) -> Chat:
    """The chat in which a matter begins: the one the buyer prefers, else the newest, else the shop's own way to him.

    On a channel where only the buyer can open a chat that is a stand-in without an address: nothing is sent to it,
    and no address that a channel knows makes its id.
    """
    own = own_channel(shop, deps)
    chats = in_order(tx.chats_of(shop, buyer), own, tx.buyer(shop, buyer).preferred)
    if chats:
        return chats[0]
    chat = Chat(chat_id(shop, own, buyer), shop, buyer, own, buyer)
    if deps.can(own).needs_chat:
        chat = Chat(chat_id(shop, own, NOBODY + buyer), shop, buyer, own, "")
    tx.save(chat)
    return chat


def under_his_name(order: Order, tx: Tx) -> Order:
    """The order as that of the person who is spoken to about it: he may have linked it to a chat of another account."""
    for kind in KINDS:
        thread = tx.get(Thread, thread_id(order.shop, order.id, kind))
        chat = tx.get(Chat, thread.chat) if thread else None
        if thread is not None and chat is not None and chat.linked_at is not None and chat.buyer == thread.buyer:
            return replace(order, buyer=thread.buyer)
    return order


def ways_to(buyer: Buyer, thread: Thread, tx: Tx, deps: Deps) -> list[Way]:
    """The chats on which a thread may be spoken of, the best first; at least one."""
    own = own_channel(thread.shop, deps)
    chats = in_order(tx.chats_of(thread.shop, thread.buyer), own, buyer.preferred, thread.chat)
    chats = chats or [chat_of(thread.shop, thread.buyer, tx, deps)]
    return [Way(chat, deps.can(chat.channel)) for chat in chats]
