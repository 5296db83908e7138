"""The program broken on purpose, one promise each: the simulation has to notice (tests/simulation/test_seeds.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest import mock

from followup.effects import OptOut
from followup.events import DeliveryResult, Outcome
from followup.model import Outgoing, Reason, Verdict
from store import outbox_rows
from store.sql_tx import SqlTx


def crash_is_forgotten() -> AbstractContextManager[Any]:
    """After a crash what was being sent is simply due again: nobody is asked, and buyers hear it twice."""

    def due_again(tx: SqlTx, *_: Any) -> list[str]:
        tx.connection.exec_driver_sql("UPDATE outbox SET state = 'due' WHERE state = 'sending'")
        return []

    return mock.patch("scheduler.outbox.tidy_up", due_again)


def keys_are_ignored() -> AbstractContextManager[Any]:
    """What the channel has accepted is due once more: the key of a message stops no second one."""
    record = outbox_rows.record_accepted

    def and_again(tx: SqlTx, results: Sequence[DeliveryResult]) -> None:
        record(tx, results)
        for result in results:
            again = "UPDATE outbox SET state = 'due' WHERE id = :id AND attempts = 1"
            tx.connection.exec_driver_sql(again, {"id": result.outgoing})

    return mock.patch("scheduler.outbox.outbox_rows.record_accepted", and_again)


def nights_are_ignored() -> AbstractContextManager[Any]:
    """Quiet hours are not asked."""
    passes = Reason(Verdict.QUIET_HOURS, True)
    return mock.patch("followup.politeness._quiet", return_value=passes)


def stops_are_ignored() -> AbstractContextManager[Any]:
    """Who said stop is written to all the same."""

    passes = Reason(Verdict.OPTED_OUT, True)
    stack = ExitStack()
    stack.enter_context(mock.patch("followup.politeness._consent", return_value=passes))
    stack.enter_context(mock.patch.dict("handlers.carry_out._HOW", {OptOut: lambda *_: None}))
    return stack


def success_is_told_before_sending() -> AbstractContextManager[Any]:
    """A message counts as sent before it is: what the channel refuses, or a crash swallows, is lost."""
    mark = outbox_rows.mark_sending

    def as_sent(tx: SqlTx, messages: Any, now: Any) -> list[Outgoing]:
        marked = mark(tx, messages, now)
        outbox_rows.record_accepted(tx, [DeliveryResult(each.id, Outcome.ACCEPTED, now, "x") for each in marked])
        return marked

    return mock.patch("scheduler.outbox.outbox_rows.mark_sending", as_sent)


def cap_is_ignored() -> AbstractContextManager[Any]:
    """One buyer may be nudged as often as there are matters."""
    passes = Reason(Verdict.CAPPED, True)
    return mock.patch("followup.politeness._cap", return_value=passes)


MUTANTS: Mapping[str, Callable[[], AbstractContextManager[Any]]] = {
    each.__name__: each
    for each in (
        crash_is_forgotten,
        keys_are_ignored,
        nights_are_ignored,
        stops_are_ignored,
        success_is_told_before_sending,
        cap_is_ignored,
    )
}
