"""Taking a matter, and giving it to somebody else."""

from __future__ import annotations

from dataclasses import replace

from followup.desk.alerting import SUPERVISORS, given, taken
from followup.desk.names import first_named
from followup.desk.people import Person, Rank
from followup.desk.verbs import Verb
from followup.model import Choice, Task, Thread
from handlers.desk import clocks
from handlers.desk.call import Call
from handlers.desk.ranks import supervisors_of
from handlers.desk.told import Told

FEW = 8


def take(call: Call) -> Told:
    """The matter is his from now on, with all its open tasks, or only the task that he names; what somebody else has
    only a supervisor takes over without being given it."""
    tasks, me = _takable(call), call.person.id
    if call.task is not None and not tasks:
        return call.not_done("supervisor_needed")
    if not tasks and not _is_open(call.thread):
        return call.not_done("nothing_to_take")
    other = _other(call, tasks)
    if other and call.person.rank < Rank.SUPERVISOR:
        return call.not_done("taken_already", who=call.name(other))
    if _is_his(call, tasks):
        return call.not_done("yours_already")
    _hand_over(call, [taken(task, me, call.now) for task in tasks], me)
    call.note(f"take_over {call.name(other)}" if other else "take")
    more = {"count": len(tasks)} if tasks else {}
    return call.told("taken", who=call.name(me), other=call.name(other), **more)


def give(call: Call) -> Told:
    """It is somebody else's from now on, who hears of it at once; whoever gives it to himself takes it. What somebody
    else has only he or a supervisor gives on."""
    to, words = _meant(call)
    if to is None:
        return call.not_done("whom", *_people(call), asked=call.event.to, people=_listed(call))
    if not to.works_for(call.shop):
        return call.not_done("not_theirs", who=call.name(to.id))
    tasks = call.tasks
    if not tasks and not _is_open(call.thread):
        return call.not_done("nothing_to_take")
    other = _other(call, tasks)
    if other and call.person.rank < Rank.SUPERVISOR:
        return call.not_done("taken_already", who=call.name(other))
    is_mine = to.id == call.person.id
    moved = (taken(task, to.id, call.now) if is_mine else given(task, to.id, call.now) for task in tasks)
    _hand_over(call, list(moved), to.id)
    call.note(f"give {call.name(to.id)} {words}")
    return call.told("given", who=call.name(to.id), by=call.name(call.person.id), text=words)


def _takable(call: Call) -> list[Task]:
    """What supervisors decide stays theirs, so that they go on hearing of it."""
    if call.person.id in supervisors_of(call.shop, call.deps):
        return call.tasks
    return [task for task in call.tasks if task.reason not in SUPERVISORS]


def _holders(call: Call, tasks: list[Task]) -> list[str]:
    """Who has it by now: whom the thread or one of the tasks belongs to, as long as he is one of the shop's people."""
    of_thread = call.thread.agent if call.thread and call.task is None else ""
    known = dict.fromkeys((of_thread, *(task.assignee for task in tasks)))
    return [who for who in known if who and call.deps.roster.named(who) is not None]


def _other(call: Call, tasks: list[Task]) -> str:
    """Who else has it, "" for nobody."""
    return next((who for who in _holders(call, tasks) if who != call.person.id), "")


def _is_his(call: Call, tasks: list[Task]) -> bool:
    """Whether there is nothing left that he could take."""
    me, thread = call.person.id, call.thread
    has_thread = call.task is not None or thread is None or not thread.kind or thread.agent == me
    return has_thread and all(task.assignee == me and task.taken_at is not None for task in tasks)


def _hand_over(call: Call, tasks: list[Task], to: str) -> None:
    """The tasks as they are now; with all of a thread its new ones go to him too."""
    for task in tasks:
        call.tx.save(task)
    if call.task is None and call.thread is not None and call.thread.kind:
        mine = replace(call.thread, agent=to)
        call.tx.save(mine)
        clocks.reconcile(mine, call.tx, call.deps, call.now)


def _is_open(thread: Thread | None) -> bool:
    return thread is not None and bool(thread.kind) and not thread.state.closed


def _meant(call: Call) -> tuple[Person | None, str]:
    """The person that the first words name, by his id or his name, and the words behind it."""
    event, roster = call.event, call.deps.roster
    if not roster.people:
        return roster.named(event.to) if event.to else None, event.text
    names = {name: each.id for each in roster.people.values() for name in (each.id, each.name) if name}
    id_, words = first_named(f"{event.to} {event.text}", names)
    return (roster.people[id_] if id_ else None), words


def _listed(call: Call) -> str:
    between = "、" if call.lang.startswith("zh") else ", "
    return between.join(call.name(each.id) for each in call.deps.roster.of_rank(Rank.AGENT, call.shop))


def _people(call: Call) -> tuple[Choice, ...]:
    """A button for each who may be given it, as long as they are few."""
    people = list(call.deps.roster.of_rank(Rank.AGENT, call.shop))[:FEW]
    return tuple(Choice(f"{Verb.GIVE}:{call.code}:{each.id}", call.name(each.id)) for each in people)
