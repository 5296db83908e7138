from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from followup.model import Decided, Decision, Note, OutgoingState, Reason, State, Task, TaskState, Verdict
from store import views
from store.store import SqlStore
from store.tx import Tx
from tests.store.makers import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    a_buyer,
    a_chat,
    a_message,
    a_refund,
    a_reminder,
    a_task,
    a_thread,
    an_order,
    keep,
)

THREAD = a_thread().id
REASONS = (
    Reason("settled", True),
    Reason("capped", False, (("last_nudge", "昨天"), ("by", "x")), NOON + DAY),
)
DECIDED = Decided(THREAD, "r1", "s", "b1", "unpaid.help", NOON, Decision(Verdict.CAPPED, REASONS, NOON + DAY), "manual")


@pytest.fixture
def reader(sql_store: SqlStore) -> Iterator[Connection]:
    """A connection to a shop with two threads, one of them closed."""
    closed = a_thread("o2", state=State.SETTLED, opened_at=NOON - DAY)
    person = a_buyer(name="Lin"), a_chat()
    keep(sql_store, an_order(), a_refund(), a_refund("r9", shop="t"), *person, a_thread(), closed)
    keep(sql_store, a_reminder(step="b", due=NOON + HOUR), a_reminder(step="a"), a_message("m1"), a_message("m2"))
    keep(sql_store, a_task("t2", created_at=NOON + MINUTE), a_task("t1"), a_task("t0", state=TaskState.DONE))
    keep(sql_store, a_task("t3", a_chat().id, created_at=NOON + HOUR))
    lines = Note(THREAD, NOON + HOUR, "mei", "later"), Note(THREAD, NOON, "lin", "hello"), Note("x", NOON, "x", "x")

    def add(tx: Tx) -> None:
        for line in (*lines, DECIDED):
            tx.add(line)

    sql_store.run(add)
    with sql_store.engine.connect() as connection:
        yield connection


def test_a_thread_by_its_id_or_its_order(reader: Connection) -> None:
    """People type what they have at hand."""
    assert [[THREAD], [THREAD], []] == [views.thread_ids(reader, wanted) for wanted in (THREAD, "o1", "o9")]


def test_a_story(reader: Connection) -> None:
    """Everything about a thread, each list in the order of time."""
    story = views.story(reader, THREAD)
    assert (a_thread(), [DECIDED]) == (story.thread, story.decisions)
    assert (["m1", "m2"], ["a", "b"]) == ([m.id for m in story.outgoing], [r.step for r in story.reminders])
    assert ["hello", "later"] == [note.text for note in story.notes]
    assert {"t0", "t1", "t2"} == {task.id for task in story.tasks}


def test_a_story_of_nothing(reader: Connection) -> None:
    """A thread that is not there is an error with its name."""
    with pytest.raises(LookupError, match="there is no thread 'o9'"):
        views.story(reader, "o9")


def test_threads(reader: Connection) -> None:
    """The newest first, open ones unless all are asked for, no more than asked for."""
    listed = [views.threads(reader, 9), views.threads(reader, 9, only_open=False), views.threads(reader, 0)]
    assert [["o1"], ["o1", "o2"], []] == [[thread.order_id for thread in threads] for threads in listed]


def test_open_tasks(reader: Connection) -> None:
    """What waits for a person, oldest first."""
    assert ["t1", "t2", "t3"] == [task.id for task in views.open_tasks(reader)]
    assert {"t1", "t2", "t3"} == set(views.open_task_ids(reader))


def test_waiting(reader: Connection) -> None:
    """A task comes with its order and the buyer's name, and without an order where it is about a chat."""
    rows = [(row.task.id, row.order_id, row.buyer) for row in views.waiting(reader)]
    assert [("t1", "o1", "Lin"), ("t2", "o1", "Lin"), ("t3", "", "Lin")] == rows


def test_urgent_tasks_stand_above(sql_store: SqlStore) -> None:
    """However late the others are."""
    late = Task("late", "s", "s", "channel_gap", "words", NOON, due_at=NOON)
    sql_store.run(lambda tx: [tx.save(each) for each in (late, replace(late, id="angry", urgent=True, due_at=None))])
    with sql_store.engine.connect() as connection:
        assert ["angry", "late"] == [row.task.id for row in views.waiting(connection)]


def test_facts(reader: Connection) -> None:
    """An order comes with the refunds of its own shop."""
    facts = views.facts(reader, "o1")
    assert facts is not None
    assert (an_order(), (a_refund(),), ()) == (facts.order, facts.refunds, facts.reviews)
    assert None is views.facts(reader, "o9")


def test_counts(reader: Connection) -> None:
    """How many rows each table holds."""
    assert {"orders": 1, "refunds": 2, "threads": 2, "tasks": 4, "notes": 3}.items() <= views.counts(reader).items()


def test_last_sent(sql_store: SqlStore) -> None:
    """The newest time at which a message went, if one ever did."""
    with sql_store.engine.connect() as connection:
        assert None is views.last_sent(connection)
    keep(sql_store, *(a_message(f"m{n}", state=OutgoingState.SENT, sent_at=NOON + n * HOUR) for n in range(3)))
    with sql_store.engine.connect() as connection:
        assert NOON + 2 * HOUR == views.last_sent(connection)
