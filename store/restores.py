"""When backups were restored, and what stood in them that may have been done since (docs/backup.md)."""

from __future__ import annotations

from sqlalchemy import Connection, Select, insert, select

from followup.model import Instant
from followup.restored import Gap
from store.codec import from_micros, to_micros
from store.schema import in_state, outbox, restores, tasks


def gaps(connection: Connection) -> tuple[Gap, ...]:
    """The times of which this database knows nothing, in their order."""
    rows = connection.execute(select(restores).order_by(restores.c.restored_at))
    return tuple(Gap(from_micros(row.backed_up_at), from_micros(row.restored_at)) for row in rows)


def note(connection: Connection, gap: Gap) -> None:
    """Remember a gap for good; of several restores in one second, one."""
    if connection.execute(select(restores.c.id).where(restores.c.id == gap.key)).first():
        return
    at = {"backed_up_at": to_micros(gap.begins), "restored_at": to_micros(gap.ends)}
    connection.execute(insert(restores).values(id=gap.key, **at))


def left_unsent(connection: Connection, until: Instant) -> list[str]:
    """The ids of messages that were being sent, or due by then, in the order of the outbox."""
    was_due = in_state(outbox, "due") & (outbox.c.due_at <= to_micros(until))
    return _ids(connection, select(outbox.c.id).where(was_due | in_state(outbox, "sending")).order_by(outbox.c.seq))


def left_to_paste(connection: Connection) -> list[str]:
    """The ids of open tasks with words that a person was to put before a buyer."""
    found = select(tasks.c.id).where(in_state(tasks, "open"), tasks.c.outgoing != "")
    return _ids(connection, found.order_by(tasks.c.created_at))


def _ids(connection: Connection, statement: Select[str]) -> list[str]:
    return list(connection.execute(statement).scalars())
