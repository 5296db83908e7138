"""What would happen to everything that is overdue, without doing it."""

from __future__ import annotations

from dataclasses import dataclass

from followup.model import Decided, Instant, Outgoing, OutgoingState, Reminder
from handlers.deps import Deps
from handlers.reminder_due import fire_due
from store import outbox_rows
from store.sql_tx import SqlTx
from store.store import SqlStore
from store.tx import Tx

ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Overdue:
    """An overdue item: which, of which thread, since when, and what becomes of it."""

    what: str
    thread: str
    due_at: Instant
    fate: str


class _Undo(Exception):
    """Carries the answer out of a transaction that must not be kept."""

    def __init__(self, found: list[Overdue]) -> None:
        self.found = found


def rehearse(store: SqlStore, deps: Deps, now: Instant) -> list[Overdue]:
    """Decide all that is overdue as a start at `now` would, and undo it all again."""

    def decide(tx: Tx) -> None:
        assert isinstance(tx, SqlTx)
        waiting = _messages(tx, now)
        due = {r.id: r for r in tx.claim_due(now, ALL)}
        fire_due(tx, deps, now, ALL)
        raise _Undo([*waiting, *_reminders(tx, due)])

    try:
        store.run(decide)
    except _Undo as undo:
        return sorted(undo.found, key=lambda item: (item.due_at, item.what))
    raise AssertionError("unreachable: a rehearsal always undoes itself")


def _messages(tx: SqlTx, now: Instant) -> list[Overdue]:
    late = set(outbox_rows.expired(tx, now, ALL))
    found = []
    for message in outbox_rows.unfinished(tx, now):
        sending = message.state is OutgoingState.SENDING
        fate = "unsure: to an agent" if sending else "expired: dropped" if message.id in late else "sent"
        found.append(Overdue(message.id, message.thread, message.due_at, fate))
    return found


def _reminders(tx: Tx, due: dict[str, Reminder]) -> list[Overdue]:
    decided = {line.reminder: line for line in tx.written.lines if isinstance(line, Decided)}
    return [Overdue(id_, r.thread, r.due_at, _fate(id_, decided, tx)) for id_, r in due.items()]


def _fate(id_: str, decided: dict[str, Decided], tx: Tx) -> str:
    line = decided.get(id_)
    if line is None:
        return "to an agent"
    decision = line.decision
    if tx.get(Outgoing, id_) is not None:
        return "sent"
    if decision.verdict.value == "capped":
        return f"merged: waits until {decision.retry_at:%Y-%m-%d %H:%M} UTC"
    if decision.retry_at is not None:
        return f"{decision.verdict.value}: waits until {decision.retry_at:%Y-%m-%d %H:%M} UTC"
    return f"{decision.verdict.value}: dropped"
