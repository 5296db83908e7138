"""Who was erased and writes again himself: a person hears of it, and nothing else happens."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from followup.effects import AlertAgent
from followup.events import ChatOpened, Incoming, MessageReceived
from followup.model import Inbound, Instant
from handlers.carry_out import carry_out, no_thread
from handlers.deps import Deps
from handlers.evidence import collect
from handlers.meeting import as_shown, is_known, is_named_by_id, kept, meet, source_of
from store.tx import Tx


def is_forgotten(event: Incoming, tx: Tx, deps: Deps) -> TypeGuard[MessageReceived | ChatOpened]:
    """Whether somebody who was erased writes, or opens a chat."""
    if not isinstance(event, MessageReceived | ChatOpened):
        return False
    known = tx.suppression()
    if not known.digests:
        return False
    by_id = (event.address,) if is_named_by_id(event.shop, event.channel, deps) else ()
    return bool(known.pseudonym_of(event.shop, (f"{event.channel}/{event.address}", *by_id)))


def heard_again(event: MessageReceived | ChatOpened, tx: Tx, deps: Deps, now: Instant) -> None:
    """Keep what he writes and show it to a person; nothing else answers, and nothing begins."""
    if is_known(event, tx):
        return
    if isinstance(event, ChatOpened):
        tx.save(Inbound(source_of(event), event.external_id, event.shop, event.chat, event.at, ""))
        return
    tx.save(kept(event))
    collect(event, "", tx)
    chat, _ = meet(event, tx, deps)
    chat = replace(chat, last_in_at=max(event.at, chat.last_in_at or event.at), unreachable_at=None)
    tx.save(chat)
    alert = AlertAgent("buyer_message", event.key, {"text": as_shown(event), "erased": "yes"})
    carry_out([alert], no_thread(chat, now), tx, deps, now)
