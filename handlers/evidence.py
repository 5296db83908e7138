"""Photos and files that come with a message, remembered under the thread they belong to (rule 54)."""

from __future__ import annotations

from followup.events import MessageReceived
from followup.evidence import Evidence
from followup.model import Media
from handlers.meeting import source_of
from store.tx import Tx

KEPT = frozenset((Media.PHOTO, Media.FILE, Media.VIDEO, Media.VOICE))


def collect(event: MessageReceived, thread: str, tx: Tx) -> None:
    """Remember what came with the message, to be fetched later; `thread` is "" where nothing is followed up."""
    source = source_of(event)
    for number, each in enumerate(event.attachments):
        if each.media not in KEPT:
            continue
        id_ = f"{source}/{event.external_id}/{number}"
        known = (id_, thread, event.shop, event.chat, event.channel, event.external_id, event.at)
        tx.save(Evidence(*known, each.media, each.ref, each.name, each.mime, each.size))
