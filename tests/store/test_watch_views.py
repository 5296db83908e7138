"""What is watched of the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, text

from followup.model import (
    ChannelState,
    Health,
    Instant,
    Outgoing,
    OutgoingState,
    Raw,
    RawState,
    Reminder,
    ReminderState,
    Role,
    Task,
    TaskState,
)
from store import watch_views
from store.store import SqlStore
from store.tx import Tx
from store.watch_views import Watched
from tests.bot.tea import NOON

MINUTE = timedelta(minutes=1)


def a_message(number: int, state: OutgoingState, due_at: Instant = NOON, chat: str = "") -> Outgoing:
    """A message on channel web."""
    id_ = f"tea/{number}/unpaid_order/unpaid.help"
    chat = chat or f"tea/web/{number}"
    return Outgoing(
        id=id_,
        shop="tea",
        buyer=f"b{number}",
        chat=chat,
        channel="web",
        address=chat,
        thread=f"tea/{number}/unpaid_order",
        step="unpaid.help",
        role=Role.NUDGE,
        lang="en",
        text="words",
        state=state,
        created_at=NOON,
        due_at=due_at,
    )


def a_reminder(number: int, due_at: Instant, state: ReminderState = ReminderState.PENDING) -> Reminder:
    """One of a thread of its own."""
    thread = f"tea/{number}/unpaid_order"
    return Reminder(f"{thread}/unpaid.help", thread, "tea", f"b{number}", "unpaid.help", due_at, state=state)


def seen(store: SqlStore, now: Instant = NOON) -> Watched:
    """The figures at that time."""
    with store.engine.connect() as connection:
        return watch_views.read(connection, store.dialect, ["manual", "web"], now)


def save(store: SqlStore, *items: object) -> None:
    """Keep these."""

    def keep(tx: Tx) -> None:
        for item in items:
            tx.save(item)

    store.run(keep)


def test_nothing_is_late_in_an_empty_shop(sql_store: SqlStore) -> None:
    """No lag, no message, no task, no channel; and whoever looks is no worker."""
    found = seen(sql_store)

    assert (0, {"due": 0, "sending": 0, "unsure": 0, "failed": 0}) == (found.due_lag, found.outbox)
    assert ({False: 0, True: 0}, {}, {}) == (found.tasks, found.channels, found.waiting)
    assert (1, True) if sql_store.dialect.is_sqlite else (0, False) == (found.workers, found.is_led)


def test_the_oldest_that_may_go_is_the_lag(sql_store: SqlStore) -> None:
    """A reminder or a message, whichever has been due for longer; what is over, or due later, is none."""
    save(
        sql_store,
        a_reminder(1, NOON - MINUTE),
        a_reminder(2, NOON - 9 * MINUTE, ReminderState.FIRED),
        a_reminder(3, NOON + MINUTE),
    )
    of_reminders = seen(sql_store).due_lag
    save(sql_store, a_message(4, OutgoingState.DUE, NOON - 2 * MINUTE), a_message(5, OutgoingState.SENT, NOON - MINUTE))

    assert (60, 120) == (of_reminders, seen(sql_store).due_lag)


def test_what_waits_for_its_turn_in_a_chat_is_not_late(sql_store: SqlStore) -> None:
    """A message behind one that may go only tomorrow is no lag: nothing could be done about it."""
    tomorrow = NOON + timedelta(days=1)
    save(
        sql_store,
        a_message(1, OutgoingState.DUE, tomorrow, chat="tea/web/1"),
        a_message(2, OutgoingState.DUE, NOON - MINUTE, chat="tea/web/1"),
    )

    assert 0 == seen(sql_store).due_lag


def test_counts_by_state(sql_store: SqlStore) -> None:
    """Messages that nobody is done with, open tasks by urgency, events that wait, and how channels stand."""
    states = [OutgoingState.DUE] * 3 + [OutgoingState.SENDING] * 2 + [OutgoingState.UNSURE] + [OutgoingState.FAILED] * 4
    messages = [a_message(number, state) for number, state in enumerate((*states, OutgoingState.SENT))]
    task = Task("t1", "tea", "tea/1/unpaid_order", "unsure", "look", NOON)
    urgent, done = replace(task, id="t2", urgent=True), replace(task, id="t3", state=TaskState.DONE)
    waits = Raw("web", "1", b"{}", NOON)
    save(sql_store, *messages, task, urgent, done, waits, replace(waits, external_id="2", state=RawState.HANDLED))
    save(sql_store, ChannelState("web", Health.LOGIN, NOON))
    found = seen(sql_store)

    assert {"due": 3, "sending": 2, "unsure": 1, "failed": 4} == found.outbox
    assert ({False: 1, True: 1}, {"web": 1}) == (found.tasks, found.waiting)
    assert {"web": Health.LOGIN} == found.channels


def test_every_figure_comes_from_an_index(sql_store: SqlStore) -> None:
    """SQLite goes through no table from its beginning to its end, however large the shop is."""
    if not sql_store.dialect.is_sqlite:
        return
    asked: list[str] = []
    with sql_store.engine.connect() as connection:
        connection.connection.set_trace_callback(asked.append)
        watch_views.read(connection, sql_store.dialect, ["manual"], NOON)
        connection.connection.set_trace_callback(None)
        plans = {statement: _plan(connection, statement) for statement in asked if statement.startswith("SELECT")}

    assert len(plans) >= 6
    small = ("channel_states",)  # a row a channel
    assert [] == [
        step
        for steps in plans.values()
        for step in steps
        if step.startswith("SCAN") and "INDEX" not in step and not step.endswith(small)
    ]


def _plan(connection: Connection, statement: str) -> list[str]:
    return [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}".replace(":", r"\:")))]
