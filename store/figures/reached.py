"""When a message of ours reached its buyer: when it was sent, or on the platform's own chat when a person pasted it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case

from followup.model import TaskState
from followup.reach import PLATFORM
from store.schema import outbox, tasks

_PASTED = and_(
    outbox.c.channel == PLATFORM,
    tasks.c.thread == outbox.c.thread,
    tasks.c.outgoing == outbox.c.id,
    tasks.c.state == TaskState.DONE.value,
)


def messages() -> FromClause:
    """The messages, those to be pasted with the task that was done."""
    return outbox.outerjoin(tasks, _PASTED)


def reached_at() -> ColumnElement[Any]:
    """The moment; NULL for one that nobody pasted yet. To be selected from `messages()`."""
    return case((outbox.c.channel == PLATFORM, tasks.c.closed_at), else_=outbox.c.sent_at)
