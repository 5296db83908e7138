"""Reading what the shop's people are to be told, and how the tasks stand that they were shown. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, or_, select

from followup.model import Instant, Outgoing
from store.among import among
from store.codec import to_micros
from store.schema import in_state, outbox, tasks
from store.tables import KEPT

_due = (
    select(tasks.c.shop, tasks.c.id)
    .where(in_state(tasks, "open"), tasks.c.alert_at <= bindparam("now"), among(tasks.c.shop))
    .order_by(tasks.c.alert_at)
    .limit(bindparam("limit"))
)
_closed = select(tasks.c.id).where(among(tasks.c.id), tasks.c.state != "open")
_told = select(tasks.c.id).where(tasks.c.alerts > 0, among(tasks.c.shop))


def to_tell(connection: Connection, shops: Iterable[str], now: Instant, limit: int) -> list[tuple[str, str]]:
    """The open tasks (shop, id) of these shops of which people are to be told by now, the longest due first."""
    values = {"now": to_micros(now), "ids": list(shops), "limit": limit}
    return [(shop, id_) for shop, id_ in connection.execute(_due, values)]


def closed(connection: Connection, ids: Iterable[str]) -> list[str]:
    """Those of these tasks that are not open any more."""
    return list(connection.execute(_closed, {"ids": list(ids)}).scalars())


def shown(connection: Connection, shops: Iterable[str], since: Instant) -> list[str]:
    """The tasks of these shops of which people were told and that are open, or were closed since."""
    recent = or_(in_state(tasks, "open"), tasks.c.closed_at >= to_micros(since))
    return list(connection.execute(_told.where(recent), {"ids": list(shops)}).scalars())


def last_alerts(connection: Connection, channels: Iterable[str]) -> dict[str, Outgoing]:
    """The newest message of each of these channels that has any."""
    decode, found = KEPT[Outgoing].codec.decode, {}
    for channel in channels:
        newest = select(outbox).where(outbox.c.channel == channel).order_by(outbox.c.seq.desc()).limit(1)
        for row in connection.execute(newest):
            found[channel] = decode(row)
    return found
