"""What is watched of the database: a few figures, each from an index, whatever the size of the shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from followup.model import Health, Instant
from store import raw_rows
from store.codec import to_micros
from store.engine import Dialect
from store.leading import is_led, living
from store.outbox_rows import next_due
from store.schema import in_state, outbox, raw_events, reminders, tasks
from store.sql_tx import SqlTx

_SECOND = 1_000_000
_first_reminder = select(func.min(reminders.c.due_at)).where(in_state(reminders, "pending"))
_unsent = select(func.count()).select_from(outbox).where(in_state(outbox, "due", "sending"))
_due = select(func.count()).select_from(outbox).where(in_state(outbox, "due"))
_doubtful = select(outbox.c.state, func.count()).where(in_state(outbox, "unsure", "failed")).group_by(outbox.c.state)
_waiting = (
    select(raw_events.c.channel, func.count()).where(in_state(raw_events, "waiting")).group_by(raw_events.c.channel)
)
_tasks = select(tasks.c.urgent, func.count()).where(in_state(tasks, "open")).group_by(tasks.c.urgent)


@dataclass(frozen=True, slots=True)
class Watched:
    """`due_lag` are the seconds that the oldest thing which may go has been due; `outbox` are messages by state, of
    those that nobody is done with; `tasks` are the open ones, urgent and not; `waiting` are events by channel."""

    due_lag: float
    outbox: Mapping[str, int]
    tasks: Mapping[bool, int]
    channels: Mapping[str, Health]
    waiting: Mapping[str, int] = field(default_factory=dict)
    workers: int = 1
    is_led: bool = True


def read(connection: Connection, dialect: Dialect, senders: Sequence[str], now: Instant) -> Watched:
    """The figures as they are; `senders` are the channels through which something is sent."""
    workers = len(living(connection)) if not dialect.is_sqlite else 1
    return Watched(
        _lag(connection, dialect, senders, now),
        _outbox(connection),
        {bool(urgent): 0 for urgent in (False, True)} | _by_urgency(connection),
        {name: state.health for name, state in raw_rows.states(connection).items()},
        dict(map(tuple, connection.execute(_waiting))),
        workers,
        dialect.is_sqlite or is_led(connection),
    )


def _lag(connection: Connection, dialect: Dialect, senders: Sequence[str], now: Instant) -> float:
    """A message that waits behind another of its chat does not count, for it may not go yet."""
    moment, tx = to_micros(now), SqlTx(connection, dialect)
    dues = [connection.execute(_first_reminder).scalar()]
    dues += [to_micros(due) for each in senders if (due := next_due(tx, each, now)) is not None]
    return max(0, moment - min((due for due in dues if due is not None), default=moment)) / _SECOND


def _outbox(connection: Connection) -> dict[str, int]:
    due = connection.execute(_due).scalar_one()
    doubtful = dict(map(tuple, connection.execute(_doubtful)))
    sending = connection.execute(_unsent).scalar_one() - due
    return {"due": due, "sending": max(0, sending), "unsure": 0, "failed": 0} | doubtful


def _by_urgency(connection: Connection) -> dict[bool, int]:
    return {bool(urgent): count for urgent, count in connection.execute(_tasks)}
