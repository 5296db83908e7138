"""What became of each thread, as lines of the log: with `level = "debug"` one thread can be followed by its id.

The lines stand there after the commit that made them true, and hold states and ids alone, never words.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import structlog

from followup.evidence import Evidence
from followup.model import Decided, Inbound, Note, Outgoing, Reminder, Task, Thread
from store.sql_tx import SqlTx

log, level = structlog.get_logger(__name__), logging.getLogger(__name__)
Line = tuple[str, dict[str, str]]


def follow(tx: SqlTx) -> None:
    """Say what a commit brought, if somebody wants to know."""
    if level.isEnabledFor(logging.DEBUG):
        for event, ids in (*_items(tx), *_lines(tx)):
            log.debug(event, **{name: id_ for name, id_ in ids.items() if id_})


def _items(tx: SqlTx) -> Iterator[Line]:
    for cls, marks in tx.written.items.items():
        for key, is_new in marks.items():
            match tx.items[cls][key]:
                case Thread() as thread:
                    yield "thread", {"thread": thread.id, "state": thread.state.value, "outcome": thread.outcome}
                case Reminder() as reminder:
                    ids = {"thread": reminder.thread, "reminder": reminder.id, "state": reminder.state.value}
                    yield "reminder", ids | {"due": f"{reminder.due_at:%Y-%m-%dT%H:%M:%SZ}"}
                case Outgoing() as message:
                    ids = {"thread": message.thread or message.about, "message": message.id}
                    yield "message", ids | {"state": message.state.value, "channel": message.channel}
                case Task() as task:
                    ids = {"thread": task.thread, "task": task.id, "state": task.state.value}
                    yield "task", ids | {"reason": task.reason}
                case Evidence() as evidence:
                    yield "evidence", {"thread": evidence.thread, "state": evidence.state.value}
                case Inbound() as heard if is_new:
                    channel = heard.source.rpartition("/")[2]
                    yield "heard", {"thread": heard.chat, "event_id": f"{channel}/{heard.external_id}"}


def _lines(tx: SqlTx) -> Iterator[Line]:
    for line in tx.written.lines:
        match line:
            case Decided():
                ids = {"thread": line.thread, "reminder": line.reminder, "verdict": line.decision.verdict.value}
                yield "decided", ids | {"step": line.step, "channel": line.channel}
            case Note():
                yield "note", {"thread": line.thread, "who": "buyer" if line.who == "buyer" else "us"}
