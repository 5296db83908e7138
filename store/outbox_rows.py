"""The outbox's rows on a database: lease, mark as sending, record. Narrow statements, for every message passes here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, null, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from followup.events import DeliveryResult
from followup.model import Instant, Outgoing, Role
from store.among import among
from store.codec import from_micros, to_micros
from store.leading import of_nobody
from store.schema import in_state, outbox
from store.sql_tx import SqlTx
from store.tables import KEPT

ALONE = ""
"""The worker that is no one of many."""
_earlier = outbox.alias("earlier")
_OWN, _ANSWERS = (Role.NUDGE.value, Role.NOTICE.value), (Role.REPLY.value, Role.ALERT.value)
_before = outbox.alias("before")


def _still(state: str) -> ColumnElement[bool]:
    """The state of rows that are named by their ids, in words that no index answers: of a million due rows a planner
    who has not heard of them yet would rather read all than eight by their ids."""
    return outbox.c.state + literal_column("''") == literal_column(f"'{state}'")


_waits_itself = (
    select(_before.c.seq)
    .where(_before.c.chat == _earlier.c.chat, _before.c.seq < _earlier.c.seq, in_state(_before, "due", "sending"))
    .exists()
)
_may_overtake = and_(
    outbox.c.role.in_(_ANSWERS),
    _earlier.c.role.in_(_OWN),
    in_state(_earlier, "due"),
    or_(_earlier.c.due_at > bindparam("now"), _waits_itself),
)
_earlier_in_chat = (
    _earlier.c.chat == outbox.c.chat,
    _earlier.c.seq < outbox.c.seq,
    in_state(_earlier, "due", "sending"),
    ~_may_overtake,
)
_waits_for_earlier = select(_earlier.c.seq).where(*_earlier_in_chat).exists()
_behind = (
    select(outbox.c.id, func.max(_earlier.c.due_at))
    .where(*_earlier_in_chat, in_state(outbox, "due"), outbox.c.due_at <= bindparam("now"))
    .where(_earlier.c.due_at > bindparam("now"))
    .group_by(outbox.c.id)
)
_free = (
    in_state(outbox, "due"),
    outbox.c.channel == bindparam("channel"),
    (outbox.c.leased_until.is_(None)) | (outbox.c.leased_until <= bindparam("now")),
    ~_waits_for_earlier,
)
_due = (
    select(outbox)
    .where(*_free, outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.due_at, outbox.c.seq)
    .limit(bindparam("limit"))
)
_next_due = select(outbox.c.due_at).where(*_free).order_by(outbox.c.due_at, outbox.c.seq).limit(1)
_late = (
    select(outbox.c.id)
    .where(in_state(outbox, "due"), outbox.c.expires_at <= bindparam("now"))
    .limit(bindparam("limit"))
)
_lease = (
    update(outbox)
    .where(outbox.c.seq == bindparam("of"))
    .values(leased_until=bindparam("until"), sent_by=bindparam("worker"))
)
_mark = (
    update(outbox)
    .where(_still("due"), outbox.c.due_at <= bindparam("now"))
    .where((outbox.c.expires_at.is_(None)) | (outbox.c.expires_at > bindparam("now")))
    .values(state=literal_column("'sending'"), attempts=outbox.c.attempts + literal_column("1"), leased_until=null())
    .values(history=outbox.c.history + bindparam("started"), sent_by=bindparam("worker"))
    .returning(outbox.c.id)
)
_put_off = (
    update(outbox)
    .where(outbox.c.id == bindparam("message"), _still("due"))
    .values(due_at=bindparam("until"), leased_until=null())
)
_release = update(outbox).where(among(outbox.c.id), _still("due")).values(leased_until=None)
_first = outbox.alias("first")
_names = (
    select(outbox.c.id, _first.c.external_id)
    .join(_first, and_(_first.c.id == outbox.c.edits, _first.c.chat == outbox.c.chat))
    .where(among(outbox.c.id), in_state(_first, "sent"))
)
_unmark = (
    update(outbox)
    .where(among(outbox.c.id), _still("sending"), outbox.c.sent_by == bindparam("worker"))
    .where(outbox.c.history.endswith(bindparam("started")))
    .values(state=literal_column("'due'"), history=outbox.c.history + bindparam("again"))
)
_accepted = (
    update(outbox)
    .where(outbox.c.id == bindparam("message"), _still("sending"), outbox.c.sent_by == bindparam("worker"))
    .values(
        state=literal_column("'sent'"), leased_until=null(), sent_at=bindparam("at"), external_id=bindparam("external")
    )
    .values(history=outbox.c.history + bindparam("line"))
)
_of_worker = select(outbox.c.id).where(among(outbox.c.id), outbox.c.sent_by == bindparam("worker"))


def claim(tx: SqlTx, channel: str, now: Instant, until: Instant, limit: int, worker: str = ALONE) -> list[Outgoing]:
    """Lease the first due messages of a channel, at most one of each chat: the earliest that is not done.

    An answer to the buyer does not wait for words of our own that wait for the morning.
    """
    values = {"channel": channel, "now": to_micros(now), "limit": limit}
    rows = tx.connection.execute(tx.dialect.skipping(_due), values).all()
    if rows:
        moment = to_micros(until)
        tx.dialect.many(tx.connection, _lease, [{"of": row.seq, "until": moment, "worker": worker} for row in rows])
    return [KEPT[Outgoing].codec.decode(row) for row in rows]


def put_off(tx: SqlTx, until: Mapping[str, Instant]) -> None:
    """Give leased messages back, due again at these times."""
    if until:
        rows = [{"message": id_, "until": to_micros(when)} for id_, when in until.items()]
        tx.dialect.many(tx.connection, _put_off, rows)


def release(tx: SqlTx, messages: Sequence[Outgoing]) -> None:
    """Give leased messages back, to be claimed again at once."""
    if messages:
        tx.connection.execute(_release, {"ids": [message.id for message in messages]})


def release_all(tx: SqlTx) -> None:
    """Give back every lease that nobody holds who lives."""
    leased = in_state(outbox, "due") & outbox.c.leased_until.is_not(None)
    tx.connection.execute(
        update(outbox).where(leased, of_nobody(outbox.c.sent_by, tx.connection)).values(leased_until=None)
    )


def mark_sending(tx: SqlTx, messages: Sequence[Outgoing], now: Instant, worker: str = ALONE) -> list[Outgoing]:
    """Mark those that may still go as being sent by this worker, just before the call; what was cancelled or put off,
    or has expired since, is left out."""
    if not messages:
        return []
    tx.lock_chats([message.chat for message in messages])
    at = to_micros(now)
    values: dict[str, Any] = {f"id{n}": message.id for n, message in enumerate(messages)}
    values |= {"now": at, "started": f" started@{at}", "worker": worker}
    marked = set(tx.dialect.once(tx.connection, _mark_these(len(messages)), values).scalars())
    return [message for message in messages if message.id in marked]


@lru_cache(maxsize=64)
def _mark_these(count: int) -> ReturningUpdate[tuple[str]]:
    return _mark.where(outbox.c.id.in_([bindparam(f"id{n}") for n in range(count)]))


def unmark(tx: SqlTx, messages: Sequence[Outgoing], now: Instant, worker: str) -> None:
    """Give those back that this worker marked as sending at that time, and never began to send."""
    at = to_micros(now)
    values = {"worker": worker, "started": f" started@{at}", "again": f" retry@{at}"}
    tx.connection.execute(_unmark, {"ids": [message.id for message in messages], **values})


def known_as(tx: SqlTx, messages: Sequence[Outgoing]) -> dict[str, str]:
    """By which names the channel knows what these messages change, where that went to the same chat."""
    ids = [message.id for message in messages if message.edits]
    return dict(map(tuple, tx.connection.execute(_names, {"ids": ids}))) if ids else {}


def record_accepted(tx: SqlTx, results: Sequence[DeliveryResult], worker: str = ALONE) -> int:
    """Record messages as sent that this worker is sending; returns how many. Others were settled meanwhile."""
    rows: list[dict[str, Any]] = []
    for result in results:
        at = to_micros(result.at)
        told = {"message": result.outgoing, "at": at, "external": result.external_id, "line": f" accepted@{at}"}
        rows.append(told | {"worker": worker})
    return tx.dialect.many(tx.connection, _accepted, rows) if rows else 0


def of_worker(tx: SqlTx, ids: Sequence[str], worker: str) -> set[str]:
    """Those of these messages that this worker was the last to send."""
    return set(tx.connection.execute(_of_worker, {"ids": list(ids), "worker": worker}).scalars())


def next_due(tx: SqlTx, channel: str, now: Instant) -> Instant | None:
    """When the next message of a channel is due; what is leased or waits behind another is not next."""
    due = tx.connection.execute(_next_due, {"channel": channel, "now": to_micros(now)}).scalar()
    return None if due is None else from_micros(due)


def behind(tx: SqlTx, now: Instant) -> dict[str, Instant]:
    """The due messages that wait behind an earlier one of their chat, and when that is due."""
    rows = tx.connection.execute(_behind, {"now": to_micros(now)})
    return {id_: from_micros(due) for id_, due in rows}


def in_flight(tx: SqlTx) -> list[str]:
    """The ids of messages marked as sending by nobody who lives: those that a crash left behind."""
    left = select(outbox.c.id).where(in_state(outbox, "sending"), of_nobody(outbox.c.sent_by, tx.connection))
    return list(tx.connection.execute(left).scalars())


def unfinished(tx: SqlTx, now: Instant) -> list[Outgoing]:
    """All messages that wait and are due, or were being sent."""
    waiting = in_state(outbox, "due") & (outbox.c.due_at <= to_micros(now))
    rows = tx.connection.execute(select(outbox).where(waiting | in_state(outbox, "sending")))
    return [KEPT[Outgoing].codec.decode(row) for row in rows]


def expired(tx: SqlTx, now: Instant, limit: int = 100) -> list[str]:
    """The ids of waiting messages that are too late to be sent."""
    return list(tx.connection.execute(_late, {"now": to_micros(now), "limit": limit}).scalars())
