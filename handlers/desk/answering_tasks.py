"""Answering tasks: done, or not to be done; and the list of what waits."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.codes import code_of
from followup.events import Action, AgentActed
from followup.model import Task
from handlers.agent_command import task_answered
from handlers.desk.call import Call
from handlers.desk.cards import line
from handlers.desk.meant import one_task
from handlers.desk.told import Told
from store.wanted import Wanted

APPROVAL = "approval"
SHOWN = 12


def done(call: Call) -> Told:
    """A task is done; of words to paste, they were pasted."""
    return _answer(call, Action.TASK_DONE, "task_done")


def failed(call: Call) -> Told:
    """A task cannot be done, and why; of words to paste, the buyer has not seen them."""
    return _answer(call, Action.TASK_NOT_DONE, "task_failed")


def tasks(call: Call) -> Told:
    """What waits for him, and what nobody has taken, urgent ones above, the most pressing first, each with its code."""
    tx, me = call.tx, call.person
    mine = [each for each in tx.every_open_task() if me.works_for(each.shop) and each.assignee in ("", me.id)]
    if not mine:
        return call.not_done("no_tasks")
    mine.sort(key=lambda each: (not each.urgent, each.due_at or each.created_at, each.id))
    tx.read_about(mine[:SHOWN])
    lines = "\n".join(line(each, tx, call.deps, call.now) for each in mine[:SHOWN])
    more = {"more": len(mine) - SHOWN} if len(mine) > SHOWN else {}
    return call.not_done("tasks", lines=lines, count=len(mine), **more)


def close(task: Task, call: Call) -> None:
    """Keep a task as one that he closed now."""
    call.tx.save(replace(task, closed_at=call.now, closed_by=call.person.id))


def _answer(call: Call, action: Action, script: str) -> Told:
    task = one_task(call)
    if isinstance(task, Told):
        return task
    if task.reason == APPROVAL:
        return call.not_done("approve_or_refuse", code=call.code)
    if action is Action.TASK_NOT_DONE and not task.outgoing and not call.event.text.strip():
        return call.not_done("expected_failed", code=code_of(task.id))
    if task.outgoing:  # which nobody has read for a task of the thread
        call.tx.load(Wanted(outgoing=(task.outgoing,)))
    event = AgentActed(task.thread, action, call.person.id, call.now, call.event.text.strip(), task.id)
    task_answered(event, call.tx, call.deps)
    return call.told(script, who=call.name(call.person.id), text=call.event.text)
