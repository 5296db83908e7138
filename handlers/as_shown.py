"""A buyer's message as people read it later: its text, and marks for what stands beside the text."""

from __future__ import annotations

from followup.events import MessageReceived
from followup.linking import without_tokens
from followup.model import Inbound
from handlers.meeting import source_of


def as_shown(event: MessageReceived) -> str:
    """The text without tokens, behind a mark if it was written in a group or replaces a message, before a mark for each
    attachment: `[edited] like this? [photo]`."""
    before = (*(["[group]"] if event.room else ()), *(["[edited]"] if event.edits else ()))
    beside = (f"[{' '.join(filter(None, (each.media.value, each.name)))}]" for each in event.attachments)
    return " ".join(filter(None, (*before, without_tokens(event.text), *beside)))


def kept(event: MessageReceived, state: str = "handled", error: str = "") -> Inbound:
    """What is stored of a message: everything but tokens."""
    text = without_tokens(event.text)
    source, id_ = source_of(event), event.external_id
    return Inbound(source, id_, event.shop, event.chat, event.at, text, state, error, event.attachments, event.edits)
