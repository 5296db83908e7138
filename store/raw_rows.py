"""What channels delivered, on a database: what waits, what was put aside, and how far each channel was read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select, update

from followup.model import ChannelState, Instant, Raw, RawState
from store.codec import from_micros, to_micros
from store.schema import channel_states, cursors, in_state, raw_events
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tables import KEPT
from store.tx import Tx

KEPT_FOR = timedelta(days=7)
PORTION = 1000

_channel = raw_events.c.channel == bindparam("channel")
_ready = (
    select(raw_events)
    .where(in_state(raw_events, "waiting"), _channel)
    .where(or_(raw_events.c.retry_at.is_(None), raw_events.c.retry_at <= bindparam("now")))
    .order_by(raw_events.c.seq)
    .limit(bindparam("limit"))
)
_last = select(raw_events.c.at).where(_channel).order_by(raw_events.c.seq.desc()).limit(1)
_cursor = select(cursors.c.value).where(cursors.c.name == bindparam("name"))
_full = (
    select(raw_events.c.seq)
    .where(raw_events.c.seq > bindparam("after"), in_state(raw_events, "handled"))
    .where(raw_events.c.at < bindparam("before"), func.length(raw_events.c.body) > 0)
    .order_by(raw_events.c.seq)
    .limit(PORTION)
)
_asides = select(raw_events).where(in_state(raw_events, "put_aside")).order_by(raw_events.c.seq)
_unhandled = (
    select(
        raw_events.c.channel,
        func.sum(case((in_state(raw_events, "waiting"), 1), else_=0)),
        func.sum(case((in_state(raw_events, "put_aside"), 1), else_=0)),
    )
    .where(in_state(raw_events, "waiting", "put_aside"))
    .group_by(raw_events.c.channel)
)


@dataclass(frozen=True, slots=True)
class Aside:
    """A raw event that was put aside, with the number by which people name it."""

    number: int
    raw: Raw


def ready(tx: SqlTx, channel: str, now: Instant, limit: int) -> list[Raw]:
    """The first raw events of a channel that wait and whose time has come, in the order of their arrival."""
    rows = tx.connection.execute(_ready, {"channel": channel, "now": to_micros(now), "limit": limit})
    return [KEPT[Raw].codec.decode(row) for row in rows]


def last_heard(tx: SqlTx, channel: str) -> Instant | None:
    """When the newest raw event of a channel arrived."""
    at = tx.connection.execute(_last, {"channel": channel}).scalar()
    return None if at is None else from_micros(at)


def cursor(tx: SqlTx, name: str) -> str:
    """How far a channel was read; "" if it never was."""
    return tx.connection.execute(_cursor, {"name": name}).scalar() or ""


def cursors_like(connection: Connection, beginning: str) -> dict[str, str]:
    """All that is kept under names that begin so, by the rest of the name."""
    found = connection.execute(select(cursors).where(cursors.c.name.startswith(beginning, autoescape=True)))
    return {row.name.removeprefix(beginning): row.value for row in found}


async def forget_bodies(store: SqlStore, now: Instant, kept_for: timedelta = KEPT_FOR) -> None:
    """Empty the bodies of what was handled so long ago, in portions; the ids are kept, so that a repeat is
    still known. They are looked for beside the writer, which nobody has to wait for."""
    last = 0
    while numbers := await asyncio.to_thread(_numbers, store, to_micros(now - kept_for), last):
        await store.transact(partial(_empty, numbers=numbers))
        last = numbers[-1]


def _numbers(store: SqlStore, before: int, after: int) -> list[int]:
    with store.engine.connect() as connection:
        return list(connection.execute(_full, {"before": before, "after": after}).scalars())


def _empty(tx: Tx, numbers: list[int]) -> None:
    assert isinstance(tx, SqlTx)
    tx.connection.execute(update(raw_events).where(raw_events.c.seq.in_(numbers)).values(body=b""))


def try_again(tx: SqlTx, number: int) -> bool:
    """Have an event that was put aside wait to be handled once more; False if there is none of that number."""
    fresh = {"state": RawState.WAITING.value, "error": "", "tries": 0, "retry_at": None}
    aside = and_(raw_events.c.seq == number, in_state(raw_events, "put_aside"))
    return tx.connection.execute(update(raw_events).where(aside).values(fresh)).rowcount > 0


def asides(connection: Connection, limit: int) -> list[Aside]:
    """The first events that were put aside."""
    return [Aside(row.seq, KEPT[Raw].codec.decode(row)) for row in connection.execute(_asides.limit(limit))]


def unhandled(connection: Connection) -> dict[str, tuple[int, int]]:
    """For each channel with any: how many raw events wait, and how many were put aside."""
    return {channel: (int(wait), int(aside)) for channel, wait, aside in connection.execute(_unhandled)}


def states(connection: Connection) -> dict[str, ChannelState]:
    """How each channel that ever reported stands."""
    found = connection.execute(select(channel_states).order_by(channel_states.c.channel))
    return {state.channel: state for state in map(KEPT[ChannelState].codec.decode, found)}
