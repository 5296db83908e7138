"""Every new task has a time by which it is to be done, and somebody who hears of it."""

from __future__ import annotations

from dataclasses import replace

from followup.model import Task, TaskState
from followup.understood import Intent
from handlers.deps import Deps
from handlers.desk.giving import give
from scripts_library.library import Library
from store.memory import MemoryTx
from tests.followup.makers import NOON, POLICY, SHOP, a_case, hours, minutes
from tests.followup.makers import heard as understood

DEPS = Deps(Library.load(), {SHOP: POLICY}, lambda *_: understood(Intent.OTHER))
TASK = Task("t1", SHOP, "shop/1001/unpaid_order", "buyer_message", "words", NOON)


def test_people_hear_at_once() -> None:
    """It is told of now, and due when its buyer has waited long enough."""
    task = give(TASK, MemoryTx(), DEPS)
    assert (NOON, NOON + minutes(5), False) == (task.alert_at, task.due_at, task.urgent)


def test_it_goes_to_who_has_the_thread() -> None:
    """And what is urgent is marked."""
    tx = MemoryTx()
    tx.save(replace(a_case("unpaid_order").thread, agent="li"))
    task = give(replace(TASK, reason="angry"), tx, DEPS)
    assert ("li", True) == (task.assignee, task.urgent)
    assert task == tx.get(Task, "t1")


def test_it_is_given_once() -> None:
    """Words that are handed over again after a crash do not take a task from who has it, and reopen none."""
    tx = MemoryTx()
    done = replace(give(TASK, tx, DEPS), state=TaskState.DONE, assignee="li", taken_at=NOON)
    tx.save(done)
    assert done == give(TASK, tx, DEPS) == tx.get(Task, "t1")


def test_what_is_closed_already_is_told_to_nobody() -> None:
    """A report without findings is kept, and that is all."""
    task = give(replace(TASK, state=TaskState.DONE), MemoryTx(), DEPS)
    assert (None, None) == (task.alert_at, task.due_at)


def test_a_shop_that_is_no_longer_configured() -> None:
    """Its task is kept all the same, and shown where tasks are listed."""
    task = give(replace(TASK, shop="gone"), MemoryTx(), DEPS)
    assert (None, None) == (task.alert_at, task.due_at)


def test_a_time_of_its_own_is_kept() -> None:
    """Whoever gives a task may know by when it is to be done."""
    task = give(replace(TASK, due_at=NOON + hours(1), alert_at=NOON + minutes(9)), MemoryTx(), DEPS)
    assert (NOON + minutes(9), NOON + hours(1)) == (task.alert_at, task.due_at)
