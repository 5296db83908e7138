"""Which task a command means."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.codes import Unclear, code_of, meant
from followup.desk.command_names import is_word, typed_as
from followup.events import Commanded
from followup.model import Choice, Task, TaskState
from handlers.desk.call import Call
from handlers.desk.told import Told
from store.tx import Tx
from store.wanted import Wanted

FEW = 6


def named_task(event: Commanded, tx: Tx) -> tuple[Commanded, Task | None]:
    """The open task that a command names by its id or its code, and the command. Raises Unclear.

    What looks like a code and is none is the first word of the text where it is a known word; of anything else people
    are asked rather than that another task is done.
    """
    if not event.task:
        return event, None
    task = tx.get(Task, event.task) or _coded(event.task, event.thread, tx)
    if task is not None:
        return event, task
    if event.thread and is_word(event.task):
        return replace(event, task="", text=f"{event.task} {event.text}".strip()), None
    raise Unclear(event.task)


def one_task(call: Call) -> Task | Told:
    """The task that is meant: the one that is named, else the only one of the thread; what to say if there is none, or
    more than one, or it was answered already."""
    task, open_ = call.task, call.tasks
    if task is not None:
        return task if task.state is TaskState.OPEN else call.not_done("task_closed", who=call.name(task.closed_by))
    if len(open_) == 1:
        return open_[0]
    if not open_:
        return call.not_done("no_task")
    verb, chinese = call.event.verb, call.lang.startswith("zh")
    buttons = (Choice(f"{verb}:{code_of(each.id)}", code_of(each.id)) for each in open_[:FEW])
    return call.not_done(
        "which_task", *buttons, verb=typed_as(verb, chinese), code=code_of(open_[0].id), count=len(open_)
    )


def _coded(given: str, thread: str, tx: Tx) -> Task | None:
    """The open task of that code: of the thread, else of any, locked and read afresh before anybody changes it."""
    here = {task.id: task for task in tx.open_tasks(thread)} if thread else {}
    try:
        return here[meant(given, here)]
    except Unclear:
        pass
    try:
        id_ = meant(given, tx.open_task_ids())
    except Unclear:
        return None
    tx.load(Wanted(tasks=(id_,)))
    return tx.get(Task, id_)
