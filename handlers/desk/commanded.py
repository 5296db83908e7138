"""One of the shop's people tells the bot to do something: who may, what it does, and what he is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from followup.desk.codes import Unclear
from followup.desk.people import Person, Rank
from followup.desk.verbs import Verb
from followup.events import Commanded
from followup.model import Chat, Task, Thread
from handlers.carry_out import no_thread
from handlers.deps import Deps
from handlers.desk import (
    answering_tasks,
    approving,
    asking,
    deciding,
    erasing,
    flagging,
    noting,
    pausing,
    planning,
    promising,
    putting_off,
    resolving,
    scripts,
    speaking,
    taking,
)
from handlers.desk.call import Call
from handlers.desk.meant import named_task
from handlers.desk.told import Told
from handlers.money_said import case_beside
from store.log_ids import about
from store.tx import Tx
from store.wanted import Wanted

LEAST: Mapping[Verb, Rank] = {**dict.fromkeys(Verb, Rank.AGENT), Verb.ERASE: Rank.OWNER}
"""Who may do what. A compensation is approved and refused by supervisors (`ranks.supervisors_of`), but who asked for
one may take it back; what somebody has taken is taken over by supervisors."""

ANYWHERE = frozenset((Verb.TASKS, Verb.HELP, Verb.SEARCH))
"""What is about no thread and no task."""


def wanted(event: Commanded) -> Wanted:
    """The thread or the chat it concerns, with the buyer's others and the case of the order, and the task."""
    return replace(beside(event.thread), tasks=(event.task,) if event.task else ())


def beside(of: str) -> Wanted:
    """A thread or a chat by its id, with the buyer's others and the case of the order; "" for nothing."""
    return Wanted(chats=(of,), threads=(of, case_beside(of))) if of else Wanted()


def commanded(event: Commanded, tx: Tx, deps: Deps) -> Told:
    """Carry out a command and say what came of it; a refusal is a Told too, not done. It never raises for what
    somebody typed, and of a stranger's command nothing is kept."""
    person = deps.roster.named(event.who)
    if person is None:
        return Told("desk.not_allowed", done=False)
    try:
        event, task = named_task(event, tx)
    except Unclear:
        return Told("desk.no_such_task", {"code": event.task}, done=False, about=event.thread)
    call = Call(event, person, _thread(event, task, tx), task, tx, deps)
    if call.shop and not person.works_for(call.shop):
        return Told("desk.not_allowed", done=False)
    if not call.shop and event.verb not in ANYWHERE:
        return Told("desk.which_matter", done=False)
    return _carry_out(call, person)


def _carry_out(call: Call, person: Person) -> Told:
    verb = call.event.verb
    if person.rank < LEAST[verb]:
        return call.not_done("rank_needed", rank=call.called(f"rank.{LEAST[verb].name.lower()}"))
    with about(thread=call.about):
        return _HOW[verb](call)


def _thread(event: Commanded, task: Task | None, tx: Tx) -> Thread | None:
    """The thread that is meant, or what stands for it in a chat where nothing is followed up."""
    id_ = task.thread if task is not None else event.thread
    if not id_:
        return None
    thread, chat = tx.get(Thread, id_), tx.get(Chat, id_)
    return thread or (no_thread(chat, event.at) if chat else None)


def _about(call: Call) -> Commanded:
    """The command, about the thread of the task that it names."""
    return replace(call.event, thread=call.about or call.event.thread)


def _help(call: Call) -> Told:
    return call.not_done("help")


_HOW: Mapping[Verb, Callable[[Call], Told]] = {
    Verb.TAKE: taking.take,
    Verb.GIVE: taking.give,
    Verb.NOTE: noting.note,
    Verb.FLAG: flagging.flag,
    Verb.SNOOZE: putting_off.snooze,
    Verb.LATER: putting_off.later,
    Verb.PROMISE: promising.promise,
    Verb.RESOLVE: resolving.resolve,
    Verb.REOPEN: resolving.reopen,
    Verb.NOW: planning.now,
    Verb.SKIP: planning.skip,
    Verb.MOVE: planning.move,
    Verb.REMEDY: deciding.remedy,
    Verb.OFFER: asking.offer,
    Verb.SEARCH: lambda call: scripts.search(_about(call), call.tx, call.deps),
    Verb.SEND: lambda call: scripts.send(_about(call), call.tx, call.deps),
    Verb.SAY: speaking.say,
    Verb.APPROVE: approving.approve,
    Verb.REFUSE: approving.refuse,
    Verb.PAUSE: pausing.pause,
    Verb.RESUME: pausing.resume,
    Verb.ERASE: lambda call: erasing.asked(_about(call), call.tx, call.deps),
    Verb.DONE: answering_tasks.done,
    Verb.FAILED: answering_tasks.failed,
    Verb.TASKS: answering_tasks.tasks,
    Verb.HELP: _help,
}
