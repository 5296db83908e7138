"""Giving the shop's people something to do: every task passes here, so that somebody hears of it."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.alerting import due_at, is_urgent
from followup.model import Task, TaskState, Thread
from handlers.deps import Deps
from store.tx import Tx


def give(task: Task, tx: Tx, deps: Deps) -> Task:
    """Keep a new task, of which its people hear at once, given to who took its thread; returns it as it is kept."""
    thread = tx.get(Thread, task.thread)
    task = replace(task, assignee=thread.agent if thread else "", urgent=is_urgent(task.reason))
    policy = deps.policies.get(task.shop)
    if task.state is TaskState.OPEN and policy is not None:
        task = replace(task, alert_at=task.alert_at or task.created_at, due_at=task.due_at or due_at(task, policy))
    tx.save(task)
    return task
