"""What of a chat's quota is used: each message counts from when it is planned, until the buyer writes again."""

from __future__ import annotations

from dataclasses import replace

from followup.model import Chat, Instant, Outgoing
from handlers.deps import Deps
from store.tx import Tx


def spent(chat: Chat, messages: int, deps: Deps) -> Chat:
    """The chat after so many more messages."""
    return chat if deps.can(chat.channel).quota is None else replace(chat, used=chat.used + messages)


def give_back(message: Outgoing, tx: Tx) -> None:
    """A message will never go: its chat may have another instead. A change of one was never counted."""
    chat = tx.get(Chat, message.chat)
    if chat is not None and chat.used and not message.code and not message.edits:
        tx.save(replace(chat, used=chat.used - 1))


def used_up(chat: Chat, deps: Deps) -> Chat:
    """The chat as its channel sees it when it takes no more until the buyer writes again."""
    quota = deps.can(chat.channel).quota
    return chat if quota is None else replace(chat, used=max(chat.used, quota))


def renewed(chat: Chat, at: Instant, tx: Tx, deps: Deps) -> Chat:
    """The chat when the buyer has written at `at`: what still waits there will go after his message, so it counts."""
    if deps.can(chat.channel).quota is None or (chat.last_in_at is not None and at <= chat.last_in_at):
        return chat
    return replace(chat, used=sum(not message.code for message in tx.unfinished(chat.id)))
