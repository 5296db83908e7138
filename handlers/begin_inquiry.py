"""Somebody asks before he orders: an inquiry begins (rule 1)."""

from __future__ import annotations

from followup.events import MessageReceived
from followup.model import Chat, Instant, Thread
from followup.understood import Understood
from handlers.deps import Deps
from store.tx import Tx


def begin(
    _event: MessageReceived, _chat: Chat, _heard: Understood, _tx: Tx, _deps: Deps, _now: Instant
) -> Thread | None:
    """The thread that the message begins, if it begins one."""
    return None
