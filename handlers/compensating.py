"""A compensation is asked for, or answered: by an agent, a supervisor, or the buyer through one of them."""

from __future__ import annotations

from dataclasses import replace

from followup.after_sales.compensation import NotAllowed
from followup.after_sales.granting import decide_answered, decide_asked
from followup.after_sales.model import Grant, GrantState
from followup.after_sales.offers import number_of, thread_of
from followup.events import CompensationAnswered, CompensationAsked, Word, thread_id
from followup.kinds import Case
from followup.model import Task, TaskState, Thread
from handlers.carry_out import carry_out
from handlers.deps import Deps
from handlers.desk.ranks import supervisors_of
from handlers.order_changed import case_of
from scripts_library.lint import review_in
from store.tx import Tx
from store.wanted import Wanted

KIND = "after_sales"


class NoCase(LookupError):
    """The order has no after-sales case, or the case no such grant."""


def wanted(event: CompensationAsked) -> Wanted:
    """The order's after-sales thread, with the buyer's others, for the review firewall concerns them all."""
    return Wanted(threads=(thread_id(event.shop, event.order_id, KIND),))


def wanted_answer(event: CompensationAnswered) -> Wanted:
    """The thread of the grant."""
    return Wanted(threads=(thread_of(event.grant),))


def compensation_asked(event: CompensationAsked, tx: Tx, deps: Deps) -> Grant:
    """Grant it or ask a supervisor; returns the grant as it stands. Raises NoCase, NotAllowed."""
    _check_note(event.text)
    case = _case(thread_id(event.shop, event.order_id, KIND), tx, deps)
    effects = decide_asked(case, event, deps.policy(event.shop), supervisors_of(event.shop, deps))
    carry_out(effects, case.thread, tx, deps, event.at)
    return max(tx.grants_of(case.thread.id), key=lambda grant: int(number_of(grant)))


def compensation_answered(event: CompensationAnswered, tx: Tx, deps: Deps) -> Grant:
    """Record a supervisor's or the buyer's word and do what follows; returns the grant as it stands. Raises NoCase,
    NotAllowed."""
    _check_note(event.text)
    case = _case(thread_of(event.grant), tx, deps)
    grant = tx.get(Grant, event.grant)
    if grant is None:
        raise NoCase(f"there is no offer {event.grant!r}")
    shop = case.thread.shop
    effects = decide_answered(case, grant, event, deps.policy(shop), supervisors_of(shop, deps))
    if grant.state is GrantState.ASKED:
        _close_request(grant, event, tx)
    carry_out(effects, case.thread, tx, deps, event.at)
    if event.word is Word.REFUSED:
        _tell_who_asked(grant, tx, deps)
    return tx.get(Grant, grant.id) or grant


def _case(thread: str, tx: Tx, deps: Deps) -> Case:
    found = tx.get(Thread, thread) if thread else None
    facts = tx.facts_of(found) if found else None
    if found is None or facts is None:
        raise NoCase("this order has no after-sales case")
    return case_of(found, facts, tx, deps)


def _check_note(text: str) -> None:
    """Nothing is given for a review, and nothing that looks like it (rules 77, 95)."""
    if words := review_in(text):
        raise NotAllowed(f"the note mentions a review (“{words}”), and nothing is offered for one (rules 77 and 95)")


def _tell_who_asked(grant: Grant, tx: Tx, deps: Deps) -> None:
    """That it was refused is for him to read, whoever has the matter by now."""
    asker = deps.roster.named(grant.asked_by)
    task = tx.get(Task, f"{grant.thread}/offer_refused/{number_of(grant)}")
    if asker is not None and task is not None:
        tx.save(replace(task, assignee=asker.id))


def request_id(grant: Grant) -> str:
    """The id of the task that asks a supervisor for it."""
    return f"{grant.thread}/approval/{number_of(grant)}"


def _close_request(grant: Grant, event: CompensationAnswered, tx: Tx) -> None:
    for task in tx.open_tasks(grant.thread):
        if task.id == request_id(grant):
            done = replace(task, state=TaskState.DONE, closed_at=event.at, closed_by=event.who, answer=event.text)
            tx.save(done)
