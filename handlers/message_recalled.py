"""A buyer took a message back: that is noted, and nobody speaks to him about it."""

from __future__ import annotations

from followup.events import MessageRecalled
from followup.model import Chat, Inbound, Instant, Note
from handlers.deps import Deps
from handlers.desk.showing import show_recalled
from store.tx import Tx
from store.wanted import Wanted


def wanted(event: MessageRecalled) -> Wanted:
    """The chat with its buyer's open threads, and the message."""
    return Wanted(chats=(event.chat,), messages=(_message(event),))


def message_recalled(event: MessageRecalled, tx: Tx, deps: Deps, now: Instant) -> None:
    """Note in the threads of the chat, or with the chat itself, what was taken back."""
    chat, message = tx.get(Chat, event.chat), tx.get(Inbound, *_message(event))
    if chat is None:
        return
    text = f"took back: {message.text}" if message else "took a message back"
    threads = [thread.id for thread in tx.threads_of(chat.shop, chat.buyer) if thread.chat == chat.id]
    for thread in threads or [chat.id]:
        tx.add(Note(thread, now, "buyer", text))
        key = f"{event.shop}/{event.channel}/{event.external_id}/{thread}"
        show_recalled(thread, key, message.text if message else "", chat.shop, tx, deps, now)


def _message(event: MessageRecalled) -> tuple[str, str]:
    return f"{event.shop}/{event.channel}", event.recalled
