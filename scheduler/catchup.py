"""What would become of everything that is overdue, found by doing it all, short of sending, and undoing it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from followup.model import Decided, Instant, Outgoing, OutgoingState, Reminder, ReminderState, Task, Verdict
from handlers.deps import Deps
from handlers.judged_again import has_waited
from handlers.reminder_due import BATCH, fire_due
from scheduler.outcomes import expire_late, judge_again, tidy_up
from store import outbox_rows
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.wanted import Wanted


class Fate(StrEnum):
    """What becomes of an overdue item."""

    SENT = "sent"
    MERGED = "merged"
    WAITS = "waits"
    DROPPED = "dropped"
    AGENT = "to an agent"
    NOTHING = "nothing to do"


@dataclass(frozen=True, slots=True)
class Overdue:
    """An overdue item: which, of which thread, since when, what becomes of it, why, and when it is looked at again."""

    what: str
    thread: str
    due_at: Instant
    fate: Fate
    why: str = ""
    until: Instant | None = None


def rehearse(store: SqlStore, deps: Deps, now: Instant) -> list[Overdue]:
    """What a start at `now` would do with each overdue item. Changes nothing."""
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin() as transaction:
        rehearsal = _Rehearsal(SqlTx(connection, store.dialect), deps, now)
        overdue = rehearsal.run()
        transaction.rollback()
    return sorted(overdue, key=lambda item: (item.due_at, item.what))


@dataclass
class _Rehearsal:
    tx: SqlTx
    deps: Deps
    now: Instant
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    for_agents: set[str] = field(default_factory=set)
    behind: dict[str, Instant] = field(default_factory=dict)

    def run(self) -> list[Overdue]:
        waiting = outbox_rows.unfinished(self.tx, self.now)
        self._written(len(tidy_up(self.tx, self.deps, self.now)))
        due: dict[str, Reminder] = {}
        while found := {r.id: r for r in self.tx.claim_due(self.now, BATCH)}:
            due = {**found, **due}
            self._written(fire_due(self.tx, self.deps, self.now, BATCH))
        while self._written(expire_late(self.tx, self.deps, self.now)):
            pass
        self._judge_again(waiting)
        self.behind = outbox_rows.behind(self.tx, self.now)
        return [*map(self._message, waiting), *map(self._reminder, due.values())]

    def _judge_again(self, waiting: list[Outgoing]) -> None:
        self.tx.load(Wanted(outgoing=tuple(message.id for message in waiting)))
        known = [self.tx.items[Outgoing][message.id,] for message in waiting]
        waited = [message.id for message in known if message.due_at <= self.now and has_waited(message, self.now)]
        judge_again(waited, self.tx, self.deps, self.now)
        self._written(0)

    def _written(self, count: int) -> int:
        """Write what was decided, to be read by the next round, and remember it."""
        lines = [line for line in self.tx.written.lines if isinstance(line, Decided)]
        self.verdicts |= {line.reminder: line.decision.verdict for line in lines}
        for key in self.tx.written.items[Task]:
            task = self.tx.items[Task][key]
            about = task.id.removeprefix(f"{task.thread}/{task.reason}/").removesuffix(f"/{task.reason}")
            self.for_agents |= {task.thread, about}
        self.tx.flush()
        self.tx.commit()
        return count

    def _message(self, before: Outgoing) -> Overdue:
        message = self.tx.get(Outgoing, before.id) or before
        fate, until = Fate.DROPPED, None
        if message.state is OutgoingState.DUE:
            fate, until = self._goes(message.id, message.due_at)
        elif message.id in self.for_agents:
            fate = Fate.AGENT
        why = "" if message.state is OutgoingState.DUE else message.state.value
        return Overdue(message.id, message.thread, before.due_at, fate, why, until)

    def _reminder(self, before: Reminder) -> Overdue:
        reminder = self.tx.items[Reminder][before.id,]
        verdict = self.verdicts.get(reminder.id)
        why = "" if verdict in (None, Verdict.SENT) else str(verdict)
        fate, until = self._fate(reminder, verdict), None
        if reminder.state is ReminderState.PENDING:
            until = reminder.due_at
        elif fate is Fate.SENT:
            fate, until = self._goes(reminder.id, self.now)
        return Overdue(reminder.id, reminder.thread, before.due_at, fate, why, until)

    def _goes(self, message: str, due_at: Instant) -> tuple[Fate, Instant | None]:
        """A message goes when it is due and no earlier one of its chat is before it."""
        until = max(due_at, self.behind.get(message, due_at))
        return (Fate.WAITS, until) if until > self.now else (Fate.SENT, None)

    def _fate(self, reminder: Reminder, verdict: Verdict | None) -> Fate:
        if verdict is Verdict.SENT:
            return Fate.SENT
        if reminder.state is ReminderState.PENDING:
            return Fate.MERGED if verdict is Verdict.CAPPED else Fate.WAITS
        if reminder.id in self.for_agents:
            return Fate.AGENT
        if verdict is not None:
            return Fate.DROPPED
        return Fate.AGENT if reminder.thread in self.for_agents else Fate.NOTHING
