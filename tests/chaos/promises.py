"""What must hold after every fault (docs/chaos.md): a sentence for each promise that is broken, naming the row.

The ledger is compared with what the receiving end heard, which a program that is killed cannot change any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, select

from followup.model import Instant
from store.audit import audit
from store.codec import to_micros
from store.engine import open_engine
from store.schema import outbox, reminders, tasks

OWN = ("nudge", "notice")
UNSETTLED = ("due", "sending")


@dataclass(frozen=True, slots=True)
class Told:
    """A message as it reached the other end: in which chat, by its id in the outbox, and when."""

    chat: str
    id: str
    at: Instant


def broken(url: str, told: Sequence[Told], *, by: Instant | None = None, idempotent: Collection[str] = ()) -> list[str]:
    """All promises that the ledger and what was told (in the order of arrival) break; none is the proof.

    With `by`, everything due at that time must be done: a reminder still planned for then, a message still to be sent
    or an event still waiting is lost. `idempotent` channels drop repeats by themselves, and `told` is without them.
    """
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            findings = audit(connection, idempotent, by).findings
            ledger = _Ledger(connection)
            wrong = chain(_doubled(ledger, told), _lost(ledger, told), _disordered(ledger, told), _hidden(ledger))
            late = () if by is None else _late(connection, ledger, to_micros(by))
            return [*(f"audit: {one.rule} {one.id}: {one.what}" for one in findings), *wrong, *late]
    finally:
        engine.dispose()


class _Ledger:
    """The outbox by id, and the tasks of each thread that tell people of something."""

    def __init__(self, connection: Connection) -> None:
        names = ("id", "chat", "thread", "role", "state", "due_at", "history", "seq")
        rows = connection.execute(select(*(outbox.c[name] for name in names)).order_by(outbox.c.seq))
        self.rows = {row.id: row for row in rows}
        self._given: dict[str, list[Any]] = {}
        for task in connection.execute(select(tasks.c.thread, tasks.c.id, tasks.c.outgoing, tasks.c.text)):
            self._given.setdefault(task.thread, []).append(task)

    def is_shown(self, message: Row[Any]) -> bool:
        """Whether a task is about a message: by its key, or because its words list it."""
        return any(
            task.outgoing == message.id or task.id.endswith(f"/{message.id}") or message.id in task.text
            for task in self._given.get(message.thread, ())
        )


def _doubled(ledger: _Ledger, told: Sequence[Told]) -> Iterator[str]:
    """An own word goes once, ever; an answer once more for each attempt of which nobody knew what became of it."""
    for id_, times in Counter(one.id for one in told).items():
        row = ledger.rows.get(id_)
        if row is None:
            continue
        unknown = 0 if row.role in OWN else row.history.count("unsure@")
        if times > 1 + unknown:
            yield f"doubled: {id_} was told {times} times to {row.chat} (a {row.role}, {unknown} attempts uncertain)"


def _lost(ledger: _Ledger, told: Sequence[Told]) -> Iterator[str]:
    heard = {one.id for one in told}
    for one in told:
        row = ledger.rows.get(one.id)
        if row is None:
            yield f"lost: {one.id} was told to {one.chat}, but the ledger knows nothing of it"
        elif row.chat != one.chat:
            yield f"astray: {one.id} was told to {one.chat}, but it was for {row.chat}"
    for id_, row in ledger.rows.items():
        if row.state == "sent" and id_ not in heard:
            yield f"lost: {id_} counts as sent to {row.chat}, but nobody heard it"
        if id_ in heard and not row.history:
            yield f"lost: {id_} was told to {row.chat}, but its history knows of no attempt"


def _disordered(ledger: _Ledger, told: Sequence[Told]) -> Iterator[str]:
    """In each chat as in the outbox; only an answer may overtake words of our own."""
    latest: dict[tuple[str, bool], Row[Any]] = {}
    for one in told:
        row = ledger.rows.get(one.id)
        if row is None:
            continue
        own = row.role in OWN
        for kind in (True,) if own else (True, False):
            before = latest.get((one.chat, kind))
            if before is not None and before.seq > row.seq:
                yield f"disordered: {one.id} was told to {one.chat} after {before.id}, which stands behind it"
        before = latest.get((one.chat, own))
        if before is None or before.seq < row.seq:
            latest[one.chat, own] = row


def _hidden(ledger: _Ledger) -> Iterator[str]:
    for id_, row in ledger.rows.items():
        if row.state == "unsure" and not ledger.is_shown(row):
            yield f"hidden: {id_} is unsure, but no task tells a person"


def _late(connection: Connection, ledger: _Ledger, by: int) -> Iterator[str]:
    planned = select(reminders.c.id).where(reminders.c.state == "pending", reminders.c.due_at <= by)
    for id_ in connection.execute(planned.order_by(reminders.c.due_at)).scalars():
        yield f"lost: {id_} was due, but it is still planned"
    for id_, row in ledger.rows.items():
        if row.state == "sending" or (row.state == "due" and row.due_at <= by):
            yield f"lost: {id_} was due, but it is still {row.state}"
