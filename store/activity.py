"""When something last happened in a thread: it was opened, ended, written in, or somebody did something about it.

People look at the newest first. It is kept beside the thread, in the transaction of what happened, since finding it out
among all messages would take too long.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import BindParameter, bindparam

from followup.model import Instant, Note, Outgoing, Thread
from store.codec import to_micros
from store.schema import threads
from store.tx import Tx

_at: BindParameter[int] = bindparam("at")
be_active = threads.update().where(threads.c.id == bindparam("thread"), threads.c.active_at < _at)
be_active = be_active.values(active_at=_at)


def activity_of(tx: Tx) -> list[dict[str, Any]]:
    """The threads in which something happens in this transaction, each with when that was."""
    found: dict[str, list[Instant]] = defaultdict(list)
    for line in tx.written.lines:
        if isinstance(line, Note):
            found[line.thread].append(line.at)
    messages, known = tx.items[Outgoing], tx.items[Thread]
    for key, is_new in tx.written.items[Outgoing].items():
        if is_new and messages[key].thread:
            found[messages[key].thread].append(messages[key].created_at)
    for key in tx.written.items[Thread]:
        found[key[0]] += filter(None, (known[key].opened_at, known[key].closed_at))
    new = {key[0]: known[key].opened_at for key, is_new in tx.written.items[Thread].items() if is_new}
    latest = {thread: max(when) for thread, when in found.items()}
    return [{"thread": id_, "at": to_micros(at)} for id_, at in latest.items() if at != new.get(id_)]
