"""A supervisor's word on a compensation that an agent asked for (rules 10, 75)."""

from __future__ import annotations

from followup.after_sales.compensation import NotAllowed
from followup.after_sales.model import Grant, GrantState
from followup.desk.codes import code_of
from followup.events import CompensationAnswered, Word
from followup.model import Task
from handlers.compensating import compensation_answered, request_id
from handlers.desk.call import Call
from handlers.desk.ranks import supervisors_of
from handlers.desk.told import Told
from handlers.money_said import case_beside
from scripts_library.lint import review_in

APPROVAL = "approval"


def approve(call: Call) -> Told:
    """The buyer is told of it, within what the shop's limits still allow."""
    grant = _asked(call)
    if grant is None:
        return call.not_done("nothing_asked")
    boss = supervisors_of(grant.shop, call.deps)
    if call.person.id not in boss:
        return call.not_done("supervisor_needed")
    if grant.asked_by in (call.person.id, call.person.name) and len(boss) > 1:
        return call.not_done("not_your_own")
    return _answered(grant, Word.APPROVED, "approved", call)


def refuse(call: Call) -> Told:
    """It is not offered, and who asked for it learns why; he may take it back himself."""
    grant = _asked(call)
    if grant is None:
        return call.not_done("nothing_asked")
    is_his = grant.asked_by in (call.person.id, call.person.name)
    if call.person.id not in supervisors_of(grant.shop, call.deps) and not is_his:
        return call.not_done("supervisor_needed")
    if not call.event.text.strip():
        return call.not_done("expected_refuse", code=call.code or code_of(request_id(grant)))
    return _answered(grant, Word.REFUSED, "refused", call)


def _answered(grant: Grant, word: Word, script: str, call: Call) -> Told:
    if review_in(call.event.text):
        return call.not_done("no_review")
    who = grant.asked_by if word is Word.REFUSED and grant.asked_by == call.person.name else call.person.id
    try:
        compensation_answered(CompensationAnswered(grant.id, word, who, call.now, call.event.text), call.tx, call.deps)
    except NotAllowed:
        return call.not_done("approve_too_much", amount=grant.amount)
    what = call.called(f"remedy.{grant.remedy}")
    return call.told(script, what=what, amount=grant.amount, who=call.name(grant.asked_by), text=call.event.text)


def _asked(call: Call) -> Grant | None:
    """The request that is meant: by its id, by its task, or the one that waits in this matter."""
    named = call.event.word or _of_task(call.task)
    if named:
        grant = call.tx.get(Grant, named)
        return grant if grant is not None and grant.state is GrantState.ASKED else None
    if call.thread is None:
        return None
    grants = (*call.tx.grants_of(call.thread.id), *call.tx.grants_of(case_beside(call.thread.id)))
    return next((grant for grant in grants if grant.state is GrantState.ASKED), None)


def _of_task(task: Task | None) -> str:
    """The id of the grant that a task asks for; "-" for a task that asks for none, which is no grant's id."""
    if task is None:
        return ""
    return f"{task.thread}/grant/{task.id.rpartition('/')[2]}" if task.reason == APPROVAL else "-"
