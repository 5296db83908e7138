"""One chat as the window of a web chat shows it. The names under which its channel knows what it sent and heard begin
with the chat's address, so that an index finds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, select

from followup.events import chat_id
from followup.model import Chat, Choice, Inbound, Outgoing, Raw
from followup.webchat import Past
from store.engine import steady
from store.schema import chats, in_state, inbox, is_known, outbox, raw_events
from store.suppression import erased_at
from store.tables import KEPT

LAST = "z" * 80
"""Behind everything that can follow an address and a dot, however a database sorts."""


def conversation(connection: Connection, shop: str, channel: str, address: str, most: int) -> Past:
    """The newest `most` rows of each kind, all as they were at one moment: what is handled meanwhile is not missed."""
    steady(connection)
    id_ = chat_id(shop, channel, address)
    his_sent = (outbox.c.channel == channel, is_known, *_of(outbox.c.external_id, address), outbox.c.chat == id_)
    sent = select(outbox).where(*his_sent, in_state(outbox, "sent"), outbox.c.role != "alert")
    said = select(inbox).where(inbox.c.chat == id_).order_by(inbox.c.at.desc()).limit(most)
    raws = (raw_events.c.channel == channel, *_of(raw_events.c.external_id, address))
    waits = select(raw_events).where(*raws, in_state(raw_events, "waiting", "put_aside")).limit(most)
    messages = _all(connection, Outgoing, sent.order_by(outbox.c.seq.desc()).limit(most))
    return Past(
        tuple(_all(connection, Inbound, said)),
        tuple(_all(connection, Raw, waits)),
        tuple(messages),
        tuple(_changes(connection, messages)),
        _offered(connection, id_),
        erased_at(connection, shop, f"{channel}/{address}"),
    )


def message_sent(connection: Connection, channel: str, known_as: str) -> Past:
    """The one message that the channel knows so, and how it was changed."""
    one = select(outbox).where(outbox.c.channel == channel, is_known, outbox.c.external_id == known_as)
    messages = _all(connection, Outgoing, one.where(in_state(outbox, "sent")))
    return Past(sent=tuple(messages), changes=tuple(_changes(connection, messages)))


def attachments_shown(connection: Connection, shop: str, channel: str, address: str) -> set[str]:
    """The `ref` of every attachment in what was said in a chat and is handled."""
    rows = select(inbox).where(inbox.c.chat == chat_id(shop, channel, address), inbox.c.attachments != "")
    return {each.ref for said in _all(connection, Inbound, rows) for each in said.attachments}


def _changes(connection: Connection, messages: list[Outgoing]) -> list[Outgoing]:
    """A change belongs to the thread of what it changes."""
    if not messages:
        return []
    ids, threads = {message.id for message in messages}, sorted({message.thread for message in messages})
    made = select(outbox).where(outbox.c.thread.in_(threads), outbox.c.edits != "", in_state(outbox, "sent"))
    return [change for change in _all(connection, Outgoing, made.order_by(outbox.c.seq)) if change.edits in ids]


def _offered(connection: Connection, id_: str) -> tuple[Choice, ...]:
    row = connection.execute(select(chats).where(chats.c.id == id_)).first()
    chat: Chat | None = KEPT[Chat].codec.decode(row) if row else None
    return chat.offered if chat else ()


def _of(column: Column[str], address: str) -> Iterable[ColumnElement[bool]]:
    return column >= f"{address}.", column <= f"{address}.{LAST}"


def _all(connection: Connection, cls: type, statement: Select[Any]) -> list[Any]:
    return [KEPT[cls].codec.decode(row) for row in connection.execute(statement)]
