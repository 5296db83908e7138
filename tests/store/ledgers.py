"""Ledgers to be audited, and what the audit says of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from followup.model import (
    Decided,
    Decision,
    Outgoing,
    OutgoingState,
    Reminder,
    ReminderState,
    Verdict,
)
from store.audit import Audit, audit
from store.store import SqlStore
from store.tx import Tx
from tests.store.makers import NOON, a_chat, a_message, a_reminder, an_order, keep

THREAD = "s/o1/unpaid_order"
HELP = f"{THREAD}/unpaid.help"
SENT = ("started@1", "accepted@2")


def a_decision(about: str = HELP, verdict: Verdict = Verdict.SENT, thread: str = THREAD) -> Decided:
    return Decided(thread, about, "s", "b1", "unpaid.help", NOON, Decision(verdict, ()))


def said(**more: Any) -> tuple[Reminder, Outgoing]:
    """A reminder that fired, and its message, which was sent unless told otherwise."""
    message = a_message(HELP, state=OutgoingState.SENT, history=SENT, attempts=1, sent_at=NOON, text="Hello")
    return a_reminder(state=ReminderState.FIRED), replace(message, **more)


def ledger(store: SqlStore, *items: object, decided: Iterable[Decided] = ()) -> None:
    """Write a ledger."""
    keep(store, an_order(), a_chat(), *items)

    def add(tx: Tx) -> None:
        for line in decided:
            tx.add(line)

    store.run(add)


def proof(store: SqlStore, *idempotent: str) -> Audit:
    with store.engine.connect() as connection:
        return audit(connection, idempotent)


def broken(store: SqlStore, *idempotent: str) -> list[str]:
    """The rules that the ledger breaks."""
    return [finding.rule for finding in proof(store, *idempotent).findings]
