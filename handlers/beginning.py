"""A buyer's own words begin a matter: something is wrong with an order, or he asks before he buys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from followup.events import MessageReceived
from followup.model import Chat, Instant, Thread
from followup.understood import Understood
from handlers import begin_after_sales, begin_inquiry
from handlers.deps import Deps
from store.tx import Tx

Begin = Callable[[MessageReceived, Chat, Understood, Tx, Deps, Instant], Thread | None]
BEGINS: Sequence[Begin] = (begin_after_sales.begin, begin_inquiry.begin)


def begin(event: MessageReceived, chat: Chat, heard: Understood, tx: Tx, deps: Deps, now: Instant) -> Thread | None:
    """The thread that the message begins, if it begins one."""
    begun = (each(event, chat, heard, tx, deps, now) for each in BEGINS)
    return next((thread for thread in begun if thread is not None), None)
