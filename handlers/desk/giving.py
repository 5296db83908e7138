"""Giving the shop's people something to do: every task passes here, so that somebody hears of it."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.alerting import SUPERVISORS, due_at, is_urgent
from followup.model import Task, TaskState, Thread
from handlers.deps import Deps
from store.tx import Tx


def give(task: Task, tx: Tx, deps: Deps) -> Task:
    """Keep a new task, of which its people hear at once, given to who took its thread unless a supervisor decides it;
    returns it as it is kept. One that is there already stays as it is."""
    if known := tx.get(Task, task.id):
        return known
    thread, policy = tx.get(Thread, task.thread), deps.policies.get(task.shop)
    told, due = task.alert_at, task.due_at
    if task.state is TaskState.OPEN and policy is not None:
        told, due = told or task.created_at, due or due_at(task, policy)
    agent = thread.agent if thread and task.reason not in SUPERVISORS else ""
    task = replace(task, assignee=agent, urgent=is_urgent(task.reason), alert_at=told, due_at=due)
    tx.save(task)
    return task
