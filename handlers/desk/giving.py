"""Giving the shop's people something to do: every task passes here, so that somebody hears of it."""

from __future__ import annotations

from dataclasses import replace

from followup.model import Task, TaskState, Thread
from store.tx import Tx


def give(task: Task, tx: Tx) -> Task:
    """Keep a new task, of which its people hear at once, given to who took its thread; returns it as it is kept."""
    thread = tx.get(Thread, task.thread)
    alert_at = task.created_at if task.state is TaskState.OPEN else None
    task = replace(task, assignee=thread.agent if thread else "", alert_at=alert_at)
    tx.save(task)
    return task
