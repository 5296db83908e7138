"""A matter is solved, with its real cause (rules 44, 47, 120), or is opened again."""

from __future__ import annotations

from dataclasses import replace

from followup.after_sales.model import GrantState, Stage
from followup.after_sales.stages import CLOSING
from followup.causes import Cause
from followup.desk.command_names import causes
from followup.desk.names import first_named
from followup.desk.verbs import Verb
from followup.effects import AddNote, CancelReminders, Effect, Keep, SetThread
from followup.events import CaseMoved, Move
from followup.kinds.after_sales import AFTER_SALES
from followup.model import Choice, State, TaskState, Thread
from handlers.carry_out import carry_out
from handlers.case_moved import case_moved
from handlers.desk.answering_tasks import close
from handlers.desk.call import Call
from handlers.desk.told import Told
from handlers.outgoing import step_of
from handlers.promised import SAYS
from scripts_library.words import built_in

CAUSES = tuple(cause for cause in Cause if cause)


def resolve(call: Call) -> Told:
    """The matter is solved, its cause is known, and its tasks are done; an after-sales case is registered. Words of a
    person that wait to be pasted still do."""
    thread = call.thread
    if thread is None or not thread.kind:
        return call.not_done("not_followed")
    if thread.state.closed:
        return call.not_done("closed_already")
    cause, done = cause_named(f"{call.event.word} {call.event.text}")
    if cause is None:
        return call.not_done("which_cause", *_causes(call), asked=call.event.word, causes=_listed(call))
    if any(grant.state is GrantState.ASKED for grant in call.tx.grants_of(thread.id)):
        return call.not_done("answer_first")
    over = _register if thread.kind == AFTER_SALES.name else _solve
    thread = over(call, thread, cause, done)
    call.tx.save(replace(thread, cause=cause.value))
    count = _close_tasks(call, thread, done)
    more = {"count": count} if count else {}
    return call.told("resolved", cause=call.called(f"cause.{cause}"), text=done, **more)


def reopen(call: Call) -> Told:
    """A closed matter is a person's again; what was dropped when it was closed stays dropped."""
    thread = call.thread
    if thread is None or not thread.kind:
        return call.not_done("not_followed")
    if not thread.state.closed and thread.state is not State.SOLVED:
        return call.not_done("open_already")
    effects: list[Effect] = [AddNote(f"reopen {call.event.text}".strip(), call.person.id), SetThread(State.WITH_AGENT)]
    sale = call.tx.sale(thread.id)
    if sale is not None and sale.stage is Stage.REGISTER:
        stage = Stage.FOLLOW_THROUGH if sale.remedy else Stage.SOLVE
        effects += [CancelReminders("reopened", steps=(CLOSING,)), Keep(replace(sale, stage=stage))]
    carry_out(effects, replace(thread, agent=call.person.id), call.tx, call.deps, call.now)
    return call.told("reopened", who=call.name(call.person.id))


def cause_named(text: str) -> tuple[Cause | None, str]:
    """The cause that the first words name, by its code or by what agents call it in any language, and the words behind
    it."""
    named = {name: cause.value for cause in CAUSES for name in (cause.value, *_names(cause))}
    found, behind = first_named(text, {**named, **causes()})
    return (Cause(found) if found else None), behind


def _names(cause: Cause) -> tuple[str, ...]:
    of = f"cause.{cause}"
    found = (text for (script, lang, _), texts in built_in().items() if script == of for text in texts)
    return tuple(found)


def _register(call: Call, thread: Thread, cause: Cause, done: str) -> Thread:
    """As `huifang case cause` and `huifang case register`."""
    moved = CaseMoved(thread.shop, thread.order_id, Move.CAUSE, call.person.id, call.now, cause=cause)
    case_moved(moved, call.tx, call.deps)
    return case_moved(replace(moved, move=Move.REGISTER, text=done), call.tx, call.deps)


def _solve(call: Call, thread: Thread, cause: Cause, done: str) -> Thread:
    note = AddNote(f"resolve {call.written(f'cause.{cause}')} {done}".strip(), call.person.id)
    return carry_out([note, SetThread(State.SOLVED)], thread, call.tx, call.deps, call.now)


def _close_tasks(call: Call, thread: Thread, done: str) -> int:
    count = 0
    for task in call.tx.open_tasks(thread.id):
        if task.outgoing and step_of(task.outgoing, thread.id) == SAYS:
            continue
        count += 1
        state = TaskState.CANCELLED if task.outgoing else TaskState.DONE
        close(replace(task, state=state, answer=done), call)
    return count


def _causes(call: Call) -> tuple[Choice, ...]:
    return tuple(Choice(f"{Verb.RESOLVE}::{cause}", call.called(f"cause.{cause}")) for cause in CAUSES)


def _listed(call: Call) -> str:
    between = "、" if call.lang.startswith("zh") else ", "
    return between.join(call.called(f"cause.{cause}") for cause in CAUSES)
