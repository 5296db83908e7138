"""A person of the shop did something: with a thread, or with a task."""

from __future__ import annotations

from dataclasses import replace

from followup.decide import decide_agent_acted
from followup.events import Action, AgentActed
from followup.model import Instant, Note, Outgoing, OutgoingState, Task, TaskState, Thread
from handlers.carry_out import carry_out
from handlers.deps import Deps
from handlers.desk import clocks
from handlers.held import told_by_a_person
from handlers.order_changed import case_of
from handlers.promised import SAYS, never_heard, told_by_task
from store.tx import Tx
from store.wanted import Wanted

BY_WORDS = frozenset(("buyer_message", "angry", "goods_talk"))
"""Tasks that are done once a person has written to the buyer."""


class NoSuchThread(LookupError):
    """There is no such thread."""


class NoSuchTask(LookupError):
    """There is no such open task."""


def wanted(event: AgentActed) -> Wanted:
    """The thread, and the buyer's others, for an opt-out concerns them all."""
    return Wanted(threads=(event.thread,))


def wanted_task(event: AgentActed) -> Wanted:
    """The task and the message it is about."""
    return Wanted(tasks=(event.task,))


def agent_acted(event: AgentActed, tx: Tx, deps: Deps) -> Thread:
    """Carry out what an agent said about a thread; returns it as it is now. Raises NoSuchThread."""
    thread = tx.get(Thread, event.thread)
    facts = tx.facts_of(thread) if thread else None
    if thread is None or facts is None:
        raise NoSuchThread(f"there is no thread {event.thread!r}")
    effects = decide_agent_acted(case_of(thread, facts, tx, deps), event, deps.policy(thread.shop))
    thread = carry_out(effects, thread, tx, deps, event.at)
    if event.action is Action.NOTE:
        clocks.noted(event.text, thread, tx, deps, event.at)
    return thread


def task_answered(event: AgentActed, tx: Tx, deps: Deps) -> Task:
    """Record that a task was done or could not be; words that were not pasted count as failed, and what was done in
    their place is not said again. Raises NoSuchTask."""
    task = tx.get(Task, event.task)
    if task is None or task.state is not TaskState.OPEN:
        raise NoSuchTask(f"there is no open task {event.task!r}")
    done = event.action is Action.TASK_DONE
    state = TaskState.DONE if done else TaskState.NOT_DONE
    task = replace(task, state=state, closed_at=event.at, closed_by=event.who, answer=event.text)
    tx.save(task)
    tx.add(Note(task.thread, event.at, event.who, f"{event.action.value} {task.reason} {event.text}".strip()))
    heard = done and told_by_task(task, tx, event.at)
    if done:
        told_by_a_person(task, tx, event.at)
    clocks.task_closed(task, heard, tx, deps, event.at)
    message = tx.get(Outgoing, task.outgoing) if task.outgoing else None
    if message is not None and not done:
        tx.save(replace(message, state=OutgoingState.FAILED, error=event.text or "not pasted"))
        never_heard(message, tx, event.at)
    elif message is not None and message.step == SAYS:
        answered_in_words(task.thread, event.who, tx, deps, event.at)
    return task


def answered_in_words(thread: str, who: str, tx: Tx, deps: Deps, now: Instant) -> None:
    """A person's words went to the buyer of a thread (or chat): the tasks that only wanted that are done."""
    for task in tx.open_tasks(thread):
        if task.reason in BY_WORDS:
            task_answered(AgentActed(thread, Action.TASK_DONE, who, now, "", task.id), tx, deps)
