"""What was said in a chat, as the database has it: a port that the wiring fills, and what a window shows of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Protocol

from bot.channels.webchat.message import Change, Message, changed, id_of, of_buyer, of_shop
from bot.channels.webchat.parse import said_in
from bot.channels.webchat.rooms import Entry
from followup.model import Choice
from followup.webchat import Past

NEWEST = 200
"""So many messages does a window show of what was said before."""


class History(Protocol):
    """Reads the conversation of an address: its newest rows, one message that was sent with its changes, and which
    files (by their `ref`) the buyer's messages show."""

    async def past(self, address: str, most: int) -> Past: ...

    async def sent(self, address: str, known_as: str) -> Past: ...

    async def shown(self, address: str) -> Collection[str]: ...


class NoHistory:
    """Nothing was ever said."""

    async def past(self, _address: str, _most: int) -> Past:
        """Nothing."""
        return Past()

    async def sent(self, _address: str, _known_as: str) -> Past:
        """Nothing."""
        return Past()

    async def shown(self, _address: str) -> Collection[str]:
        """Nothing."""
        return ()


def conversation(past: Past, recent: Iterable[Entry], address: str) -> list[Message]:
    """The newest messages of a chat, oldest first: what the database has, and what happened since, each once."""
    messages = {message.id: message for message in _stored(past, address)}
    happened = [entry.what for entry in recent]
    for what in happened:
        if isinstance(what, Message) and (past.erased_at is None or what.at > past.erased_at):
            messages.setdefault(what.id, what)
    now = changed(messages.values(), [what for what in happened if isinstance(what, Change)])
    return sorted(now, key=lambda message: message.at)[-NEWEST:]


def wordings(recent: Iterable[Entry], id_: str) -> list[Message]:
    """Every wording that a message had in the last minutes, oldest first."""
    found: list[Message] = []
    for what in (entry.what for entry in recent if entry.what.id == id_):
        if isinstance(what, Message):
            found.append(what)
        elif found:
            found.append(replace(found[-1], text=what.text, choices=what.choices))
    return found


def shop_messages(past: Past) -> list[Message]:
    """What was sent, in the words that it has now; each with its buttons."""
    changes = [Change(id_of(each.edits), each.text, each.choices) for each in past.changes]
    return changed((of_shop(each, each.sent_at or each.created_at) for each in past.sent), changes)


def _stored(past: Past, address: str) -> list[Message]:
    said = [of_buyer(each, address) for each in past.said if each.text or each.attachments]
    known = {message.id for message in said}
    for raw in past.waiting:
        message = said_in(raw)
        if message is not None and message.id not in known:
            said.append(message)
    return [*said, *_with_open_choices(shop_messages(past), past.offered)]


def _with_open_choices(messages: list[Message], offered: tuple[Choice, ...]) -> list[Message]:
    """Only the newest offer can still be answered, while it stands."""
    newest = max((m for m in messages if offered and m.choices == offered), key=lambda m: m.at, default=None)
    return [m if m is newest or not m.choices else replace(m, choices=()) for m in messages]
