"""What the schedule sees of the program: a few bare questions to its database, asked over a connection of its own."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from followup.model import Instant
from store.codec import from_micros, to_micros
from tests.simulation.channel import Line

_DUE = (
    "SELECT min(due_at) FROM reminders WHERE state = 'pending' AND due_at > :now UNION ALL"
    " SELECT min(due_at) FROM outbox WHERE state = 'due' AND due_at > :now UNION ALL"
    " SELECT min(next_at) FROM deadlines WHERE state = 'running' AND next_at > :now UNION ALL"
    " SELECT min(retry_at) FROM raw_events WHERE state = 'waiting' AND retry_at > :now"
)
_WORK = {
    "words": "SELECT EXISTS(SELECT 1 FROM reminders WHERE state = 'pending' AND due_at <= :now) OR EXISTS(SELECT 1 FROM"
    " outbox WHERE state IN ('due', 'sending') AND (state = 'sending' OR due_at <= :now OR expires_at <= :now))",
    "events": "SELECT EXISTS(SELECT 1 FROM raw_events WHERE state = 'waiting')",
    "clocks": "SELECT EXISTS(SELECT 1 FROM deadlines WHERE state = 'running' AND next_at <= :now)",
    "photos": "SELECT EXISTS(SELECT 1 FROM evidence WHERE state = 'wanted' AND coalesce(retry_at, 0) <= :now)",
}
KINDS_OF_WORK = ("words", "events", "clocks")
"""What the program works off whenever it is due; photos are looked for now and then."""
_SAYS = "SELECT EXISTS(SELECT 1 FROM outbox WHERE state = 'due' AND channel = ?)"
_HANDLED = "SELECT EXISTS(SELECT 1 FROM raw_events WHERE channel = ? AND external_id = ? AND state = 'handled')"
_THREADS = "SELECT id FROM threads ORDER BY id"
_TASKS = "SELECT id, thread FROM tasks WHERE state = 'open' ORDER BY id"


class Sight:
    """Sees what is committed in the database of one world, whether the program lives or not."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(database, isolation_level=None)

    def next_due(self, now: Instant) -> Instant | None:
        """The first time after now at which something is due."""
        return min(
            (from_micros(at) for (at,) in self._all(_DUE, {"now": to_micros(now)}) if at is not None), default=None
        )

    def waits(self, kind: str, now: Instant) -> bool:
        """Whether there is work of that kind."""
        return self._is(_WORK[kind], {"now": to_micros(now)})

    def has_to_say(self, channel: str) -> bool:
        """Whether a message waits for this channel."""
        return self._is(_SAYS, (channel,))

    def was_handled(self, external_id: str) -> bool:
        """Whether an event of the line was handled."""
        return self._is(_HANDLED, (Line.name, external_id))

    def threads(self) -> list[str]:
        """All threads."""
        return [id_ for (id_,) in self._all(_THREADS)]

    def tasks(self) -> list[tuple[str, str]]:
        """The open tasks, each with its thread."""
        return self._all(_TASKS)

    def close(self) -> None:
        """Look no more."""
        self._connection.close()

    def _is(self, question: str, values: Any = ()) -> bool:
        return bool(self._connection.execute(question, values).fetchone()[0])

    def _all(self, question: str, values: Any = ()) -> list[Any]:
        return self._connection.execute(question, values).fetchall()
