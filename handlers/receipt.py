"""A channel says later that a message which it had accepted did not arrive."""

from __future__ import annotations

from dataclasses import replace

from followup.events import Receipt
from followup.model import Instant, OutgoingState
from followup.ports import NotYet
from handlers.deps import Deps
from handlers.refused import refused
from store.codec import to_micros
from store.tx import Tx
from store.wanted import Wanted


def wanted(event: Receipt) -> Wanted:
    """The message with its thread and chats."""
    return Wanted(receipts=((event.channel, event.external_id),))


def receipt(event: Receipt, tx: Tx, deps: Deps, now: Instant) -> None:
    """What counted as sent has failed; the same again changes nothing.

    Raises `NotYet` while no message is recorded under that id: the receipt may be faster than our own record.
    """
    message = tx.sent_as(event.channel, event.external_id)
    if message is None:
        raise NotYet(f"no message is known to {event.channel} as {event.external_id!r}")
    if message.state is OutgoingState.SENT:
        failed = replace(message, history=(*message.history, f"failed@{to_micros(event.at)}"))
        refused(failed, event.refusal, event.error, tx, deps, now)
