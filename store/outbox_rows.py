"""The outbox's rows on a database: lease, mark as sending, record. Narrow statements, for every message passes here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, update

from followup.events import DeliveryResult
from followup.model import Instant, Outgoing
from store.codec import from_micros, to_micros
from store.schema import in_state, outbox
from store.sql_tx import SqlTx
from store.tables import KEPT

_earlier = outbox.alias("earlier")
_waits_for_earlier = (
    select(_earlier.c.seq)
    .where(_earlier.c.chat == outbox.c.chat, _earlier.c.seq < outbox.c.seq, in_state(_earlier, "due", "sending"))
    .exists()
)
_due = (
    select(outbox)
    .where(
        in_state(outbox, "due"),
        outbox.c.channel == bindparam("channel"),
        outbox.c.due_at <= bindparam("now"),
        (outbox.c.leased_until.is_(None)) | (outbox.c.leased_until <= bindparam("now")),
        ~_waits_for_earlier,
    )
    .order_by(outbox.c.due_at, outbox.c.seq)
    .limit(bindparam("limit"))
)
_lease = (
    update(outbox).where(outbox.c.seq.in_(bindparam("seqs", expanding=True))).values(leased_until=bindparam("until"))
)
_mark = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)), in_state(outbox, "due"))
    .where((outbox.c.expires_at.is_(None)) | (outbox.c.expires_at > bindparam("now")))
    .values(state="sending", attempts=outbox.c.attempts + 1, history=outbox.c.history + bindparam("started"))
    .returning(outbox.c.id)
)
_release = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)), in_state(outbox, "due"))
    .values(leased_until=None)
)
_accepted = (
    update(outbox)
    .where(outbox.c.id == bindparam("message"), in_state(outbox, "sending"))
    .values(state="sent", sent_at=bindparam("at"), external_id=bindparam("external"), leased_until=None)
    .values(history=outbox.c.history + bindparam("line"))
)


def claim(tx: SqlTx, channel: str, now: Instant, until: Instant, limit: int) -> list[Outgoing]:
    """Lease the first due messages of a channel, at most one of each chat: the earliest that is not done."""
    values = {"channel": channel, "now": to_micros(now), "limit": limit}
    rows = tx.connection.execute(tx.dialect.skipping(_due), values).all()
    if rows:
        tx.connection.execute(_lease, {"seqs": [row.seq for row in rows], "until": to_micros(until)})
    return [KEPT[Outgoing].codec.decode(row) for row in rows]


def release(tx: SqlTx, messages: Sequence[Outgoing]) -> None:
    """Give leased messages back, to be claimed again at once."""
    if messages:
        tx.connection.execute(_release, {"ids": [message.id for message in messages]})


def release_all(tx: SqlTx) -> None:
    """Give every lease back: after a start nobody else holds one."""
    tx.connection.execute(update(outbox).where(in_state(outbox, "due")).values(leased_until=None))


def mark_sending(tx: SqlTx, messages: Sequence[Outgoing], now: Instant) -> list[Outgoing]:
    """Mark those that may still go, just before the call; what was cancelled or has expired since is left out."""
    if not messages:
        return []
    tx.lock_chats([message.chat for message in messages])
    at = to_micros(now)
    values = {"ids": [message.id for message in messages], "now": at, "started": f" started@{at}"}
    marked = set(tx.connection.execute(_mark, values).scalars())
    return [message for message in messages if message.id in marked]


def record_accepted(tx: SqlTx, results: Sequence[DeliveryResult]) -> None:
    """Record messages as sent."""
    rows: list[dict[str, Any]] = []
    for result in results:
        at = to_micros(result.at)
        rows.append({"message": result.outgoing, "at": at, "external": result.external_id, "line": f" accepted@{at}"})
    if rows:
        tx.connection.execute(_accepted, rows)


def next_due(tx: SqlTx, channel: str) -> Instant | None:
    """When the next message of a channel is due, if one waits."""
    waiting = select(func.min(outbox.c.due_at)).where(in_state(outbox, "due"), outbox.c.channel == channel)
    due = tx.connection.execute(waiting).scalar()
    return None if due is None else from_micros(due)


def in_flight(tx: SqlTx) -> list[str]:
    """The ids of messages marked as sending: after a start, those a crash left behind."""
    return list(tx.connection.execute(select(outbox.c.id).where(in_state(outbox, "sending"))).scalars())


def unfinished(tx: SqlTx, now: Instant) -> list[Outgoing]:
    """All messages that wait and are due, or were being sent."""
    waiting = in_state(outbox, "due") & (outbox.c.due_at <= to_micros(now))
    rows = tx.connection.execute(select(outbox).where(waiting | in_state(outbox, "sending")))
    return [KEPT[Outgoing].codec.decode(row) for row in rows]


def expired(tx: SqlTx, now: Instant, limit: int = 100) -> list[str]:
    """The ids of waiting messages that are too late to be sent."""
    late = select(outbox.c.id).where(in_state(outbox, "due"), outbox.c.expires_at <= to_micros(now)).limit(limit)
    return list(tx.connection.execute(late).scalars())
