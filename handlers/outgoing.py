"""Making rows of the outbox: one message, in as many parts as its channel needs.

A part is a message of its own, with its own id and state: `<id>`, `<id>#2`, `<id>#3`. One that was refused on one chat
and goes on another is `<id>@<channel>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from followup.effects import Say
from followup.model import Choice, Instant, Outgoing, OutgoingState, Thread
from followup.reach import Way
from followup.split import split, storable

_PART = re.compile(r"#[1-9]\d*$")


def first_of(id_: str) -> str:
    """The id of the first part of a message."""
    return _PART.sub("", id_)


def is_first(id_: str) -> bool:
    """Whether it is the first part of a message, perhaps the only one."""
    return first_of(id_) == id_


def step_of(id_: str, thread: str) -> str:
    """The step that a message of a thread says, by its id."""
    return first_of(id_).removeprefix(f"{thread}/").partition("/")[0].partition("@")[0]


def rows(
    say: Say, thread: Thread, way: Way, lang: str, text: str, choices: tuple[Choice, ...], now: Instant
) -> Iterator[Outgoing]:
    """The rows of a message in order. Answers and attachments go with the last, a one-time code with the first."""
    chat, can = way.chat, way.can
    parts = split(storable(text), can.longest_text, can.measure)
    for number, part in enumerate(parts, 1):
        is_last = number == len(parts)
        yield Outgoing(
            id=say.key if number == 1 else f"{say.key}#{number}",
            shop=thread.shop,
            buyer=thread.buyer,
            chat=chat.id,
            channel=chat.channel,
            address=chat.address,
            thread=thread.id,
            step=say.script,
            role=say.role,
            lang=lang,
            text=part,
            state=OutgoingState.DUE,
            created_at=now,
            due_at=now,
            expires_at=say.expires_at,
            choices=choices if is_last else (),
            attachments=say.attachments if is_last else (),
            code=say.code if number == 1 else "",
        )
