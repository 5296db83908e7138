"""Who is met in a chat, its buyer or a stranger who is nobody's buyer yet, and what is kept of his messages."""

from __future__ import annotations

from followup.attachments import marked
from followup.events import ChatOpened, MessageReceived
from followup.linking import without_tokens
from followup.model import Buyer, Chat, Inbound
from handlers.chats import own_channel
from handlers.deps import Deps
from store.tx import Tx


def source_of(event: MessageReceived | ChatOpened) -> str:
    """Where external ids of messages are unique."""
    return f"{event.shop}/{event.channel}"


def is_known(event: MessageReceived | ChatOpened, tx: Tx) -> bool:
    """Whether the event was handled before."""
    return tx.get(Inbound, source_of(event), event.external_id) is not None


def meet(event: MessageReceived | ChatOpened, tx: Tx, deps: Deps) -> tuple[Chat, Buyer]:
    """The chat and its buyer. Where an address is the buyer's id, what somebody says before his first order, above
    all stop, is said by the buyer of that order; elsewhere a new chat is a stranger's, whatever its address."""
    chat = tx.get(Chat, event.chat)
    if chat is None:
        who = event.address if is_named_by_id(event.shop, event.channel, deps) else event.chat
        chat = Chat(event.chat, event.shop, who, event.channel, event.address)
        tx.save(chat)
    buyer = tx.get(Buyer, chat.shop, chat.buyer)
    if buyer is None:
        buyer = Buyer(chat.shop, chat.buyer, name=event.sender_name)
        tx.save(buyer)
    return chat, buyer


def is_named_by_id(shop: str, channel: str, deps: Deps) -> bool:
    """Whether the shop reaches its buyers on this channel by their ids, so that every chat is its buyer's by itself."""
    return channel == own_channel(shop, deps) and not deps.can(channel).needs_chat


def as_shown(event: MessageReceived) -> str:
    """The text without tokens, behind a mark if it was written in a group or replaces a message, before a mark for each
    attachment: `[edited] like this? [photo]`."""
    before = (*(["[group]"] if event.room else ()), *(["[edited]"] if event.edits else ()))
    return marked(" ".join(filter(None, (*before, without_tokens(event.text)))), event.attachments)


def kept(event: MessageReceived, state: str = "handled", error: str = "") -> Inbound:
    """What is stored of a message: everything but tokens."""
    text = without_tokens(event.text)
    source, id_ = source_of(event), event.external_id
    return Inbound(source, id_, event.shop, event.chat, event.at, text, state, error, event.attachments, event.edits)
