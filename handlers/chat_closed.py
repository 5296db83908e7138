"""A buyer blocked us or left: whatever is planned finds the chat unreachable when its time comes."""

from __future__ import annotations

from dataclasses import replace

from followup.events import ChatClosed
from followup.model import Chat, Instant, Note
from handlers.deps import Deps
from store.tx import Tx
from store.wanted import Wanted


def wanted(event: ChatClosed) -> Wanted:
    """The chat with its buyer's open threads."""
    return Wanted(chats=(event.chat,))


def chat_closed(event: ChatClosed, tx: Tx, _deps: Deps, now: Instant) -> None:
    """Remember that nothing arrives in the chat any more, unless the buyer has written in it since."""
    chat = tx.get(Chat, event.chat)
    if chat is None or chat.unreachable_at is not None or (chat.last_in_at or event.at) > event.at:
        return
    tx.save(replace(chat, unreachable_at=event.at))
    why = f" ({event.error})" if event.error else ""
    for thread in tx.threads_of(chat.shop, chat.buyer):
        if thread.chat == chat.id:
            tx.add(Note(thread.id, now, "buyer", f"closed the chat on {chat.channel}{why}"))
