"""The clocks of threads: those that somebody has to look at, and all that are open, for people."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from followup.desk.deadlines import Deadline
from followup.model import Instant
from store.codec import to_micros
from store.schema import buyers, chats, deadlines, in_state, threads
from store.tables import KEPT

_decode = KEPT[Deadline].codec.decode
_first_due = (
    select(deadlines, threads.c.id)
    .outerjoin(threads, threads.c.id == deadlines.c.thread)
    .where(in_state(deadlines, "running") & (deadlines.c.next_at <= bindparam("now")))
    .order_by(deadlines.c.next_at)
    .limit(bindparam("limit"))
)
_who = func.coalesce(func.nullif(buyers.c.name, ""), threads.c.buyer, chats.c.buyer, "")
_open = (
    select(deadlines, func.coalesce(threads.c.order_id, ""), func.coalesce(threads.c.kind, ""), _who)
    .outerjoin(threads, threads.c.id == deadlines.c.thread)
    .outerjoin(chats, chats.c.id == deadlines.c.thread)
    .outerjoin(
        buyers,
        (buyers.c.shop == deadlines.c.shop) & (buyers.c.id == func.coalesce(threads.c.buyer, chats.c.buyer)),
    )
    .where(in_state(deadlines, "running", "paused"))
    .order_by(deadlines.c.due_at, deadlines.c.id)
)
_of_thread = select(deadlines).where(deadlines.c.thread == bindparam("thread"))
_of_thread = _of_thread.order_by(deadlines.c.started_at, deadlines.c.id)


@dataclass(frozen=True, slots=True)
class Due:
    """A clock that has to be looked at; `of_thread` says that it is a thread's, else it is a chat's."""

    clock: Deadline
    of_thread: bool


@dataclass(frozen=True, slots=True)
class Ticking:
    """An open clock with the order it is about ("" for none), the kind of its thread ("" for a chat), and the buyer's
    name, or his id."""

    clock: Deadline
    order_id: str
    kind: str
    buyer: str


def first_due(connection: Connection, now: Instant, limit: int) -> list[Due]:
    """The first clocks that have to be looked at by now."""
    rows = connection.execute(_first_due, {"now": to_micros(now), "limit": limit})
    return [Due(_decode(row), row[-1] is not None) for row in rows]


def ticking(connection: Connection, shop: str = "") -> list[Ticking]:
    """The open clocks, of one shop if it is named, in the order in which they are due."""
    statement = _open.where(deadlines.c.shop == shop) if shop else _open
    return [Ticking(_decode(row), row[-3], row[-2], row[-1]) for row in connection.execute(statement)]


def clocks_of(connection: Connection, thread: str) -> list[Deadline]:
    """All clocks of a thread, also those that are over, in the order in which they began."""
    return [_decode(row) for row in connection.execute(_of_thread, {"thread": thread})]
