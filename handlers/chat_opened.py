"""A buyer opened a chat, perhaps with a token that ties it to his order, or took back a block."""

from __future__ import annotations

from dataclasses import replace

from followup.events import ChatOpened
from followup.linking import digest_of, subject_of, token_in
from followup.model import Chat, Inbound, Instant
from handlers.deps import Deps
from handlers.held import resume
from handlers.linking import present, speak
from handlers.meeting import is_known, meet, source_of
from store.tx import Tx
from store.wanted import Wanted


def wanted(event: ChatOpened) -> Wanted:
    """The chat with its buyer's threads, the link and its order, and whether the event is known already."""
    token = token_in(event.token)
    return Wanted(
        chats=(event.chat,),
        buyers=((event.shop, event.address),),
        messages=((source_of(event), event.external_id),),
        links=(digest_of(token),) if token else (),
        tries=((event.shop, subject_of(event.chat)),) if token else (),
    )


def chat_opened(event: ChatOpened, tx: Tx, deps: Deps, now: Instant) -> bool:
    """Handle an opening once; False if it was handled before. Raises UnknownShop.

    It is no withdrawal of a stop: who wants to hear nothing is not greeted, and linked without a word.
    """
    deps.policy(event.shop)
    if is_known(event, tx):
        return False
    tx.save(Inbound(source_of(event), event.external_id, event.shop, event.chat, event.at, ""))
    chat, _ = meet(event, tx, deps)
    if chat.unreachable_at is not None and chat.unreachable_at <= event.at:
        chat = replace(chat, unreachable_at=None)
        tx.save(chat)
        resume(chat.shop, chat.buyer, tx, now)
    token = token_in(event.token)
    if token:
        present(token, chat, event.external_id, event.greet, tx, deps, now, event.code)
    elif event.greet:
        _greet(chat, event, tx, deps, now)
    return True


def _greet(chat: Chat, event: ChatOpened, tx: Tx, deps: Deps, now: Instant) -> None:
    """Say who we are, as seldom as that a message was received."""
    every = deps.policy(chat.shop).acknowledge_every
    buyer = tx.buyer(chat.shop, chat.buyer)
    is_silent = buyer.opted_out_at is not None or buyer.paused_at is not None
    if is_silent or (chat.acknowledged_at is not None and now < chat.acknowledged_at + every):
        return
    said = speak("greet.hello", chat, event.external_id, tx, deps, now, code=event.code)
    tx.save(replace(said, acknowledged_at=now))
