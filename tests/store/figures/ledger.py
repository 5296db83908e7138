"""Ledgers of shop `s` to be counted. Noon is noon in Shanghai on Monday, 2 March 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from followup.model import Decided, Decision, Inbound, Instant, Note, Outgoing, OutgoingState, Role, Verdict
from store.figures import By, Scope, Tally, count_all
from store.store import SqlStore
from store.tx import Tx
from tests.store.makers import DAY, NOON, a_message, keep

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, tzinfo=SHANGHAI)
WEEK = Scope("s", SHANGHAI, MONDAY, MONDAY + 7 * DAY, NOON + 30 * DAY)


def counted(store: SqlStore, by: By = By.DAY, **more: Any) -> Tally:
    """The tally of the week, cut so."""
    with store.engine.connect() as connection:
        return count_all(connection, replace(WEEK, by=by, **more))


def tell(store: SqlStore, *lines: object) -> None:
    """Rows and lines (decisions, notes), in one transaction."""

    def add(tx: Tx) -> None:
        for line in lines:
            if isinstance(line, Decided | Note):
                tx.add(line)

    keep(store, *(line for line in lines if not isinstance(line, Decided | Note)))
    store.run(add)


def heard(id_: str, at: Instant, buyer: str = "b1", **more: Any) -> Inbound:
    """Something that a buyer wrote."""
    return replace(Inbound("tg", id_, "s", f"s/tg/{buyer}", at, "在吗"), **more)


def said(id_: str, at: Instant, step: str = "reply.received", buyer: str = "b1", **more: Any) -> Outgoing:
    """A reply that went out then."""
    sent = {"role": Role.REPLY, "state": OutgoingState.SENT, "created_at": at, "sent_at": at}
    return a_message(id_, buyer, step=step, **{"chat": f"s/tg/{buyer}", "channel": "tg", **sent, **more})


def judged(thread: str, at: Instant, verdict: Verdict = Verdict.SENT, step: str = "unpaid.help") -> Decided:
    """A decision on a message of a thread."""
    return Decided(thread, f"{thread}/{step}", "s", "b1", step, at, Decision(verdict, ()))
