"""What was written to the shop's own people and does not reach them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from followup.events import DeliveryResult, Outcome, Refusal
from followup.model import Note, Outgoing, OutgoingState, Task
from followup.policy import Policy
from handlers.delivery_result import delivery_result, expire
from handlers.desk.posting import post
from handlers.desk.undelivered import works_again
from store.memory import MemoryTx
from tests.followup.makers import NOON, SHOP, hours, minutes
from tests.handlers.desk.test_posting import GROUP, THERE


def a_posted(tx: MemoryTx, **more: Any) -> Outgoing:
    """A message on its way to the group."""
    said = post("", "alert", "a1", "words", tx, THERE, NOON, SHOP)
    assert said is not None
    said = replace(said, **{"state": OutgoingState.SENDING, "attempts": 1, **more})
    tx.save(said)
    return said


def answered(tx: MemoryTx, outcome: Outcome, **more: Any) -> Outgoing:
    """The message once its channel has answered."""
    event = DeliveryResult("desk/alert/a1", outcome, NOON + minutes(1), refusal=Refusal.BLOCKED, **more)
    delivery_result(event, tx, THERE)
    found = tx.get(Outgoing, "desk/alert/a1")
    assert found is not None
    return found


def test_a_refused_alert_is_a_task_of_its_own() -> None:
    """One for each way, with what the service said; no decision, note or promise is touched."""
    tx = MemoryTx()
    a_posted(tx)
    assert OutgoingState.FAILED is answered(tx, Outcome.REFUSED, error="93000: wrong key").state
    (task,) = tx.items[Task].values()
    assert ("alert_undelivered", "shop/telegram.desk") == (task.reason, task.thread)
    assert "93000: wrong key" in task.text
    assert not [line for line in tx.written.lines if isinstance(line, Note)]
    a_posted(tx)
    answered(tx, Outcome.REFUSED, error="93000: wrong key")
    assert 1 == len(tx.items[Task])


def test_a_way_that_works_again_is_nobodys_task() -> None:
    """What is open about it is closed, nothing else; and it is a task again if it fails again, an hour later."""
    tx, deps = MemoryTx(), replace(THERE, policies={SHOP: Policy(SHOP)})
    a_posted(tx)
    answered(tx, Outcome.REFUSED)
    tx.save(other := Task("t1", SHOP, f"{SHOP}/{GROUP}", "channel_login", "words", NOON))
    works_again("alerts.phone", tx, deps, NOON)
    assert ["alert_undelivered", "channel_login"] == sorted(task.reason for task in tx.every_open_task())
    works_again(GROUP, tx, deps, NOON)
    assert [other] == tx.every_open_task()
    a_posted(tx)
    delivery_result(DeliveryResult("desk/alert/a1", Outcome.REFUSED, NOON + hours(1)), tx, deps)
    assert ["alert_undelivered", "channel_login"] == sorted(task.reason for task in tx.every_open_task())


def test_an_alert_that_may_have_arrived_comes_again() -> None:
    """Twice is better than never."""
    tx = MemoryTx()
    a_posted(tx)
    assert OutgoingState.DUE is answered(tx, Outcome.UNSURE, error="timeout").state
    assert {} == tx.items[Task]


def test_pauses_grow_until_the_next_alert_takes_its_place() -> None:
    """One that cannot be told before the next is dropped without a task, for it is told with that."""
    tx = MemoryTx()
    a_posted(tx, attempts=3, expires_at=NOON + minutes(30))
    assert NOON + minutes(3) == answered(tx, Outcome.RETRY).due_at
    a_posted(tx, attempts=6, expires_at=NOON + minutes(30))
    assert OutgoingState.EXPIRED is answered(tx, Outcome.RETRY, error="HTTP 502").state
    assert {} == tx.items[Task]


def test_a_way_that_is_shut_for_an_hour_is_told_of() -> None:
    """What was tried for so long and has expired is a task; what was never tried is not."""
    tx = MemoryTx()
    a_posted(tx, state=OutgoingState.DUE, error="HTTP 502", expires_at=NOON + hours(1))
    expire("desk/alert/a1", tx, THERE, NOON + hours(1))
    assert ["alert_undelivered"] == [task.reason for task in tx.items[Task].values()]
    other = MemoryTx()
    a_posted(other, state=OutgoingState.DUE, attempts=0)
    expire("desk/alert/a1", other, THERE, NOON + hours(1))
    assert {} == other.items[Task]


def test_a_change_that_comes_too_late_is_no_loss() -> None:
    """Of a message that never went nothing can be changed, and nobody needs to hear of that."""
    tx = MemoryTx()
    a_posted(tx, edits="desk/card/t1")
    answered(tx, Outcome.REFUSED, error="the message that it changes never went")
    assert {} == tx.items[Task]
